// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.Similarity;
import io.deepretrieval.eval.QueryResult;
import java.io.IOException;
import java.util.List;

/** The worst queries with their ranked images. */
record RankingSection(
    List<QueryResult> worstFirst, Similarity similarity, PageLimits limits, QueryPanel panel)
    implements ReportSection {
  @Override
  public void write(HtmlWriter out) throws IOException {
    int shown = limits.queries();
    out.write(
        """
        <section aria-labelledby="images">
        <h2 id="images">Ranked images</h2>
        <p class="note">
        {}
        Score: {}, larger is better.
        Places of right answers are counted without junk.
        {}</p>
        """,
        shown < worstFirst.size()
            ? "The " + shown + " worst of " + worstFirst.size() + " queries. "
            : "All queries. ",
        ReportText.similarity(similarity),
        worstFirst.stream().limit(shown).anyMatch(query -> query.query().box().isPresent())
            ? "A rectangle in a query image is the part that was searched with."
            : "");
    if (limits.explained() > 0) {
      writeMethod(out);
    }
    out.write("<ul class=\"legend\">\n");
    writeLegend(out, Judgment.GOOD, "right answer");
    writeLegend(out, Judgment.OK, "right answer, partly hidden or small");
    writeLegend(out, Judgment.JUNK, "left out of the score");
    writeLegend(out, Judgment.WRONG, "wrong answer");
    out.write("</ul>\n");
    for (int i = 0; i < shown; i++) {
      panel.write(out, i + 1, worstFirst.get(i));
    }
    out.write("</section>\n");
  }

  /** How cosines are shared out. */
  private static void writeMethod(HtmlWriter out) throws IOException {
    out.write(
        """
        <p class="note"><b>Why.</b> “Why” at an image lays over it and over the query where
        their cosine comes from: cell by cell of the feature map, in shares that sum to it,
        relative to the largest of the image. Sums and means share what a cell adds; GeM shares
        a channel as the powers x<sup>p</sup> share their sum; of a maximum, also of one of a
        region, the cell that has it gets all. The constant of a whitening is spread evenly.
        No gradients are used, and re-ranking is not explained.</p>
        <p class="scale"><span>takes away</span><span class="ramp"></span>
        <span>adds most</span></p>
        """);
  }

  private static void writeLegend(HtmlWriter out, Judgment judgment, String meaning)
      throws IOException {
    out.write("<li class=\"{}\">{} {}</li>\n", judgment.word(), judgment.tag(), meaning);
  }
}
