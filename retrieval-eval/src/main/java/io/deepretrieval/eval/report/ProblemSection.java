// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.EvaluationResult;
import java.io.IOException;
import java.util.List;

/** Images that could not be read, and queries without a right answer. */
record ProblemSection(EvaluationResult result) implements ReportSection {
  private static final int MAX_LISTED = 100;

  @Override
  public void write(HtmlWriter out) throws IOException {
    if (!result.failures().isEmpty()) {
      out.write(
          """
          <section aria-labelledby="failures">
          <h2 id="failures">Images that could not be read</h2>
          <p class="note">A right answer among them counts as not found,
          a query among them counts with average precision 0.</p>
          """);
      writeList(
          out,
          result.failures().stream()
              .map(failure -> Html.of("<bdi>{}</bdi>: {}", failure.id(), failure.reason()))
              .toList());
      out.write("</section>\n");
    }
    if (!result.skippedQueries().isEmpty()) {
      out.write(
          """
          <section aria-labelledby="skipped">
          <h2 id="skipped">Queries without a right answer</h2>
          <p class="note">They are not part of any mean.</p>
          """);
      writeList(
          out,
          result.skippedQueries().stream()
              .map(query -> Html.of("<bdi>{}</bdi>", query.label()))
              .toList());
      out.write("</section>\n");
    }
  }

  private static void writeList(HtmlWriter out, List<Html> items) throws IOException {
    out.write("<ul>\n");
    for (Html item : items.subList(0, Math.min(MAX_LISTED, items.size()))) {
      out.write("<li>{}</li>\n", item);
    }
    if (items.size() > MAX_LISTED) {
      out.write("<li>… and {} more</li>\n", items.size() - MAX_LISTED);
    }
    out.write("</ul>\n");
  }
}
