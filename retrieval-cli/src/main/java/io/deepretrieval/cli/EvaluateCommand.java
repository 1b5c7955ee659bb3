// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Reranker;
import io.deepretrieval.cli.run.DryRun;
import io.deepretrieval.cli.run.EvaluationRun;
import io.deepretrieval.cli.run.Terminal;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code evaluate}: the score of a recipe on a data set. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Scores a recipe on a data set by the data set's protocol.")
final class EvaluateCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private DataSetOptions dataSet = new DataSetOptions();

  @Option(
      names = "--distractors",
      paramLabel = "DIR",
      description = "Search these images too; none of them is right for a query.")
  private @Nullable Path distractors;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write a page with the ranked images.")
  private @Nullable Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Keep the vectors there and describe no image twice, whatever the protocol, the"
              + " re-ranker or the data set; after an interruption go on.")
  private @Nullable Path cache;

  @Option(
      names = "--dry-run",
      description =
          "List missing, unreadable and surplus images, the largest, and the memory and time"
              + " expected, and describe only a few. Exit code 1 if one is missing or unreadable.")
  private boolean dryRun;

  @Option(
      names = "--rerank",
      paramLabel = "NAME[:OPTION=VALUE]",
      split = ",",
      completionCandidates = KnownNames.Rerankers.class,
      description =
          "Reorder each result, one after the other: ${COMPLETION-CANDIDATES}.")
  private List<String> rerank = List.of();

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  EvaluateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    String name = dataSet.name(spec);
    Path root = dataSet.root();
    List<Reranker> rerankers = rerankers();
    List<String> missing = new ArrayList<>();
    RetrievalDataSet data =
        dryRun ? DataSets.readDespiteMissing(name, root, missing::add) : DataSets.read(name, root);
    if (distractors != null) {
      data = DataSets.withDistractors(data, distractors);
    }
    String folder = String.valueOf(root.toRealPath().getFileName());
    if (extraction.whitenings().stream()
        .anyMatch(
            w -> DataSets.share(w.fittedOn(), name) || DataSets.share(w.fittedOn(), folder))) {
      terminal.print("warning: the whitening was fitted on the data that it is tested on");
    }
    try (DescriptorExtractor extractor = extraction.open()) {
      if (dryRun) {
        return new DryRun(terminal).run(extractor, data, missing, root, cache) ? 0 : 1;
      }
      EvaluationRun run = new EvaluationRun(terminal);
      EvaluationResult result =
          cache == null
              ? run.run(extractor, data, rerankers)
              : run.run(extractor, data, rerankers, cache);
      run.print(result, data);
      if (json != null) {
        run.writeJson(result, json);
      }
      if (report != null) {
        run.writeReport(result, data, extractor, report);
      }
      return 0;
    }
  }

  private List<Reranker> rerankers() {
    try {
      return Rerankers.of(rerank);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
