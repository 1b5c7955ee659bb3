// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static io.deepretrieval.eval.report.ReportText.score;

import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.ProtocolResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The run beside published figures; only what somebody has published gets a column. */
record PublishedSection(EvaluationResult result, Optional<String> trainedOn)
    implements ReportSection {
  private static final Html OVERLAP = Html.of("<br><b class=\"overlap\">⚠ overlap</b>");

  /** A figure that a protocol reports, and where to look it up. */
  private record Figure(String heading, String key, double value) {}

  @Override
  public void write(HtmlWriter out) throws IOException {
    if (!Published.isComparable(result)) {
      return;
    }
    List<Published.Row> rows = Published.of(result.dataSet());
    List<Figure> figures = figures(rows);
    if (figures.isEmpty()) {
      return;
    }
    out.write(
        """
        <section aria-labelledby="published">
        <h2 id="published">Beside published figures</h2>
        <p class="note">As printed in the sources; networks, image sizes and
        post-processing differ. <b class="overlap">⚠ overlap</b> marks a training set that
        shows what the test queries show: such a figure is no measure of what is new to the
        network. GLDv2-clean has landmarks of 36 of the 70 queries of ROxford and 38 of 70 of
        RParis (Song et al., CVPR 2024).</p>
        <div class="scroll" role="region" aria-labelledby="published" tabindex="0">
        <table class="published">
        <thead><tr><th scope="col">Method</th>
        """);
    for (Figure figure : figures) {
      out.write("<th scope=\"col\" class=\"number\">{}</th>\n", figure.heading);
    }
    out.write(
        """
        <th scope="col">Trained on</th><th scope="col">Source</th></tr></thead>
        <tbody>
        """);
    writeOurs(out, figures);
    for (Published.Row row : rows) {
      writeRow(out, row, figures);
    }
    out.write(
        """
        </tbody>
        </table>
        </div>
        </section>
        """);
  }

  private List<Figure> figures(List<Published.Row> rows) {
    Set<String> known = new LinkedHashSet<>();
    rows.forEach(row -> known.addAll(row.values().keySet()));
    List<Figure> figures = new ArrayList<>();
    for (ProtocolResult protocol : result.protocols()) {
      for (Map.Entry<String, Double> score : protocol.scores().entrySet()) {
        String key = Published.key(protocol.name(), score.getKey());
        if (known.contains(key)) {
          String prefix = protocol.name().equals(Protocol.STANDARD) ? "" : protocol.name() + " ";
          figures.add(new Figure(prefix + score.getKey(), key, score.getValue()));
        }
      }
    }
    return figures;
  }

  private void writeOurs(HtmlWriter out, List<Figure> figures) throws IOException {
    out.write("<tr class=\"ours\"><th scope=\"row\">This run</th>\n");
    for (Figure figure : figures) {
      out.write("<td class=\"number\">{}</td>\n", score(figure.value));
    }
    boolean overlap =
        Published.Overlap.isKnown(result.dataSet(), trainedOn.orElse("") + " " + result.recipe());
    out.write(
        "<td>{}{}</td><td>this page</td></tr>\n",
        trainedOn.orElse("not stated"),
        overlap ? OVERLAP : Html.NONE);
  }

  private static void writeRow(HtmlWriter out, Published.Row row, List<Figure> figures)
      throws IOException {
    out.write("<tr><th scope=\"row\">{}</th>\n", row.method());
    for (Figure figure : figures) {
      @Nullable Double value = row.values().get(figure.key);
      out.write("<td class=\"number\">{}</td>\n", value == null ? "" : score(value));
    }
    Html overlap =
        row.overlap() == Published.Overlap.OVERLAP
            ? OVERLAP
            : Html.of("<br><span class=\"muted\">overlap {}</span>", row.overlap().word());
    out.write("<td>{}{}</td><td>{}</td></tr>\n", row.training(), overlap, row.source());
  }
}
