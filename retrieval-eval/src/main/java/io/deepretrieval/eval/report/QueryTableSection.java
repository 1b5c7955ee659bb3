// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static io.deepretrieval.eval.report.ReportText.percent;
import static io.deepretrieval.eval.report.ReportText.score;

import io.deepretrieval.eval.QueryResult;
import java.io.IOException;
import java.util.List;

/**
 * The average precision of each query.
 *
 * @param linked how many of them are shown with images further down
 */
record QueryTableSection(List<QueryResult> worstFirst, int linked) implements ReportSection {
  private static final int MAX_ROWS = 1_000;

  @Override
  public void write(HtmlWriter out) throws IOException {
    int rows = Math.min(MAX_ROWS, worstFirst.size());
    out.write(
        """
        <section aria-labelledby="by-query">
        <h2 id="by-query">Queries, worst first</h2>
        """);
    if (rows < worstFirst.size()) {
      out.write("<p class=\"note\">The {} worst of {}.</p>\n", rows, worstFirst.size());
    }
    out.write(
        """
        <div class="scroll" role="region" aria-labelledby="by-query" tabindex="0">
        <table class="queries">
        <thead><tr><th scope="col">Query</th><th scope="col" class="number">AP</th>
        <th scope="col" class="bar"><span class="hidden">AP as a bar</span></th>
        <th scope="col" class="number">Right answers</th>
        <th scope="col">Found at place</th></tr></thead>
        <tbody>
        """);
    for (int i = 0; i < rows; i++) {
      QueryResult query = worstFirst.get(i);
      Html label = Html.of("<bdi>{}</bdi>", query.query().image().id());
      out.write(
          """
          <tr><th scope="row">{}</th><td class="number">{}</td>\
          <td class="bar"><span style="width:{}"></span></td>\
          <td class="number">{}</td><td>{}</td></tr>
          """,
          i < linked ? Html.of("<a href=\"#q{}\">{}</a>", i + 1, label) : label,
          score(query.averagePrecision()),
          percent(query.averagePrecision()),
          query.query().judgments().positives().size(),
          ReportText.ranks(query));
    }
    out.write(
        """
        </tbody>
        </table>
        </div>
        </section>
        """);
  }
}
