// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import com.google.common.html.HtmlEscapers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The page of a training: curves as inline SVG, a table, what was noticed. */
final class TrainingPage {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 220;
  private static final int LEFT = 64;
  private static final int BOTTOM = 28;
  private static final int TOP = 12;

  private TrainingPage() {}

  static String of(TrainingReport report) {
    StringBuilder page =
        new StringBuilder(
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Fine-tuning</title>
            <style>
            :root { color-scheme: light dark; --line: #0b57a4; --ink: #1b1b1b; --soft: #595959; \
            --rule: #c4c4c4; --page: #ffffff; }
            @media (prefers-color-scheme: dark) { :root { --line: #7fb8f5; --ink: #ececec; \
            --soft: #b4b4b4; --rule: #565656; --page: #161616; } }
            body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); \
            background: var(--page); max-width: 46rem; margin: 0 auto; padding: 1rem; }
            svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; }
            polyline { fill: none; stroke: var(--line); stroke-width: 2; }
            circle { fill: var(--line); } .axis { stroke: var(--rule); stroke-width: 1; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: right; padding: 0.2rem 0.5rem; \
            border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
            .wide { overflow-x: auto; } code { overflow-wrap: anywhere; }
            </style></head><body><h1>Fine-tuning</h1>
            """);
    page.append("<p><code>").append(escape(report.recipe())).append("</code></p>\n");
    report
        .bestMetric()
        .ifPresent(
            best ->
                page.append(
                    String.format(
                        Locale.ROOT,
                        "<p>Mean average precision %.4f before, %.4f at its best, %s.</p>%n",
                        report.metricBefore(),
                        best,
                        report.bestEpoch() < 0
                            ? "which is where it began"
                            : "epoch " + (report.bestEpoch() + 1))));
    if (report.stopped()) {
      page.append("<p>The training was stopped before its end.</p>\n");
    }
    List<double[]> map = new ArrayList<>();
    if (!Double.isNaN(report.metricBefore())) {
      map.add(new double[] {0, report.metricBefore()});
    }
    map.addAll(points(report, EpochReport::meanAveragePrecision));
    curve(page, "Mean average precision of the validation set", map);
    curve(page, "Loss", points(report, EpochReport::loss));
    curve(page, "Spread of the embeddings (1 - cosine)", points(report, EpochReport::spread));
    curve(page, "Exponent of the pooling", points(report, EpochReport::exponent));
    table(page, report);
    if (!report.events().isEmpty()) {
      page.append("<h2>Noticed</h2>\n<ul>\n");
      report
          .events()
          .forEach(event -> page.append("<li>").append(escape(event.line())).append("</li>\n"));
      page.append("</ul>\n");
    }
    return page.append("</body></html>\n").toString();
  }

  private static List<double[]> points(TrainingReport report, ToDoubleFunction<EpochReport> value) {
    List<double[]> points = new ArrayList<>();
    for (EpochReport epoch : report.epochs()) {
      double y = value.applyAsDouble(epoch);
      if (Double.isFinite(y)) {
        points.add(new double[] {epoch.epoch() + 1, y});
      }
    }
    return points;
  }

  private static void curve(StringBuilder page, String title, List<double[]> points) {
    if (points.size() < 2) {
      return;
    }
    double low = points.stream().mapToDouble(p -> p[1]).min().orElse(0);
    double high = points.stream().mapToDouble(p -> p[1]).max().orElse(1);
    double span = high > low ? high - low : 1;
    double first = points.get(0)[0];
    double last = points.get(points.size() - 1)[0];
    page.append("<h2>").append(escape(title)).append("</h2>\n");
    page.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s from %.4g to %.4g\">%n",
            WIDTH,
            HEIGHT,
            escape(title),
            points.get(0)[1],
            points.get(points.size() - 1)[1]));
    int floor = HEIGHT - BOTTOM;
    page.append(
        String.format(
            Locale.ROOT,
            "<path class=\"axis\" fill=\"none\" d=\"M%d %dV%dH%d\"/>%n",
            LEFT,
            TOP,
            floor,
            WIDTH));
    label(page, 4, TOP + 8, String.format(Locale.ROOT, "%.4g", high));
    label(page, 4, floor, String.format(Locale.ROOT, "%.4g", low));
    label(page, LEFT, HEIGHT - 8, String.format(Locale.ROOT, "epoch %.0f", first));
    label(page, WIDTH - 70, HEIGHT - 8, String.format(Locale.ROOT, "epoch %.0f", last));
    StringBuilder line = new StringBuilder("<polyline points=\"");
    StringBuilder dots = new StringBuilder();
    for (double[] point : points) {
      double x = LEFT + 6 + (point[0] - first) / (last - first) * (WIDTH - LEFT - 14);
      double y = floor - 6 - (point[1] - low) / span * (floor - TOP - 12);
      line.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
      dots.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>epoch %.0f: %.4g</title></circle>%n",
              x,
              y,
              point[0],
              point[1]));
    }
    page.append(line).append("\"/>\n").append(dots).append("</svg>\n");
  }

  private static void label(StringBuilder page, int x, int y, String text) {
    page.append(
        String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>%n", x, y, escape(text)));
  }

  private static void table(StringBuilder page, TrainingReport report) {
    page.append(
        "<h2>Epochs</h2>\n<div class=\"wide\" tabindex=\"0\"><table><tr><th>epoch</th>"
            + "<th>loss</th><th>active</th><th>images/s</th><th>rate</th><th>mAP</th></tr>\n");
    for (EpochReport e : report.epochs()) {
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%d</td><td>%.5g</td><td>%d</td><td>%.1f</td><td>%.3g</td><td>%s</td></tr>%n",
              e.epoch() + 1,
              e.loss(),
              e.activeTuples(),
              e.imagesPerSecond(),
              e.learningRate(),
              Double.isNaN(e.meanAveragePrecision())
                  ? ""
                  : String.format(Locale.ROOT, "%.4f", e.meanAveragePrecision())));
    }
    page.append("</table></div>\n");
  }

  private static String escape(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }
}
