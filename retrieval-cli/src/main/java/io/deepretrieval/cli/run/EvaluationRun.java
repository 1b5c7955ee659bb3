// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.eval.DescriptorProvider;
import io.deepretrieval.eval.EvaluationListener;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Evaluator;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.report.HtmlReport;
import io.deepretrieval.eval.report.ResultJson;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An evaluation with progress, its lines on the terminal, its report and its JSON. */
public final class EvaluationRun {
  private static final int HITS_IN_JSON = 10;

  /**
   * Hits of a query in memory: the report and the JSON show fewer, a database may have millions.
   */
  private static final int HITS_KEPT = 100;

  private final Terminal terminal;

  public EvaluationRun(Terminal terminal) {
    this.terminal = terminal;
  }

  public EvaluationResult run(DescriptorExtractor extractor, RetrievalDataSet data) {
    return run(extractor, data, List.of());
  }

  public EvaluationResult run(
      DescriptorExtractor extractor, RetrievalDataSet data, List<Reranker> rerankers) {
    IndexProvider exact = Providers.indexes().get("exact");
    return run(Evaluator.builder(extractor, () -> exact.create(Options.NONE)), data, rerankers);
  }

  /** Describes only what the cache does not have. */
  public EvaluationResult run(
      DescriptorExtractor extractor, RetrievalDataSet data, List<Reranker> rerankers, Path cache)
      throws IOException {
    CachingProvider describer = new CachingProvider(cache, extractor);
    try {
      EvaluationResult result = run(Evaluator.builder(describer), data, rerankers);
      terminal.print(
          "cache: %d vectors were there, %d added in %s",
          describer.kept(),
          describer.described(),
          CachingProvider.store(cache, extractor.recipe()));
      return result;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * Describes a database, with a cache if there is one.
   *
   * @return the index, which the caller closes
   */
  Index index(DescriptorExtractor extractor, RetrievalDataSet data, @Nullable Path cache)
      throws IOException {
    IndexProvider exact = Providers.indexes().get("exact");
    DescriptorProvider describer =
        cache == null
            ? DescriptorProvider.of(extractor, () -> exact.create(Options.NONE))
            : new CachingProvider(cache, extractor);
    try (ProgressListener listener = new ProgressListener()) {
      return describer.describe(data, List.of(), listener).index();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private EvaluationResult run(
      Evaluator.Builder evaluator, RetrievalDataSet data, List<Reranker> rerankers) {
    try (ProgressListener listener = new ProgressListener()) {
      return evaluator.rerankers(rerankers).listener(listener).keep(HITS_KEPT).build().run(data);
    }
  }

  public void print(EvaluationResult result, RetrievalDataSet data) {
    terminal.print(
        "%s: %d queries, %d database images",
        data.name(), data.queries().size(), data.database().size());
    result.recipe().parts().forEach((name, value) -> terminal.print("  %s: %s", name, value));
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

  public void writeJson(EvaluationResult result, Path file) throws IOException {
    ResultJson.write(result, file, HITS_IN_JSON);
  }

  /** The extractor is that of the run and still open: it explains the images that are shown. */
  public void writeReport(
      EvaluationResult result, RetrievalDataSet data, DescriptorExtractor extractor, Path file)
      throws IOException {
    HtmlReport.Options options =
        HtmlReport.Options.builder()
            .explain(extractor)
            .fact("index", "exact")
            .fact("seed of the run", "none: extraction and exact search draw nothing")
            .build();
    HtmlReport.write(result, data, file, new ImageIoDecoder(), options);
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
