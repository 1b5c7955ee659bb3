// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Reranker;
import io.deepretrieval.cli.run.DryRun;
import io.deepretrieval.cli.run.DryRunReport;
import io.deepretrieval.cli.run.EvaluationRun;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.Providers;
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
      paramLabel = "NAME[:OPTION=VALUE:...]",
      split = ",",
      completionCandidates = KnownNames.Rerankers.class,
      description = "Reorder each result, one after the other: ${COMPLETION-CANDIDATES}.")
  private List<String> rerank = List.of();

  @Option(
      names = "--index",
      paramLabel = "NAME[:OPTION=VALUE:...]",
      defaultValue = EvaluationPrinter.DEFAULT_INDEX,
      completionCandidates = KnownNames.Indexes.class,
      description =
          "What searches, without --cache: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String index = EvaluationPrinter.DEFAULT_INDEX;

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  EvaluateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    String name = dataSet.name(spec);
    Path root = dataSet.root();
    List<Reranker> rerankers = rerankers();
    requireIndex();
    List<String> missing = new ArrayList<>();
    RetrievalDataSet data =
        dryRun ? dataSet.readDespiteMissing(spec, missing::add) : dataSet.read(spec);
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
        return dryRun(extractor, data, missing, root) ? 0 : 1;
      }
      EvaluationPrinter printer = new EvaluationPrinter(terminal, index);
      EvaluationResult result = printer.run(evaluation(extractor, data, rerankers));
      printer.print(result, data);
      if (json != null) {
        printer.writeJson(result, json);
      }
      if (report != null) {
        printer.writeReport(result, data, extractor, report);
      }
      return 0;
    }
  }

  private boolean dryRun(
      DescriptorExtractor extractor, RetrievalDataSet data, List<String> missing, Path root)
      throws IOException {
    try (TerminalListener listener = new TerminalListener(terminal)) {
      DryRun.Builder run =
          DryRun.builder(extractor, data).missing(missing).root(root).listener(listener);
      if (cache != null) {
        run.cache(cache);
      }
      DryRunReport found = run.build().run();
      listener.endLine();
      new DryRunPrinter(terminal).print(found, cache != null);
      return found.isComplete();
    }
  }

  private EvaluationRun.Builder evaluation(
      DescriptorExtractor extractor, RetrievalDataSet data, List<Reranker> rerankers) {
    EvaluationRun.Builder run = EvaluationRun.builder(extractor, data).rerankers(rerankers);
    if (cache != null) {
      return run.cache(cache);
    }
    NamedPart part = NamedPart.parse("an index", index);
    IndexProvider provider = Providers.indexes().get(part.name());
    return run.index(() -> provider.create(part.options()));
  }

  /** Refuses an index that cannot be made before anything is described. */
  private void requireIndex() {
    if (cache != null && spec.commandLine().getParseResult().hasMatchedOption("--index")) {
      throw new ParameterException(
          spec.commandLine(),
          "--index must not go with --cache, whose vectors are searched exactly");
    }
    NamedPart part = Usage.of(spec, () -> NamedPart.parse("an index", index));
    Usage.of(spec, () -> Providers.indexes().get(part.name()).create(part.options()));
  }

  private List<Reranker> rerankers() {
    return Usage.of(spec, () -> Rerankers.of(rerank));
  }
}
