// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Box;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.RgbImage;
import io.deepretrieval.eval.ColorBackbone;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Evaluator;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.MadeResults;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestImages;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.testkit.SharedFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HtmlReportTest {
  private static final Pattern TAG =
      Pattern.compile("<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|[^\">])*)>");
  private static final Pattern ATTRIBUTE = Pattern.compile("([a-zA-Z-]+)(?:=\"([^\"]*)\")?");

  @TempDir Path directory;

  /** Orange images of 100x400 pixels; one cannot be read. */
  private static final ImageDecoder ORANGE =
      source -> {
        if (source.name().equals(MadeResults.image("gone").file().toString())) {
          throw new ImageDecodeException(source.name(), "unknown", "gone", null);
        }
        int[] pixels = new int[100 * 400];
        Arrays.fill(pixels, 0xFF8000);
        return RgbImage.ofPacked(100, 400, pixels);
      };

  private String page(EvaluationResult result, RetrievalDataSet set, HtmlReport.Options options)
      throws IOException {
    Path file = directory.resolve("report.html");
    HtmlReport.write(result, set, file, ORANGE, options);
    return Files.readString(file);
  }

  private String small() throws IOException {
    return page(
        MadeResults.Small.RESULT,
        MadeResults.Small.DATA_SET,
        HtmlReport.Options.builder().title("Title " + MadeResults.HOSTILE).build());
  }

  private static List<Map<String, String>> elements(String page, String name) {
    List<Map<String, String>> found = new ArrayList<>();
    for (MatchResult tag : TAG.matcher(page).results().toList()) {
      if (tag.group(1).isEmpty() && (name.equals("*") || tag.group(2).equals(name))) {
        Map<String, String> attributes = new HashMap<>();
        Matcher matcher = ATTRIBUTE.matcher(tag.group(3));
        while (matcher.find()) {
          attributes.put(matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2));
        }
        found.add(attributes);
      }
    }
    return found;
  }

  /** Without the style, which has no tags. */
  private static String body(String page) {
    return page.substring(page.indexOf("<body>"));
  }

  @Test
  void headlineShowsTheScoreBesideTheRandomOrder() throws IOException {
    String page = small();
    EvaluationResult result = MadeResults.Small.RESULT;
    assertThat(page)
        .contains(
            "<strong>%.4f</strong> <span>mAP</span>".formatted(result.meanAveragePrecision()),
            "<strong>%.4f</strong> <span>random order</span>"
                .formatted(result.randomMeanAveragePrecision()),
            "<li>1 query without right answer</li>",
            "<li>1 image not readable</li>",
            "<li>described in 1 min 15 s</li>",
            "<li>searched and scored in 1.50 s</li>");
  }

  @Test
  void worstQueryStandsFirst() throws IOException {
    String page = body(small());
    List<String> queries =
        Pattern.compile("<h3><bdi>(.*?)</bdi></h3> <span class=\"ap\">AP (.*?)</span>")
            .matcher(page)
            .results()
            .map(m -> m.group(1) + " " + m.group(2))
            .toList();
    double ap = MadeResults.Small.RESULT.queries().get(0).averagePrecision();
    assertThat(queries).containsExactly("unreadable 0.0000", "first %.4f".formatted(ap));
    assertThat(page.indexOf("<a href=\"#q1\"><bdi>unreadable"))
        .isPositive()
        .isLessThan(page.indexOf("<a href=\"#q2\"><bdi>first"));
    assertThat(page).contains("<td>none found</td>", "<td>1, 3, 5</td>");
  }

  @Test
  void judgmentsDifferByClassSignAndWord() throws IOException {
    String page = body(small());
    String[][] expected = {
      {"good", "✓", "0.9000", "first"},
      {"wrong", "✗", "0.8000", "other"},
      {"ok", "○", "0.7000", "partly"},
      {"junk", "–", "0.6000", "blurred"}
    };
    for (int i = 0; i < expected.length; i++) {
      String[] hit = expected[i];
      assertThat(page)
          .containsPattern(
              "(?s)<li class=\"%s\"><figure>[^!]*?alt=\"Hit %d, %s: %s\"[^!]*?<span class=\"place\">%d</span> <span class=\"tag\"><span aria-hidden=\"true\">%s</span> %s</span> <span class=\"score\">%s</span><br><bdi>%s</bdi>"
                  .formatted(hit[0], i + 1, hit[0], hit[3], i + 1, hit[1], hit[0], hit[2], hit[3]));
    }
    assertThat(page).contains("<bdi>first</bdi><br>the query itself</figcaption>");
  }

  @Test
  void queryBoxIsDrawnInSharesOfTheImage() throws IOException {
    assertThat(body(small()))
        .contains(
            "alt=\"Query first, its box drawn\"",
            "<span class=\"box\""
                + " style=\"left:10.00%;top:5.00%;width:50.00%;height:45.00%\"></span>");
  }

  @Test
  void imageThatCannotBeReadIsNoted() throws IOException {
    assertThat(body(small()))
        .contains("role=\"img\" aria-label=\"Hit 5, wrong: gone\">cannot be read</div>");
  }

  @Test
  void whatWentWrongAndTheRecipeAreListed() throws IOException {
    assertThat(body(small()))
        .contains(
            "<li><bdi>unreadable</bdi>: cannot decode &lt;unreadable&gt;</li>",
            "<li><bdi>idle</bdi></li>",
            "<dt>backbone</dt><dd>colour &lt;b&gt;&amp;</dd>",
            "<dt>re-ranking</dt><dd>reverse n=3</dd>",
            "<dt>similarity</dt><dd>cosine</dd>",
            "<dd>" + MadeResults.Small.RESULT.recipe().fingerprint() + "</dd>");
  }

  @Test
  void hostileNamesAreEscapedEverywhere() throws IOException {
    String page = small();
    String escaped =
        "&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&lt;/style&gt;&lt;script&gt;"
            + "\uFFFDgpj.exe\uFFFD&amp;amp;";
    assertThat(page)
        .contains(
            "<title>Title " + escaped + "</title>",
            "<h1>Title " + escaped + "</h1>",
            "alt=\"Hit 6, good: " + escaped + "\"",
            "<bdi>" + escaped + "</bdi>")
        .doesNotContain("<script", "<img src=x", "\u202E", "\u0007");
    assertThat(page).containsOnlyOnce("</style>");
  }

  @Test
  void nothingLeavesThePageAndNothingRuns() throws IOException {
    String page = small();
    assertThat(page)
        .contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline';")
        .doesNotContain("http:", "https:", "url(", "@import", "javascript:");
    for (Map<String, String> attributes : elements(body(page), "*")) {
      assertThat(attributes.keySet()).noneMatch(name -> name.startsWith("on"));
      if (attributes.containsKey("src")) {
        assertThat(attributes.get("src")).startsWith("data:image/jpeg;base64,");
      }
      if (attributes.containsKey("href")) {
        assertThat(attributes.get("href")).startsWith("#");
      }
    }
  }

  @Test
  void everyTagIsClosedAndEveryLinkAndLabelHasItsTarget() throws IOException {
    String page = small();
    Deque<String> open = new ArrayDeque<>();
    String markup =
        page.replace("<!DOCTYPE html>", "").replaceAll("(?s)<style>.*</style>", "<style></style>");
    for (MatchResult tag : TAG.matcher(markup).results().toList()) {
      String name = tag.group(2);
      if (Set.of("meta", "img", "br", "input").contains(name) || tag.group(3).endsWith("/")) {
        continue;
      }
      if (tag.group(1).isEmpty()) {
        open.push(name);
      } else {
        assertThat(open.pop()).isEqualTo(name);
      }
    }
    assertThat(open).isEmpty();
    assertThat(page).startsWith("<!DOCTYPE html>\n");
    assertThat(markup.replaceAll(TAG.pattern(), "")).doesNotContain(">");

    List<String> ids = new ArrayList<>();
    elements(body(page), "*").forEach(a -> Optional.ofNullable(a.get("id")).ifPresent(ids::add));
    assertThat(ids).doesNotHaveDuplicates();
    for (Map<String, String> attributes : elements(body(page), "*")) {
      if (attributes.containsKey("href")) {
        assertThat(ids).contains(attributes.get("href").substring(1));
      }
      if (attributes.containsKey("aria-labelledby")) {
        assertThat(ids).contains(attributes.get("aria-labelledby"));
      }
    }
  }

  @Test
  void everyImageHasAnAlternativeTextAndItsSize() throws IOException {
    List<Map<String, String>> images = elements(body(small()), "img");
    // Two queries and five of six hits; the sixth cannot be read.
    assertThat(images).hasSize(7);
    for (Map<String, String> image : images) {
      assertThat(image.get("alt")).matches("(?s)(Query|Hit \\d+, (good|ok|junk|wrong):) .+");
      assertThat(image).containsEntry("width", "40").containsEntry("height", "160");
    }
  }

  @Test
  void thumbnailIsAJpegOfTheImage() throws IOException {
    String uri = Objects.requireNonNull(elements(body(small()), "img").get(0).get("src"));
    byte[] jpeg = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(jpeg));
    assertThat(image.getWidth()).isEqualTo(40);
    assertThat(image.getHeight()).isEqualTo(160);
    int rgb = image.getRGB(20, 80);
    assertThat(rgb >> 16 & 0xFF).isCloseTo(0xFF, within(4));
    assertThat(rgb >> 8 & 0xFF).isCloseTo(0x80, within(4));
    assertThat(rgb & 0xFF).isCloseTo(0, within(4));
  }

  @Test
  void queriesAndHitsAreBounded() throws IOException {
    String page =
        page(
            MadeResults.Small.RESULT,
            MadeResults.Small.DATA_SET,
            HtmlReport.Options.builder().queries(1).hits(2).thumbnailSize(16).build());
    assertThat(page)
        .contains("The 1 worst of 2 queries.", "<title>Retrieval on made &lt;set&gt;</title>")
        .contains("<a href=\"#q1\">")
        .doesNotContain("#q2");
    assertThat(elements(page, "details")).hasSize(1);
    assertThat(elements(page, "img")).hasSize(1).allMatch(i -> "16".equals(i.get("height")));
    String none =
        page(
            MadeResults.Small.RESULT,
            MadeResults.Small.DATA_SET,
            HtmlReport.Options.builder().hits(0).build());
    assertThat(elements(none, "img")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"50,10,160,200", "100,29,640,90"})
  void reportOfNoiseStaysBelowTenMegabytes(int queries, int hits, int size, int side)
      throws IOException {
    List<DataSetImage> database = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < queries * hits; i++) {
      ids.add("an image with a name of some length, number " + i);
      database.add(MadeResults.image(ids.get(i)));
    }
    List<Query> asked = new ArrayList<>();
    List<QueryResult> results = new ArrayList<>();
    for (int q = 0; q < queries; q++) {
      List<String> found = ids.subList(q * hits, (q + 1) * hits);
      asked.add(
          MadeResults.query(
              "query " + q,
              Optional.empty(),
              new LinkedHashSet<>(found.subList(0, 1)),
              Set.of(),
              Set.of()));
      results.add(MadeResults.ranked(asked.get(q), found.toArray(new String[0])));
    }
    RetrievalDataSet set = RetrievalDataSet.of("noise", asked, database);
    ImageDecoder noise =
        source -> {
          byte[] bytes = new byte[3 * side * side];
          new SplittableRandom(source.name().hashCode()).nextBytes(bytes);
          return RgbImage.copyOf(side, side, bytes);
        };
    Path file = directory.resolve("noise.html");
    HtmlReport.Options.Builder options =
        HtmlReport.Options.builder().queries(queries).hits(hits).thumbnailSize(size);
    HtmlReport.write(MadeResults.result(set, results), set, file, noise, options.build());
    assertThat(file).isNotEmptyFile();
    assertThat(elements(Files.readString(file), "img")).hasSize(queries * (hits + 1));
    assertThat(Files.size(file)).isLessThan(10_000_000);

    DescriptorExtractor extractor = new ColorBackbone().extractor();
    HtmlReport.write(
        MadeResults.result(set, extractor.recipe(), results),
        set,
        file,
        noise,
        options.explain(extractor).build());
    int explained = queries * Math.min(hits, 600 / queries);
    assertThat(elements(Files.readString(file), "img"))
        .hasSize(queries * (hits + 1) + 2 * explained);
    assertThat(Files.size(file)).isLessThan(10_000_000);
  }

  /** Two images side by side, a query with a box that finds them, and its report. */
  private String explained(DescriptorExtractor extractor, String... facts) throws IOException {
    DataSetImage near = new DataSetImage("near", directory.resolve("near.png"));
    DataSetImage far = new DataSetImage("far", directory.resolve("far.png"));
    DataSetImage asked = new DataSetImage("asked", directory.resolve("asked.png"));
    TestImages.write(near.file(), 8, 4, 0xFF0000, 0x000000);
    TestImages.write(far.file(), 8, 8, 0x00FF00, 0x0000FF);
    TestImages.write(asked.file(), 16, 8, 0xFF0000, 0x0000FF);
    Query query =
        new Query(
            asked,
            Optional.of(new Box(0, 0, 8, 8)),
            new Judgments(Set.of("near"), Set.of(), Set.of()));
    RetrievalDataSet set = RetrievalDataSet.of("pair", List.of(query), List.of(near, far));
    EvaluationResult result =
        Evaluator.builder(new ColorBackbone().extractor(), ColorBackbone.ListIndexBuilder::new)
            .build()
            .run(set);
    HtmlReport.Options.Builder options = HtmlReport.Options.builder().explain(extractor);
    for (int i = 0; i < facts.length; i += 2) {
      options.fact(facts[i], facts[i + 1]);
    }
    Path file = directory.resolve("explained.html");
    HtmlReport.write(result, set, file, TestImages.DECODER, options.build());
    return Files.readString(file);
  }

  @Test
  void explanationLiesOverBothImagesOfEachHit() throws IOException {
    String page = explained(new ColorBackbone().extractor());
    List<String> overlays =
        elements(body(page), "img").stream()
            .filter(i -> i.getOrDefault("class", "").startsWith("why"))
            .map(i -> i.get("class") + " " + i.get("alt") + " " + i.getOrDefault("style", ""))
            .toList();
    String box = "left:0.00%;top:0.00%;width:50.00%;height:100.00%";
    // The query is red in its box; only the left cell of "near" is; nothing of "far" is.
    assertThat(overlays)
        .containsExactly(
            "why why1 Why hit 1: shares of cosine 1.0000 on 2 by 2 cells, the largest 0.2500 at"
                + " row 1, column 1 "
                + box,
            "why why2 Why hit 2: shares of cosine 0.0000 on 2 by 2 cells, the largest 0.0000 at"
                + " row 1, column 1 "
                + box,
            "why why1 Why hit 1: shares of cosine 1.0000 on 1 by 2 cells, the largest 1.0000 at"
                + " row 1, column 1 ",
            "why why2 Why hit 2: shares of cosine 0.0000 on 2 by 2 cells, the largest 0.0000 at"
                + " row 1, column 1 ");
    assertThat(page)
        .contains(
            ".query:has(.ask2:checked) .why2 { display: block; }",
            "<input type=\"radio\" name=\"why1\" autocomplete=\"off\" checked> image only",
            "<input type=\"radio\" name=\"why1\" class=\"ask2\" autocomplete=\"off\"> why",
            "<b>Why.</b>");
  }

  @Test
  void explanationByAnotherRecipeIsRefused() {
    DescriptorExtractor other =
        DescriptorExtractor.builder(new ColorBackbone(), ColorBackbone.MEAN, TestImages.DECODER)
            .imageSize(4)
            .build();
    assertThatThrownBy(() -> explained(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("extractor to explain must have the recipe [");
  }

  @Test
  void runNamesVersionMachineSeedAndFacts() throws IOException {
    String page = body(explained(new ColorBackbone().extractor(), "index <seed>", "7 & 8"));
    assertThat(page)
        .containsPattern("<dt>library</dt><dd>deep-retrieval \\d+\\.\\d+\\.\\d+")
        .contains(
            "<dt>index &lt;seed&gt;</dt><dd>7 &amp; 8</dd>",
            "<dt>Java</dt><dd>" + Runtime.version(),
            "<dt>processors</dt><dd>" + Runtime.getRuntime().availableProcessors(),
            "<dt>seed of the bootstrap</dt><dd>1</dd>");
    assertThat(RunEnvironment.processor(directory.resolve("none"))).isEmpty();
    Path file = Files.writeString(directory.resolve("cpu"), "flags: x\nmodel name\t: Some CPU\n");
    assertThat(RunEnvironment.processor(file)).contains("Some CPU");
  }

  @Test
  void curvesAreDrawnAndSaid() throws IOException {
    String page = body(explained(new ColorBackbone().extractor()));
    assertThat(page)
        .contains(
            "aria-label=\"Mean precision over recall; standard: precision 1.00 at recall 0.1, 1.00"
                + " at 0.5, 1.00 at 0.9\"",
            "<path class=\"curve c0\" d=\"M0.0 0.0L470.0 0.0\"/>")
        .doesNotContain("published");
  }

  @Test
  void failedReportLeavesTheOldOne() throws IOException {
    Path file = Files.writeString(directory.resolve("report.html"), "old");
    ImageDecoder broken =
        source -> {
          throw new IllegalStateException("broken decoder");
        };
    assertThatThrownBy(
            () ->
                HtmlReport.write(
                    MadeResults.Small.RESULT, MadeResults.Small.DATA_SET, file, broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken decoder");
    assertThat(file).hasContent("old");
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> HtmlReport.Options.builder().queries(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report queries must be at least 0 but was -1");
    assertThatThrownBy(() -> HtmlReport.Options.builder().hits(-2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report hits must be at least 0 but was -2");
    assertThatThrownBy(() -> HtmlReport.Options.builder().thumbnailSize(15))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("thumbnail size must be at least 16 but was 15");
  }

  /** WCAG 2.2 asks for 4.5 to 1 of text, in light (0) and dark (1). */
  @ParameterizedTest
  @CsvSource({"0", "1"})
  void textAndSignsHaveContrast(int scheme) throws IOException {
    Matcher roots = Pattern.compile(":root \\{([^}]*)}").matcher(small());
    Map<String, String> colors = new HashMap<>();
    for (int i = 0; i <= scheme; i++) {
      assertThat(roots.find()).isTrue();
      Matcher color = Pattern.compile("--([a-z]+): #([0-9a-f]{6})").matcher(roots.group(1));
      while (color.find()) {
        colors.put(color.group(1), color.group(2));
      }
    }
    String[][] pairs = {
      {"fg", "bg"},
      {"fg", "card"},
      {"muted", "bg"},
      {"muted", "card"},
      {"accent", "bg"},
      {"tag", "good"},
      {"tag", "ok"},
      {"tag", "junk"},
      {"tag", "wrong"},
      {"good", "card"},
      {"ok", "card"},
      {"junk", "card"},
      {"wrong", "card"},
      {"good", "bg"},
      {"wrong", "bg"}
    };
    for (String[] pair : pairs) {
      double a = luminance(colors.getOrDefault(pair[0], ""));
      double b = luminance(colors.getOrDefault(pair[1], ""));
      double ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      assertThat(ratio).as(pair[0] + " on " + pair[1]).isGreaterThanOrEqualTo(4.5);
    }
  }

  private static double luminance(String hex) {
    int rgb = Integer.parseInt(hex, 16);
    return 0.2126 * linear(rgb >> 16 & 0xFF)
        + 0.7152 * linear(rgb >> 8 & 0xFF)
        + 0.0722 * linear(rgb & 0xFF);
  }

  private static double linear(int value) {
    double v = value / 255.0;
    return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
  }

  @Test
  void realPhotosGiveAReportOfBoundedSize() throws IOException {
    RetrievalDataSet stamps = DataSets.read("groups", SharedFiles.require("data/stamps/test"));
    EvaluationResult result =
        Evaluator.builder(new ColorBackbone().extractor(), ColorBackbone.ListIndexBuilder::new)
            .build()
            .run(stamps);
    assertThat(result.failures()).isEmpty();
    assertThat(result.queries()).hasSize(50);
    assertThat(result.databaseSize()).isEqualTo(300);
    assertThat(result.meanAveragePrecision()).isGreaterThan(result.randomMeanAveragePrecision());
    // Left in the build directory to be looked at.
    Path file = Path.of("target", "report", "stamps.html");
    HtmlReport.write(
        result,
        stamps,
        file,
        TestImages.DECODER,
        HtmlReport.Options.builder().explain(new ColorBackbone().extractor()).build());
    assertThat(Files.size(file)).isBetween(500_000L, 10_000_000L);
    assertThat(elements(Files.readString(file), "img")).hasSize(550 + 2 * 500);
  }
}
