// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.dl4j.image.ImageIoDecoder;
import io.deepretrieval.eval.EvaluationListener;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Evaluator;
import io.deepretrieval.eval.HtmlReport;
import io.deepretrieval.eval.ResultJson;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** An evaluation with progress, its lines on the terminal, its report and its JSON. */
final class EvaluationRun {
  private static final int HITS_IN_JSON = 10;

  private final Terminal terminal;

  EvaluationRun(Terminal terminal) {
    this.terminal = terminal;
  }

  EvaluationResult run(DescriptorExtractor extractor, RetrievalDataSet data) {
    IndexProvider exact = Providers.indexes().get("exact");
    try (ProgressListener listener = new ProgressListener()) {
      return Evaluator.builder(extractor, () -> exact.create(Options.NONE))
          .listener(listener)
          .build()
          .run(data);
    }
  }

  void print(EvaluationResult result, RetrievalDataSet data) {
    terminal.print(
        "%s: %d queries, %d database pictures",
        data.name(), data.queries().size(), data.database().size());
    result.recipe().parts().forEach((name, value) -> terminal.print("  %s: %s", name, value));
    if (!result.skippedQueries().isEmpty()) {
      terminal.print("not scored, without a right answer: %d", result.skippedQueries().size());
    }
    terminal.print(
        "%d pictures skipped, extraction %.1f s, search %.2f s",
        result.failures().size(),
        result.timings().extraction().toNanos() / 1e9,
        result.timings().search().toNanos() / 1e9);
    terminal.print("random mAP %.4f", result.randomMeanAveragePrecision());
    terminal.print("mAP %.4f", result.meanAveragePrecision());
  }

  void writeJson(EvaluationResult result, Path file) throws IOException {
    ResultJson.write(result, file, HITS_IN_JSON);
  }

  void writeReport(EvaluationResult result, RetrievalDataSet data, Path file) throws IOException {
    HtmlReport.write(result, data, file, new ImageIoDecoder());
    terminal.print("report: %s", file);
  }

  /** Draws one bar a step. */
  private final class ProgressListener implements EvaluationListener, AutoCloseable {
    private Terminal.Progress bar = terminal.progress("", 0);

    @Override
    public void progress(Step step, int done, int total) {
      if (done == 0) {
        bar.close();
        bar = terminal.progress(step.name().toLowerCase(Locale.ROOT), total);
      } else {
        bar.reach(done);
      }
    }

    @Override
    public void failed(ExtractionReport.Failure failure) {
      terminal.warn("skipped: " + failure.reason());
    }

    @Override
    public void close() {
      bar.close();
    }
  }
}
