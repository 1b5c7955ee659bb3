// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.cli.run.EvaluationRun;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.report.HtmlReport;
import io.deepretrieval.eval.report.ResultJson;
import io.deepretrieval.image.ImageIoDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** An evaluation on the terminal, and its report and JSON. */
final class EvaluationPrinter {
  /** What searches if nothing else is asked for. */
  static final String DEFAULT_INDEX = "exact";

  private static final int HITS_IN_JSON = 10;

  private final Terminal terminal;
  private final String index;

  EvaluationPrinter(Terminal terminal) {
    this(terminal, DEFAULT_INDEX);
  }

  /** The index is named in the report, and another than the default on the terminal too. */
  EvaluationPrinter(Terminal terminal, String index) {
    this.terminal = terminal;
    this.index = index;
  }

  /** Evaluates with progress and without anything else. */
  EvaluationResult run(DescriptorExtractor extractor, RetrievalDataSet data) throws IOException {
    return run(EvaluationRun.builder(extractor, data));
  }

  /** Evaluates with progress. */
  EvaluationResult run(EvaluationRun.Builder evaluation) throws IOException {
    try (TerminalListener listener = new TerminalListener(terminal)) {
      return evaluation.listener(listener).build().run().result();
    }
  }

  void print(EvaluationResult result, RetrievalDataSet data) {
    terminal.print(
        "%s: %d queries, %d database images",
        data.name(), data.queries().size(), data.database().size());
    result.recipe().parts().forEach((name, value) -> terminal.print("  %s: %s", name, value));
    if (!index.equals(DEFAULT_INDEX)) {
      terminal.print("  index: %s", index);
    }
    result.rerankers().forEach(recipe -> terminal.print("  re-ranked: %s", recipe));
    terminal.print(
        "%d images skipped, extraction %.1f s, search %.2f s",
        result.failures().size(),
        result.timings().extraction().toNanos() / 1e9,
        result.timings().search().toNanos() / 1e9);
    if (result.depth() < result.databaseSize()) {
      terminal.print("rankings go to %d of %d", result.depth(), result.databaseSize());
    }
    for (ProtocolResult protocol : result.protocols()) {
      print(protocol);
    }
    ProtocolResult first = result.protocols().get(0);
    Metric headline = first.metrics().get(0);
    terminal.print("random mAP %.4f", first.randomMeanAveragePrecision());
    terminal.print("%s %.4f", headline.name(), first.score(headline));
  }

  private void print(ProtocolResult protocol) {
    String scores =
        protocol.scores().entrySet().stream()
            .map(score -> String.format(Locale.ROOT, "%s %.4f", score.getKey(), score.getValue()))
            .collect(Collectors.joining(", "));
    int skipped = protocol.skippedQueries().size();
    terminal.print(
        "%s: %s over %d queries%s",
        protocol.name(),
        scores,
        protocol.queries().size(),
        skipped == 0 ? "" : "; " + skipped + " without a right answer");
  }

  void writeJson(EvaluationResult result, Path file) throws IOException {
    ResultJson.write(result, file, HITS_IN_JSON);
  }

  /** The extractor is that of the run and still open: it explains the images that are shown. */
  void writeReport(
      EvaluationResult result, RetrievalDataSet data, DescriptorExtractor extractor, Path file)
      throws IOException {
    HtmlReport.Options options =
        HtmlReport.Options.builder()
            .explain(extractor)
            .fact("index", index)
            .fact("seed of the run", "none: extraction and exact search draw nothing")
            .build();
    HtmlReport.write(result, data, file, new ImageIoDecoder(), options);
    terminal.print("report: %s", file);
  }
}
