// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static io.deepretrieval.eval.report.ReportText.count;
import static io.deepretrieval.eval.report.ReportText.percent;
import static io.deepretrieval.eval.report.ReportText.score;
import static io.deepretrieval.eval.report.ReportText.time;

import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.ProtocolResult;
import java.io.IOException;

/** The score beside that of a random order, how sure it is, and what it took. */
record HeadlineSection(EvaluationResult result) implements ReportSection {
  private static final int BOOTSTRAP_SAMPLES = 10_000;
  static final long BOOTSTRAP_SEED = 1;

  @Override
  public void write(HtmlWriter out) throws IOException {
    double map = result.meanAveragePrecision();
    double random = result.randomMeanAveragePrecision();
    out.write("<div class=\"headline\">\n");
    ProtocolResult first = result.protocols().get(0);
    Metric metric = first.metrics().get(0);
    if (!metric.equals(Metric.averagePrecision())) {
      out.write(
          "<p class=\"figure main\"><strong>{}</strong> <span>{}</span></p>\n",
          score(first.score(metric)),
          metric.name());
    }
    out.write(
        """
        <p class="figure main"><strong>{}</strong> <span>mAP</span></p>
        <p class="figure"><strong>{}</strong> <span>random order</span></p>
        <p class="figure"><strong>{}</strong> <span>precision at 1</span></p>
        <p class="figure"><strong>{}</strong> <span>precision at 10</span></p>
        </div>
        <p class="meter" role="img" aria-label="mAP {} on a line from 0 to 1; \
        a random order gives {}"><span class="fill" style="width:{}"></span>\
        <span class="mark" style="left:{}"></span></p>
        """,
        score(map),
        score(random),
        score(result.meanPrecisionAt(1)),
        score(result.meanPrecisionAt(10)),
        score(map),
        score(random),
        percent(map),
        percent(random));
    writeInterval(out);
    writeFacts(out);
  }

  private void writeInterval(HtmlWriter out) throws IOException {
    BootstrapInterval interval =
        BootstrapInterval.of(result, 0.95, BOOTSTRAP_SAMPLES, BOOTSTRAP_SEED);
    out.write(
        """
        <p class="note">Mean average precision (trapezoid, junk left out) over {} in {}{}. \
        With other queries of the same kind it would lie between {} and {} \
        (95 % bootstrap interval, {} samples, seed {}). \
        The line in the bar marks the random order.</p>
        """,
        count(result.queries().size(), "query", "queries"),
        count(result.databaseSize(), "image", "images"),
        result.depth() < result.databaseSize()
            ? ", rankings cut at " + result.depth() + ": right answers beyond count as not found"
            : "",
        score(interval.low()),
        score(interval.high()),
        BOOTSTRAP_SAMPLES,
        BOOTSTRAP_SEED);
  }

  private void writeFacts(HtmlWriter out) throws IOException {
    out.write(
        """
        <ul class="facts">
        <li>{} without right answer</li>
        <li>{} not readable</li>
        <li>described in {}</li>
        <li>indexed in {}</li>
        <li>searched and scored in {}</li>
        </ul>
        """,
        count(result.skippedQueries().size(), "query", "queries"),
        count(result.failures().size(), "image", "images"),
        time(result.timings().extraction()),
        time(result.timings().indexing()),
        time(result.timings().search()));
  }
}
