// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.QueryResult;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Precision over recall, a line a protocol. */
record CurveSection(EvaluationResult result) implements ReportSection {
  private static final int MAX_CURVES = 6;

  @Override
  public void write(HtmlWriter out) throws IOException {
    List<ProtocolResult> protocols = result.protocols();
    List<ProtocolResult> drawn = protocols.subList(0, Math.min(MAX_CURVES, protocols.size()));
    out.write(
        """
        <section aria-labelledby="curves">
        <h2 id="curves">Precision over recall</h2>
        <p class="note">Mean over the queries of the best precision that is still to be had at
        each recall, junk left out. The thin dotted line is a random order.</p>
        <div class="chart">
        <svg viewBox="0 0 540 350" role="img" aria-label="{}">
        <g transform="translate(50 14)">
        """,
        words(drawn));
    writeGrid(out);
    double share =
        drawn.get(0).queries().stream().mapToInt(QueryResult::positives).average().orElse(0)
            / Math.max(1, result.databaseSize());
    out.write(
        "<path class=\"chance\" d=\"M0 {}H470\"/>\n",
        String.format(Locale.ROOT, "%.1f", 280 * (1 - Math.min(1, share))));
    for (int i = 0; i < drawn.size(); i++) {
      out.write(
          "<path class=\"curve c{}\" d=\"{}\"/>\n",
          i,
          RecallCurve.path(RecallCurve.mean(drawn.get(i).queries()), 470, 280));
    }
    out.write(
        """
        </g>
        </svg>
        <ul class="legend">
        """);
    for (int i = 0; i < drawn.size(); i++) {
      out.write(
          """
          <li><svg class="key" viewBox="0 0 40 8" aria-hidden="true">\
          <path class="curve c{}" d="M0 4H40"/></svg> {}</li>
          """,
          i,
          drawn.get(i).name());
    }
    if (drawn.size() < protocols.size()) {
      out.write("<li>… and {} more</li>\n", protocols.size() - drawn.size());
    }
    out.write(
        """
        </ul>
        </div>
        </section>
        """);
  }

  private static String words(List<ProtocolResult> drawn) {
    StringBuilder words = new StringBuilder("Mean precision over recall");
    for (ProtocolResult protocol : drawn) {
      words.append("; ").append(protocol.name()).append(": ");
      words.append(RecallCurve.words(RecallCurve.mean(protocol.queries())));
    }
    return words.toString();
  }

  private static void writeGrid(HtmlWriter out) throws IOException {
    for (int i = 0; i <= 5; i++) {
      String label = String.format(Locale.ROOT, "%.1f", i / 5.0);
      int y = 280 - 56 * i;
      int x = 94 * i;
      out.write(
          """
          <path class="grid" d="M0 {}H470M{} 0V280"/>
          <text x="-8" y="{}" dy="4" class="end">{}</text>
          <text x="{}" y="298" class="middle">{}</text>
          """,
          y,
          x,
          y,
          label,
          x,
          label);
    }
    out.write(
        """
        <text x="235" y="322" class="middle">recall</text>
        <text transform="translate(-36 140) rotate(-90)" class="middle">precision</text>
        """);
  }
}
