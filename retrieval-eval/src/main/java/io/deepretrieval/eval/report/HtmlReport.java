// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.Box;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SimilarityMap;
import io.deepretrieval.TracedDescriptor;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes an evaluation as one HTML file to look at: the headline beside that of a random ranking
 * and beside published figures, precision over recall, the average precision of each query from the
 * worst on, the ranked images, what went wrong, the recipe, the version and the machine.
 *
 * <p>With {@link Options.Builder#explain} each ranked image has a button that shows where in the
 * query and in the image their cosine comes from, see {@link io.deepretrieval.TracedDescriptor}.
 *
 * <p>The file opens offline: images are in it as small JPEGs, there is no script, and its content
 * security policy lets nothing leave the page. Good, ok, junk and wrong answers differ by color, by
 * sign, by word and by the line around the image. Every name is escaped. It works with the
 * keyboard, on a small screen, and in light and dark.
 *
 * <p>Size: under 10 MB as long as queries · (hits + 1) is at most 3,000; thumbnails are compressed
 * harder, then shrunk, until they fit, and of more than 600 hits only the first of each query are
 * explained. The default, 50 queries of 10 hits, is far below.
 */
public final class HtmlReport {
  private static final int PICTURE_BYTES = 6_200_000;
  private static final int PICTURE_BYTES_EXPLAINED = 4_700_000;
  private static final int MAX_EXPLAINED = 600;
  private static final int MIN_BYTES_A_PICTURE = 1_500;
  private static final int MAX_ROWS = 1_000;
  private static final int MAX_LISTED = 100;
  private static final int MAX_CURVES = 6;
  private static final int BOOTSTRAP_SAMPLES = 10_000;
  private static final long BOOTSTRAP_SEED = 1;

  private final EvaluationResult result;
  private final RetrievalDataSet dataSet;
  private final Options options;
  private final ImageDecoder decoder;
  private final Thumbnails thumbnails;
  private final List<QueryResult> worstFirst;
  private final int shown;
  private final int explained;
  private final Writer out;

  private HtmlReport(
      EvaluationResult result,
      RetrievalDataSet dataSet,
      ImageDecoder decoder,
      Options options,
      Writer out) {
    this.result = result;
    this.dataSet = dataSet;
    this.options = options;
    this.out = out;
    this.worstFirst = result.worstFirst();
    this.shown = Math.min(options.queries, worstFirst.size());
    this.decoder = decoder;
    this.explained =
        options.explain.isEmpty() || shown == 0
            ? 0
            : Math.min(options.hits, Math.max(1, MAX_EXPLAINED / shown));
    options.explain.ifPresent(e -> result.recipe().requireSame(e.recipe(), "extractor to explain"));
    int pictures = Math.max(1, shown * (options.hits + 1));
    int bytes = explained == 0 ? PICTURE_BYTES : PICTURE_BYTES_EXPLAINED;
    this.thumbnails =
        new Thumbnails(
            decoder, options.thumbnailSize, Math.max(MIN_BYTES_A_PICTURE, bytes / pictures));
  }

  /**
   * Writes a report with the default options.
   *
   * @param result what to show
   * @param dataSet what was evaluated; gives the files of the hits
   * @param file where to; replaced if it exists; missing directories are made; there whole or not
   *     at all
   * @param decoder reads the images; one that it cannot read is shown as a note
   * @throws IOException if the file cannot be written
   */
  public static void write(
      EvaluationResult result, RetrievalDataSet dataSet, Path file, ImageDecoder decoder)
      throws IOException {
    write(result, dataSet, file, decoder, Options.builder().build());
  }

  /**
   * Writes a report.
   *
   * @param result what to show
   * @param dataSet what was evaluated; gives the files of the hits
   * @param file where to; replaced if it exists; missing directories are made; there whole or not
   *     at all
   * @param decoder reads the images; one that it cannot read is shown as a note
   * @param options title and bounds
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if the extractor that explains has another recipe than the
   *     result
   */
  public static void write(
      EvaluationResult result,
      RetrievalDataSet dataSet,
      Path file,
      ImageDecoder decoder,
      Options options)
      throws IOException {
    AtomicFiles.createDirectoryOf(file);
    AtomicFiles.writeText(
        file, out -> new HtmlReport(result, dataSet, decoder, options, out).writePage());
  }

  private void writePage() throws IOException {
    String title = Html.escape(options.title.orElse("Retrieval on " + result.dataSet()));
    line("<!DOCTYPE html>");
    line("<html lang=\"en\">");
    line("<head>");
    line("<meta charset=\"utf-8\">");
    line(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
            + " img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">");
    line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    line("<meta name=\"color-scheme\" content=\"light dark\">");
    line("<title>", title, "</title>");
    line("<style>");
    out.write(style());
    for (int i = 1; i <= explained; i++) {
      line(".query:has(.ask" + i + ":checked) .why" + i + " { display: block; }");
    }
    line("</style>");
    line("</head>");
    line("<body>");
    line("<a class=\"skip\" href=\"#pictures\">Skip to the ranked pictures</a>");
    line("<header>");
    line("<h1>", title, "</h1>");
    headline();
    line("</header>");
    line("<main>");
    protocols();
    published();
    curves();
    table();
    pictures();
    failures();
    skipped();
    recipe();
    surroundings();
    line("</main>");
    line("</body>");
    line("</html>");
  }

  private void headline() throws IOException {
    double map = result.meanAveragePrecision();
    double random = result.randomMeanAveragePrecision();
    line("<div class=\"headline\">");
    ProtocolResult first = result.protocols().get(0);
    Metric metric = first.metrics().get(0);
    if (!metric.equals(Metric.averagePrecision())) {
      line(
          "<p class=\"figure main\"><strong>",
          score(first.score(metric)),
          "</strong> <span>",
          Html.escape(metric.name()),
          "</span></p>");
    }
    line("<p class=\"figure main\"><strong>", score(map), "</strong> <span>mAP</span></p>");
    line("<p class=\"figure\"><strong>", score(random), "</strong> <span>random order</span></p>");
    figure(1);
    figure(10);
    line("</div>");
    line(
        "<p class=\"meter\" role=\"img\" aria-label=\"mAP ",
        score(map),
        " on a line from 0 to 1; a random order gives ",
        score(random),
        "\"><span class=\"fill\" style=\"width:",
        percent(map),
        "\"></span><span class=\"mark\" style=\"left:",
        percent(random),
        "\"></span></p>");
    BootstrapInterval interval =
        BootstrapInterval.of(result, 0.95, BOOTSTRAP_SAMPLES, BOOTSTRAP_SEED);
    line(
        "<p class=\"note\">Mean average precision (trapezoid, junk left out) over ",
        count(result.queries().size(), "query", "queries"),
        " in ",
        count(result.databaseSize(), "image", "images"),
        result.depth() < result.databaseSize()
            ? ", rankings cut at " + result.depth() + ": right answers beyond count as not found"
            : "",
        ". With other queries of the same kind it would lie between ",
        score(interval.low()),
        " and ",
        score(interval.high()),
        " (95 % bootstrap interval, ",
        String.valueOf(BOOTSTRAP_SAMPLES),
        " samples, seed ",
        String.valueOf(BOOTSTRAP_SEED),
        "). The line in the bar marks the random order.</p>");
    line("<ul class=\"facts\">");
    line(
        "<li>",
        count(result.skippedQueries().size(), "query", "queries"),
        " without right answer</li>");
    line("<li>", count(result.failures().size(), "image", "images"), " not readable</li>");
    line("<li>described in ", time(result.timings().extraction()), "</li>");
    line("<li>indexed in ", time(result.timings().indexing()), "</li>");
    line("<li>searched and scored in ", time(result.timings().search()), "</li>");
    line("</ul>");
  }

  /** What the headline does not show: other protocols, and other metrics than the usual ones. */
  private void protocols() throws IOException {
    List<ProtocolResult> protocols = result.protocols();
    if (protocols.size() == 1 && protocols.get(0).name().equals(Protocol.STANDARD)) {
      return;
    }
    Set<String> names = new LinkedHashSet<>();
    protocols.forEach(protocol -> names.addAll(protocol.scores().keySet()));
    line("<section aria-labelledby=\"protocols\">");
    line("<h2 id=\"protocols\">Scores by protocol</h2>");
    line("<p class=\"note\">The rest of this page is by the first of them.</p>");
    line("<div class=\"scroll\" role=\"region\" aria-labelledby=\"protocols\" tabindex=\"0\">");
    line("<table class=\"protocols\">");
    line("<thead><tr><th scope=\"col\">Protocol</th>");
    for (String name : names) {
      line("<th scope=\"col\" class=\"number\">", Html.escape(name), "</th>");
    }
    line("<th scope=\"col\" class=\"number\">Queries</th>");
    line("<th scope=\"col\" class=\"number\">Without right answer</th></tr></thead>");
    line("<tbody>");
    for (ProtocolResult protocol : protocols) {
      Map<String, Double> scores = protocol.scores();
      line("<tr><th scope=\"row\">", Html.escape(protocol.name()), "</th>");
      for (String name : names) {
        @Nullable Double score = scores.get(name);
        line("<td class=\"number\">", score == null ? "" : score(score), "</td>");
      }
      line(
          "<td class=\"number\">",
          String.valueOf(protocol.queries().size()),
          "</td><td class=\"number\">",
          String.valueOf(protocol.skippedQueries().size()),
          "</td></tr>");
    }
    line("</tbody>");
    line("</table>");
    line("</div>");
    line("</section>");
  }

  /** A figure that a protocol reports, and where to look it up. */
  private record Figure(String heading, String key, double value) {}

  /** Only what somebody has published for this data set gets a column. */
  private void published() throws IOException {
    if (!Published.isComparable(result)) {
      return;
    }
    List<Published.Row> rows = Published.of(result.dataSet());
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
    if (figures.isEmpty()) {
      return;
    }
    line("<section aria-labelledby=\"published\">");
    line("<h2 id=\"published\">Beside published figures</h2>");
    line("<p class=\"note\">As printed in the sources; networks, image sizes and");
    line("post-processing differ. <b class=\"overlap\">⚠ overlap</b> marks a training set that");
    line("shows what the test queries show: such a figure is no measure of what is new to the");
    line("network. GLDv2-clean has landmarks of 36 of the 70 queries of ROxford and 38 of 70 of");
    line("RParis (Song et al., CVPR 2024).</p>");
    line("<div class=\"scroll\" role=\"region\" aria-labelledby=\"published\" tabindex=\"0\">");
    line("<table class=\"published\">");
    line("<thead><tr><th scope=\"col\">Method</th>");
    for (Figure figure : figures) {
      line("<th scope=\"col\" class=\"number\">", Html.escape(figure.heading), "</th>");
    }
    line("<th scope=\"col\">Trained on</th><th scope=\"col\">Source</th></tr></thead>");
    line("<tbody>");
    line("<tr class=\"ours\"><th scope=\"row\">This run</th>");
    for (Figure figure : figures) {
      line("<td class=\"number\">", score(figure.value), "</td>");
    }
    boolean overlap =
        Published.Overlap.isKnown(
            result.dataSet(), options.trainedOn.orElse("") + " " + result.recipe());
    line(
        "<td>",
        options.trainedOn.map(Html::escape).orElse("not stated"),
        overlap ? overlap() : "",
        "</td><td>this page</td></tr>");
    for (Published.Row row : rows) {
      line("<tr><th scope=\"row\">", Html.escape(row.method()), "</th>");
      for (Figure figure : figures) {
        @Nullable Double value = row.values().get(figure.key);
        line("<td class=\"number\">", value == null ? "" : score(value), "</td>");
      }
      line(
          "<td>",
          Html.escape(row.training()),
          row.overlap() == Published.Overlap.OVERLAP
              ? overlap()
              : "<br><span class=\"muted\">overlap " + row.overlap().word() + "</span>",
          "</td><td>",
          Html.escape(row.source()),
          "</td></tr>");
    }
    line("</tbody>");
    line("</table>");
    line("</div>");
    line("</section>");
  }

  private static String overlap() {
    return "<br><b class=\"overlap\">⚠ overlap</b>";
  }

  /** Precision over recall, a line a protocol. */
  private void curves() throws IOException {
    List<ProtocolResult> protocols = result.protocols();
    List<ProtocolResult> drawn = protocols.subList(0, Math.min(MAX_CURVES, protocols.size()));
    StringBuilder words = new StringBuilder("Mean precision over recall");
    for (ProtocolResult protocol : drawn) {
      words.append("; ").append(protocol.name()).append(": ");
      words.append(RecallCurve.words(RecallCurve.mean(protocol.queries())));
    }
    line("<section aria-labelledby=\"curves\">");
    line("<h2 id=\"curves\">Precision over recall</h2>");
    line(
        "<p class=\"note\">Mean over the queries of the best precision that is still to be had at");
    line("each recall, junk left out. The thin dotted line is a random order.</p>");
    line("<div class=\"chart\">");
    line(
        "<svg viewBox=\"0 0 540 350\" role=\"img\" aria-label=\"",
        Html.escape(words.toString()),
        "\">");
    line("<g transform=\"translate(50 14)\">");
    for (int i = 0; i <= 5; i++) {
      String label = String.format(Locale.ROOT, "%.1f", i / 5.0);
      String y = String.valueOf(280 - 56 * i);
      String x = String.valueOf(94 * i);
      line("<path class=\"grid\" d=\"M0 ", y, "H470M", x, " 0V280\"/>");
      line("<text x=\"-8\" y=\"", y, "\" dy=\"4\" class=\"end\">", label, "</text>");
      line("<text x=\"", x, "\" y=\"298\" class=\"middle\">", label, "</text>");
    }
    line("<text x=\"235\" y=\"322\" class=\"middle\">recall</text>");
    line("<text transform=\"translate(-36 140) rotate(-90)\" class=\"middle\">precision</text>");
    double share =
        drawn.get(0).queries().stream().mapToInt(QueryResult::positives).average().orElse(0)
            / Math.max(1, result.databaseSize());
    String level = String.format(Locale.ROOT, "%.1f", 280 * (1 - Math.min(1, share)));
    line("<path class=\"chance\" d=\"M0 ", level, "H470\"/>");
    for (int i = 0; i < drawn.size(); i++) {
      String path = RecallCurve.path(RecallCurve.mean(drawn.get(i).queries()), 470, 280);
      line("<path class=\"curve c", String.valueOf(i), "\" d=\"", path, "\"/>");
    }
    line("</g>");
    line("</svg>");
    line("<ul class=\"legend\">");
    for (int i = 0; i < drawn.size(); i++) {
      line(
          "<li><svg class=\"key\" viewBox=\"0 0 40 8\" aria-hidden=\"true\">"
              + "<path class=\"curve c"
              + i
              + "\" d=\"M0 4H40\"/></svg> ",
          Html.escape(drawn.get(i).name()),
          "</li>");
    }
    if (drawn.size() < protocols.size()) {
      line("<li>… and ", String.valueOf(protocols.size() - drawn.size()), " more</li>");
    }
    line("</ul>");
    line("</div>");
    line("</section>");
  }

  private void figure(int k) throws IOException {
    line(
        "<p class=\"figure\"><strong>",
        score(result.meanPrecisionAt(k)),
        "</strong> <span>precision at ",
        String.valueOf(k),
        "</span></p>");
  }

  private void table() throws IOException {
    int rows = Math.min(MAX_ROWS, worstFirst.size());
    line("<section aria-labelledby=\"by-query\">");
    line("<h2 id=\"by-query\">Queries, worst first</h2>");
    if (rows < worstFirst.size()) {
      line(
          "<p class=\"note\">The ",
          String.valueOf(rows),
          " worst of ",
          String.valueOf(worstFirst.size()),
          ".</p>");
    }
    line("<div class=\"scroll\" role=\"region\" aria-labelledby=\"by-query\" tabindex=\"0\">");
    line("<table class=\"queries\">");
    line("<thead><tr><th scope=\"col\">Query</th><th scope=\"col\" class=\"number\">AP</th>");
    line("<th scope=\"col\" class=\"bar\"><span class=\"hidden\">AP as a bar</span></th>");
    line("<th scope=\"col\" class=\"number\">Right answers</th>");
    line("<th scope=\"col\">Found at place</th></tr></thead>");
    line("<tbody>");
    for (int i = 0; i < rows; i++) {
      QueryResult query = worstFirst.get(i);
      String label = "<bdi>" + Html.escape(query.query().image().id()) + "</bdi>";
      line(
          "<tr><th scope=\"row\">",
          i < shown ? "<a href=\"#q" + (i + 1) + "\">" + label + "</a>" : label,
          "</th><td class=\"number\">",
          score(query.averagePrecision()),
          "</td><td class=\"bar\"><span style=\"width:",
          percent(query.averagePrecision()),
          "\"></span></td><td class=\"number\">",
          String.valueOf(query.query().judgments().positives().size()),
          "</td><td>",
          places(query),
          "</td></tr>");
    }
    line("</tbody>");
    line("</table>");
    line("</div>");
    line("</section>");
  }

  /** Places from 1 without junk, at most twelve of them. */
  private static String places(QueryResult query) {
    if (query.positiveRanks().isEmpty()) {
      return "none found";
    }
    String first =
        query.positiveRanks().stream()
            .limit(12)
            .map(rank -> String.valueOf(rank + 1))
            .collect(Collectors.joining(", "));
    int found = query.positiveRanks().size();
    int missing = query.query().judgments().positives().size() - found;
    return first
        + (found > 12 ? ", … " + (query.positiveRanks().get(found - 1) + 1) : "")
        + (missing > 0 ? "; " + missing + " not found" : "");
  }

  private void pictures() throws IOException {
    line("<section aria-labelledby=\"pictures\">");
    line("<h2 id=\"pictures\">Ranked pictures</h2>");
    line("<p class=\"note\">");
    line(
        shown < worstFirst.size()
            ? "The " + shown + " worst of " + worstFirst.size() + " queries. "
            : "All queries. ");
    line("Score: ", similarity(), ", larger is better.");
    line("Places of right answers are counted without junk.");
    line(
        worstFirst.stream().limit(shown).anyMatch(q -> q.query().box().isPresent())
            ? "A rectangle in a query picture is the part that was searched with.</p>"
            : "</p>");
    if (explained > 0) {
      explanation();
    }
    line("<ul class=\"legend\">");
    legend(Judgment.GOOD, "right answer");
    legend(Judgment.OK, "right answer, partly hidden or small");
    legend(Judgment.JUNK, "left out of the score");
    legend(Judgment.WRONG, "wrong answer");
    line("</ul>");
    for (int i = 0; i < shown; i++) {
      query(i + 1, worstFirst.get(i));
    }
    line("</section>");
  }

  private void explanation() throws IOException {
    line("<p class=\"note\"><b>Why.</b> “Why” at a picture lays over it and over the query where");
    line("their cosine comes from: cell by cell of the feature map, in shares that sum to it,");
    line("relative to the largest of the image. Sums and means share what a cell adds; GeM shares");
    line("a channel as the powers x<sup>p</sup> share their sum; of a maximum, also of one of a");
    line("region, the cell that has it gets all. The constant of a whitening is spread evenly.");
    line("No gradients are used, and re-ranking is not explained.</p>");
    line("<p class=\"scale\"><span>takes away</span><span class=\"ramp\"></span>");
    line("<span>adds most</span></p>");
  }

  private String similarity() {
    return switch (result.similarity()) {
      case COSINE -> "cosine";
      case INNER_PRODUCT -> "inner product";
      case L2 -> "negative squared distance";
      case L1 -> "negative city-block distance";
    };
  }

  private void legend(Judgment judgment, String meaning) throws IOException {
    line("<li class=\"", judgment.word(), "\">", tag(judgment), " ", meaning, "</li>");
  }

  private static String tag(Judgment judgment) {
    return "<span class=\"tag\"><span aria-hidden=\"true\">"
        + judgment.sign()
        + "</span> "
        + judgment.word()
        + "</span>";
  }

  private void query(int number, QueryResult query) throws IOException {
    DataSetImage image = query.query().image();
    String id = Html.escape(image.id());
    line("<details class=\"query\" id=\"q", String.valueOf(number), "\" open>");
    line(
        "<summary><h3><bdi>",
        id,
        "</bdi></h3> <span class=\"ap\">AP ",
        score(query.averagePrecision()),
        "</span></summary>");
    int hits = Math.min(options.hits, query.ranking().size());
    List<Why> whys = whys(query, Math.min(explained, hits));
    line("<div class=\"row\">");
    line("<figure class=\"asked\">");
    StringBuilder overlays = new StringBuilder();
    for (int i = 0; i < whys.size(); i++) {
      overlays.append(overlay(i + 1, whys.get(i).onQuery, query.query().box(), image.file()));
    }
    picture(
        image.file(),
        "Query " + id + (query.query().box().isPresent() ? ", its box drawn" : ""),
        query.query().box(),
        overlays.toString());
    line("<figcaption><span class=\"tag\">query</span> ");
    line(count(query.query().judgments().positives().size(), "right answer", "right answers"));
    line("<br>", query.positiveRanks().isEmpty() ? "" : "found at place ", places(query));
    if (whys.stream().anyMatch(why -> why.onQuery.isPresent())) {
      line(
          "<br><label><input type=\"radio\" name=\"why",
          String.valueOf(number),
          "\" autocomplete=\"off\" checked> picture only</label>");
    }
    double[] curve = RecallCurve.of(query);
    line(
        "<svg class=\"spark\" viewBox=\"-1 -1 102 42\" role=\"img\" aria-label=\"",
        RecallCurve.words(curve),
        "\"><path class=\"grid\" d=\"M0 0V40H100\"/><path class=\"curve c0\" d=\"",
        RecallCurve.path(curve, 100, 40),
        "\"/></svg></figcaption>");
    line("</figure>");
    if (query.ranking().isEmpty()) {
      line("<p class=\"note\">", options.hits == 0 ? "" : "Nothing was found or kept.", "</p>");
    } else {
      line("<ol class=\"hits\">");
      for (int i = 0; i < hits; i++) {
        hit(
            i + 1,
            query.ranking().get(i),
            query.query(),
            i < whys.size() ? whys.get(i).onHit : Optional.empty(),
            number);
      }
      line("</ol>");
    }
    line("</div>");
    line("</details>");
  }

  /** Where a cosine comes from; both or none. */
  private record Why(Optional<SimilarityMap> onQuery, Optional<SimilarityMap> onHit) {
    static final Why UNKNOWN = new Why(Optional.empty(), Optional.empty());
  }

  private List<Why> whys(QueryResult query, int hits) throws IOException {
    List<Why> whys = new ArrayList<>();
    if (hits > 0) {
      Optional<TracedDescriptor> asked = trace(query.query().image().file(), query.query().box());
      for (SearchHit hit : query.ranking().subList(0, hits)) {
        Optional<DataSetImage> image = dataSet.databaseImage(hit.id());
        Optional<TracedDescriptor> found =
            asked.isPresent() && image.isPresent()
                ? trace(image.get().file(), Optional.empty())
                : Optional.empty();
        whys.add(
            found
                .map(
                    f ->
                        new Why(
                            asked.flatMap(a -> a.contributions(f.descriptor())),
                            asked.flatMap(a -> f.contributions(a.descriptor()))))
                .orElse(Why.UNKNOWN));
      }
    }
    return whys;
  }

  /** Empty if the image cannot be read, which its place in the page says already. */
  private Optional<TracedDescriptor> trace(Path file, Optional<Box> box) {
    RgbImage image;
    try {
      image = decoder.decode(ImageSource.of(file));
    } catch (ImageDecodeException e) {
      return Optional.empty();
    }
    return options.explain.map(extractor -> extractor.trace(image, box));
  }

  /** One image over another, hidden until it is asked for. */
  private String overlay(int hit, Optional<SimilarityMap> map, Optional<Box> box, Path file)
      throws IOException {
    if (map.isEmpty()) {
      return "";
    }
    Optional<Thumbnails.Thumbnail> thumbnail = thumbnails.of(file);
    return "<img class=\"why why"
        + hit
        + "\" alt=\"Why hit "
        + hit
        + ": "
        + SimilarityOverlay.words(map.get())
        + "\" width=\""
        + map.get().width()
        + "\" height=\""
        + map.get().height()
        + "\""
        + box.flatMap(b -> thumbnail.map(t -> " style=\"" + place(b, t) + "\"")).orElse("")
        + " src=\""
        + SimilarityOverlay.uri(map.get())
        + "\">";
  }

  private void hit(int number, SearchHit hit, Query query, Optional<SimilarityMap> why, int of)
      throws IOException {
    Judgment judgment = Judgment.of(hit.id(), query.judgments());
    String id = Html.escape(hit.id());
    boolean self = hit.id().equals(query.image().id());
    line("<li class=\"", judgment.word(), "\"><figure>");
    Optional<DataSetImage> image = dataSet.databaseImage(hit.id());
    String alt = "Hit " + number + ", " + judgment.word() + ": " + id;
    if (image.isPresent()) {
      Path file = image.get().file();
      picture(file, alt, Optional.empty(), overlay(number, why, Optional.empty(), file));
    } else {
      missing(alt);
    }
    line(
        "<figcaption><span class=\"place\">",
        String.valueOf(number),
        "</span> ",
        tag(judgment),
        " <span class=\"score\">",
        score(hit.score()),
        "</span><br><bdi>",
        id,
        "</bdi>",
        self ? "<br>the query itself" : "",
        why.map(shares -> ask(number, of, shares)).orElse(""),
        "</figcaption></figure></li>");
  }

  private static String ask(int number, int of, SimilarityMap shares) {
    return "<br><label><input type=\"radio\" name=\"why"
        + of
        + "\" class=\"ask"
        + number
        + "\" autocomplete=\"off\"> why<span class=\"hidden\"> hit "
        + number
        + "</span></label> <span class=\"score\">cosine "
        + score(shares.sum())
        + "</span>";
  }

  /** The alternative text is escaped by the caller. */
  private void picture(Path file, String alt, Optional<Box> box, String overlays)
      throws IOException {
    Optional<Thumbnails.Thumbnail> found = thumbnails.of(file);
    if (found.isEmpty()) {
      missing(alt);
      return;
    }
    Thumbnails.Thumbnail thumbnail = found.get();
    line(
        "<div class=\"picture\"><img loading=\"lazy\" decoding=\"async\" width=\"",
        String.valueOf(thumbnail.width()),
        "\" height=\"",
        String.valueOf(thumbnail.height()),
        "\" alt=\"",
        alt,
        "\" src=\"",
        thumbnail.uri(),
        "\">",
        overlays,
        box.map(b -> "<span class=\"box\" style=\"" + place(b, thumbnail) + "\"></span>")
            .orElse(""),
        "</div>");
  }

  private static String place(Box box, Thumbnails.Thumbnail thumbnail) {
    double left = Math.min(1, box.x1() / thumbnail.sourceWidth());
    double top = Math.min(1, box.y1() / thumbnail.sourceHeight());
    double right = Math.min(1, box.x2() / thumbnail.sourceWidth());
    double bottom = Math.min(1, box.y2() / thumbnail.sourceHeight());
    return "left:"
        + percent(left)
        + ";top:"
        + percent(top)
        + ";width:"
        + percent(right - left)
        + ";height:"
        + percent(bottom - top);
  }

  private void missing(String alt) throws IOException {
    line("<div class=\"picture none\" role=\"img\" aria-label=\"", alt, "\">cannot be read</div>");
  }

  private void failures() throws IOException {
    if (!result.failures().isEmpty()) {
      line("<section aria-labelledby=\"failures\">");
      line("<h2 id=\"failures\">Pictures that could not be read</h2>");
      line("<p class=\"note\">A right answer among them counts as not found,");
      line("a query among them counts with average precision 0.</p>");
      list(
          result.failures().stream()
              .map(f -> "<bdi>" + Html.escape(f.id()) + "</bdi>: " + Html.escape(f.reason()))
              .toList());
      line("</section>");
    }
  }

  private void skipped() throws IOException {
    if (!result.skippedQueries().isEmpty()) {
      line("<section aria-labelledby=\"skipped\">");
      line("<h2 id=\"skipped\">Queries without a right answer</h2>");
      line("<p class=\"note\">They are not part of any mean.</p>");
      list(
          result.skippedQueries().stream()
              .map(query -> "<bdi>" + Html.escape(query.label()) + "</bdi>")
              .toList());
      line("</section>");
    }
  }

  private void list(List<String> items) throws IOException {
    line("<ul>");
    for (String item : items.subList(0, Math.min(MAX_LISTED, items.size()))) {
      line("<li>", item, "</li>");
    }
    if (items.size() > MAX_LISTED) {
      line("<li>… and ", String.valueOf(items.size() - MAX_LISTED), " more</li>");
    }
    line("</ul>");
  }

  private void recipe() throws IOException {
    line("<section aria-labelledby=\"recipe\">");
    line("<h2 id=\"recipe\">Recipe</h2>");
    line("<dl>");
    for (Map.Entry<String, String> part : result.recipe().parts().entrySet()) {
      term(part.getKey(), part.getValue());
    }
    term("similarity", similarity());
    term(
        "re-ranking",
        result.rerankers().isEmpty() ? "none" : String.join(" > ", result.rerankers()));
    term("fingerprint", result.recipe().fingerprint());
    line("</dl>");
    line("</section>");
  }

  private void surroundings() throws IOException {
    line("<section aria-labelledby=\"run\">");
    line("<h2 id=\"run\">Run</h2>");
    line("<dl>");
    for (Map.Entry<String, String> fact : options.facts.entrySet()) {
      term(fact.getKey(), fact.getValue());
    }
    for (Map.Entry<String, String> fact : RunEnvironment.lines().entrySet()) {
      term(fact.getKey(), fact.getValue());
    }
    term("seed of the bootstrap", String.valueOf(BOOTSTRAP_SEED));
    line("</dl>");
    line("</section>");
  }

  private void term(String name, String value) throws IOException {
    line("<dt>", Html.escape(name), "</dt><dd>", Html.escape(value), "</dd>");
  }

  private void line(String... parts) throws IOException {
    for (String part : parts) {
      out.write(part);
    }
    out.write('\n');
  }

  private static String score(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }

  private static String count(int n, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", n, n == 1 ? one : many);
  }

  private static String time(Duration duration) {
    return duration.toSeconds() < 60
        ? String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9)
        : String.format(
            Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
  }

  private static String style() throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
      return new String(
          Objects.requireNonNull(in, "report.css").readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What a report holds. Immutable. */
  public static final class Options {
    private final Optional<String> title;
    private final int queries;
    private final int hits;
    private final int thumbnailSize;
    private final Optional<DescriptorExtractor> explain;
    private final Optional<String> trainedOn;
    private final Map<String, String> facts;

    private Options(Builder builder) {
      title = builder.title;
      queries = builder.queries;
      hits = builder.hits;
      thumbnailSize = builder.thumbnailSize;
      explain = builder.explain;
      trainedOn = builder.trainedOn;
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(builder.facts));
    }

    /**
     * Starts options.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
      return new Builder();
    }

    /** Collects options. For one thread. */
    public static final class Builder {
      private Optional<String> title = Optional.empty();
      private int queries = 50;
      private int hits = 10;
      private int thumbnailSize = 160;
      private Optional<DescriptorExtractor> explain = Optional.empty();
      private Optional<String> trainedOn = Optional.empty();
      private final Map<String, String> facts = new LinkedHashMap<>();

      private Builder() {}

      /**
       * Sets the heading. By default it names the data set.
       *
       * @param text any text
       * @return this builder
       */
      public Builder title(String text) {
        title = Optional.of(text);
        return this;
      }

      /**
       * Bounds the queries shown with images; the worst are shown.
       *
       * @param most at least 0; 50 by default
       * @return this builder
       * @throws IllegalArgumentException if it is negative
       */
      public Builder queries(int most) {
        queries = atLeast(0, "report queries", most);
        return this;
      }

      /**
       * Bounds the hits shown of each query.
       *
       * @param most at least 0; 10 by default
       * @return this builder
       * @throws IllegalArgumentException if it is negative
       */
      public Builder hits(int most) {
        hits = atLeast(0, "report hits", most);
        return this;
      }

      /**
       * Sets the size of the small images.
       *
       * @param longerSide pixels, at least 16; 160 by default
       * @return this builder
       * @throws IllegalArgumentException if it is less than 16
       */
      public Builder thumbnailSize(int longerSide) {
        thumbnailSize = atLeast(16, "thumbnail size", longerSide);
        return this;
      }

      /**
       * Shows where the cosine of a query and a hit comes from. The images that are shown are
       * described once more; a hit whose pooling or transform does not tell gets no map.
       *
       * @param extractor the one of the run (not owned: not closed; open while the page is written)
       * @return this builder
       */
      public Builder explain(DescriptorExtractor extractor) {
        explain = Optional.of(extractor);
        return this;
      }

      /**
       * Names the training set of the network, to stand beside published figures. One that is known
       * to show what the test queries show is marked.
       *
       * @param trainingSet for instance {@code GLDv2-clean}
       * @return this builder
       */
      public Builder trainedOn(String trainingSet) {
        trainedOn = Optional.of(trainingSet);
        return this;
      }

      /**
       * Adds a line about the run, for instance the seed of an index.
       *
       * @param name what it is
       * @param value its value; the last one of a name counts
       * @return this builder
       */
      public Builder fact(String name, String value) {
        facts.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
        return this;
      }

      private static int atLeast(int least, String what, int value) {
        if (value < least) {
          throw new IllegalArgumentException(
              what + " must be at least " + least + " but was " + value);
        }
        return value;
      }

      /**
       * Makes the options.
       *
       * @return immutable options
       */
      public Options build() {
        return new Options(this);
      }
    }
  }
}
