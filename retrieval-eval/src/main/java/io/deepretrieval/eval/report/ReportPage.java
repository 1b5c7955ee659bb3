// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.ImageDecoder;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The page around the sections of a report. For one thread. */
final class ReportPage {
  private final String title;
  private final int explained;
  private final ReportSection headline;
  private final List<ReportSection> sections;

  ReportPage(
      EvaluationResult result,
      RetrievalDataSet dataSet,
      ImageDecoder decoder,
      HtmlReport.Options options) {
    options.explain.ifPresent(e -> result.recipe().requireSame(e.recipe(), "extractor to explain"));
    List<QueryResult> worstFirst = result.worstFirst();
    PageLimits limits = PageLimits.of(options, worstFirst.size());
    Thumbnails thumbnails = new Thumbnails(decoder, options.thumbnailSize, limits.thumbnailBytes());
    QueryPanel panel =
        new QueryPanel(
            dataSet,
            limits,
            new ImageMarkup(thumbnails),
            new Explainer(dataSet, decoder, options.explain));
    title = options.title.orElse("Retrieval on " + result.dataSet());
    explained = limits.explained();
    headline = new HeadlineSection(result);
    sections =
        List.of(
            new ProtocolSection(result),
            new PublishedSection(result, options.trainedOn),
            new CurveSection(result),
            new QueryTableSection(worstFirst, limits.queries()),
            new RankingSection(worstFirst, result.similarity(), limits, panel),
            new ProblemSection(result),
            new RunSection(result, options.facts));
  }

  void write(HtmlWriter out) throws IOException {
    out.write(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{}</title>
        <style>
        {}\
        """,
        title,
        style());
    for (int i = 1; i <= explained; i++) {
      out.write(".query:has(.ask{}:checked) .why{} { display: block; }\n", i, i);
    }
    out.write(
        """
        </style>
        </head>
        <body>
        <a class="skip" href="#images">Skip to the ranked images</a>
        <header>
        <h1>{}</h1>
        """,
        title);
    headline.write(out);
    out.write(
        """
        </header>
        <main>
        """);
    for (ReportSection section : sections) {
      section.write(out);
    }
    out.write(
        """
        </main>
        </body>
        </html>
        """);
  }

  /** The style sheet, which has no value to fill in. */
  private static Html style() throws IOException {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      return Html.of(
          new String(
              Objects.requireNonNull(in, "report.css").readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
