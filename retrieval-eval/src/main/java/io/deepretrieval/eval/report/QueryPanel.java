// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static io.deepretrieval.eval.report.ReportText.count;
import static io.deepretrieval.eval.report.ReportText.score;

import io.deepretrieval.SearchHit;
import io.deepretrieval.SimilarityMap;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A query and its hits. For one thread. */
final class QueryPanel {
  private final RetrievalDataSet dataSet;
  private final PageLimits limits;
  private final ImageMarkup images;
  private final Explainer explainer;

  QueryPanel(RetrievalDataSet dataSet, PageLimits limits, ImageMarkup images, Explainer explainer) {
    this.dataSet = dataSet;
    this.limits = limits;
    this.images = images;
    this.explainer = explainer;
  }

  /** A hit by its place, of the query of a number. */
  private record Hit(
      int place, SearchHit hit, Query query, Optional<SimilarityMap> why, int queryNumber) {}

  /** Writes a query by its number, from 1. */
  void write(HtmlWriter out, int number, QueryResult result) throws IOException {
    int hits = Math.min(limits.hits(), result.ranking().size());
    List<Explainer.Explanation> explanations =
        explainer.explain(result, Math.min(limits.explained(), hits));
    out.write(
        """
        <details class="query" id="q{}" open>
        <summary><h3><bdi>{}</bdi></h3> <span class="ap">AP {}</span></summary>
        <div class="row">
        <figure class="asked">
        """,
        number,
        result.query().image().id(),
        score(result.averagePrecision()));
    writeQuery(out, number, result, explanations);
    out.write("</figure>\n");
    if (result.ranking().isEmpty()) {
      out.write(
          "<p class=\"note\">{}</p>\n", limits.hits() == 0 ? "" : "Nothing was found or kept.");
    } else {
      out.write("<ol class=\"hits\">\n");
      for (int i = 0; i < hits; i++) {
        Optional<SimilarityMap> why =
            i < explanations.size() ? explanations.get(i).onHit() : Optional.empty();
        writeHit(out, new Hit(i + 1, result.ranking().get(i), result.query(), why, number));
      }
      out.write("</ol>\n");
    }
    out.write(
        """
        </div>
        </details>
        """);
  }

  private void writeQuery(
      HtmlWriter out, int number, QueryResult result, List<Explainer.Explanation> explanations)
      throws IOException {
    Query query = result.query();
    Path file = query.image().file();
    List<Html> overlays = new ArrayList<>();
    for (int i = 0; i < explanations.size(); i++) {
      Optional<SimilarityMap> map = explanations.get(i).onQuery();
      if (map.isPresent()) {
        overlays.add(images.overlay(i + 1, map.get(), query.box(), file));
      }
    }
    String alt = "Query " + query.image().id() + (query.box().isPresent() ? ", its box drawn" : "");
    double[] curve = RecallCurve.of(result);
    out.write(
        """
        {}<figcaption><span class="tag">query</span>\s
        {}
        <br>{}{}
        {}<svg class="spark" viewBox="-1 -1 102 42" role="img" aria-label="{}">\
        <path class="grid" d="M0 0V40H100"/><path class="curve c0" d="{}"/></svg></figcaption>
        """,
        images.image(file, alt, query.box(), Html.join(overlays)),
        count(query.judgments().positives().size(), "right answer", "right answers"),
        result.positiveRanks().isEmpty() ? "" : "found at place ",
        ReportText.ranks(result),
        overlays.isEmpty() ? Html.NONE : imageOnly(number),
        RecallCurve.words(curve),
        RecallCurve.path(curve, 100, 40));
  }

  /** The button that hides the maps. */
  private static Html imageOnly(int number) {
    return Html.of(
        """
        <br><label><input type="radio" name="why{}" autocomplete="off" checked> \
        image only</label>
        """,
        number);
  }

  private void writeHit(HtmlWriter out, Hit hit) throws IOException {
    String id = hit.hit.id();
    Judgment judgment = Judgment.of(id, hit.query.judgments());
    String alt = "Hit " + hit.place + ", " + judgment.word() + ": " + id;
    out.write(
        """
        <li class="{}"><figure>
        {}<figcaption><span class="place">{}</span> {} <span class="score">{}</span>\
        <br><bdi>{}</bdi>{}{}</figcaption></figure></li>
        """,
        judgment.word(),
        image(hit, alt),
        hit.place,
        judgment.tag(),
        score(hit.hit.score()),
        id,
        id.equals(hit.query.image().id()) ? Html.of("<br>the query itself") : Html.NONE,
        hit.why.map(map -> button(hit, map)).orElse(Html.NONE));
  }

  private Html image(Hit hit, String alt) throws IOException {
    Optional<DataSetImage> image = dataSet.databaseImage(hit.hit.id());
    if (image.isEmpty()) {
      return images.missing(alt);
    }
    Path file = image.get().file();
    Html overlay =
        hit.why.isPresent()
            ? images.overlay(hit.place, hit.why.get(), Optional.empty(), file)
            : Html.NONE;
    return images.image(file, alt, Optional.empty(), overlay);
  }

  /** What shows the map of a hit. */
  private static Html button(Hit hit, SimilarityMap map) {
    return Html.of(
        """
        <br><label><input type="radio" name="why{}" class="ask{}" autocomplete="off"> why\
        <span class="hidden"> hit {}</span></label> <span class="score">cosine {}</span>\
        """,
        hit.queryNumber,
        hit.place,
        hit.place,
        score(map.sum()));
  }
}
