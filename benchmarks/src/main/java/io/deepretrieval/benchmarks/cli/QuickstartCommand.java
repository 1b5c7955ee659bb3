// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.benchmarks.scene.SceneGenerator;
import io.deepretrieval.eval.DataSets;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstart}: the whole way on pictures that the program draws. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description =
        "Draws landmark photos, describes them, searches, scores and writes a page with the ranked"
            + " pictures. Needs no file and no network.")
final class QuickstartCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "quickstart",
      description = "An empty or absent directory. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("quickstart");

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the pictures and of the network's weights. Default: ${DEFAULT-VALUE}.")
  private int seed = 1;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  private @Nullable Path json;

  QuickstartCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    requireEmpty();
    long start = System.nanoTime();
    Path data = out.resolve("landmarks");
    SceneGenerator scenes = SceneGenerator.builder().seed(seed).build();
    try (Terminal.Progress progress = terminal.progress("draw", scenes.pictures())) {
      scenes.writeOxford(data, progress::reach);
    }
    terminal.print(
        "drew %d pictures in %s, in the layout of Oxford 5k, in %.1f s",
        scenes.pictures(), data, (System.nanoTime() - start) / 1e9);
    RetrievalDataSet read = DataSets.read("oxford5k", data);
    try (DescriptorExtractor extractor =
        ExtractionOptions.of("resnet18", seed, "layer4", "gem").open()) {
      EvaluationRun run = new EvaluationRun(terminal);
      EvaluationResult result = run.run(extractor, read);
      run.print(result, read);
      run.writeReport(result, read, out.resolve("report.html"));
      if (json != null) {
        run.writeJson(result, json);
      }
    }
    terminal.print(
        "the network has random weights; it took %.1f s altogether",
        (System.nanoTime() - start) / 1e9);
    return 0;
  }

  private void requireEmpty() throws IOException {
    if (Files.exists(out)) {
      try (Stream<Path> inside = Files.list(out)) {
        if (inside.findAny().isPresent()) {
          throw new IOException("output directory must be empty but is not: " + out);
        }
      }
    }
  }
}
