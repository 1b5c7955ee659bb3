// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.Box;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.eval.ColorBackbone;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Evaluator;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report as a reader meets it, in headless Chromium. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReportInBrowserTest {
  private static final String LONG = "a_name_without_any_place_to_break_it_" + "x".repeat(60);

  private Path directory = Path.of("");
  private @Nullable Browser opened;
  private Path page = Path.of("");

  @BeforeAll
  void open(@TempDir Path temporary) throws Exception {
    directory = temporary;
    opened = Browser.open(directory);
    page = writeReport();
  }

  @AfterAll
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private Browser browser() {
    if (opened == null) {
      throw new IllegalStateException("the browser must be open");
    }
    return opened;
  }

  @BeforeEach
  void load() throws InterruptedException {
    browser().screen(1200, 900, false);
    browser().scheme("light");
    browser().load(page);
  }

  /** A query with a box and 69 others over five images, one unreadable, by three protocols. */
  private Path writeReport() throws IOException {
    List<DataSetImage> database = new ArrayList<>();
    String[] ids = {"red", "orange", LONG, "blue", "broken"};
    int[] left = {0xC03020, 0xC08020, 0xA04040, 0x2030C0};
    for (int i = 0; i < ids.length; i++) {
      Path file = directory.resolve("p" + i + ".png");
      if (i < left.length) {
        TestImages.write(file, 96, 64 + 16 * i, left[i], 0x30A050);
      } else {
        Files.writeString(file, "no image");
      }
      database.add(new DataSetImage(ids[i], file));
    }
    Path asked = TestImages.write(directory.resolve("q.png"), 80, 80, 0xD03020, 0x2020A0);
    DataSetImage image = new DataSetImage("asked", asked);
    Optional<Box> box = Optional.of(new Box(0, 8, 60, 72));
    Set<String> none = Set.of();
    List<Protocol> protocols = new ArrayList<>();
    for (String name : List.of("medium", "hard", "easy")) {
      Set<String> right = name.equals("hard") ? Set.of("blue") : Set.of("red", LONG);
      Query boxed = new Query(image, box, new Judgments(right, Set.of("orange"), none));
      Query whole =
          new Query(database.get(3), Optional.empty(), new Judgments(Set.of("blue"), none, none));
      List<Query> queries = new ArrayList<>(Collections.nCopies(70, whole));
      queries.set(0, boxed);
      protocols.add(new Protocol(name, queries, List.of(Metric.averagePrecision())));
    }
    RetrievalDataSet set = RetrievalDataSet.ofProtocols("roxford5k", protocols, database);
    try (DescriptorExtractor extractor = new ColorBackbone().extractor()) {
      EvaluationResult small =
          Evaluator.builder(extractor, ColorBackbone.ListIndexBuilder::new).build().run(set);
      // As if it were the whole set, so that it may stand beside published figures.
      EvaluationResult result =
          new EvaluationResult(
              new EvaluationResult.Run(
                  set.name(),
                  small.recipe(),
                  small.similarity(),
                  List.of(),
                  4_993,
                  4_993,
                  small.protocols(),
                  small.failures(),
                  small.timings()));
      Path file = directory.resolve("report.html");
      HtmlReport.write(
          result,
          set,
          file,
          TestImages.DECODER,
          HtmlReport.Options.builder()
              .queries(2)
              .explain(extractor)
              .trainedOn("GLDv2-clean")
              .fact("seed", "7")
              .build());
      return file;
    }
  }

  private List<String> strings(String expression) {
    return PageChecks.strings(browser(), expression);
  }

  @Test
  void nothingIsAskedOfTheNetworkAndNothingFails() {
    assertThat(browser().evaluate("document.images.length").getAsInt()).isGreaterThan(10);
    PageChecks.assertQuiet(browser(), "report.html");
  }

  @Test
  void everyImageIsDrawnAndHasAnAlternativeText() {
    PageChecks.assertImagesAreDrawnAndDescribed(browser());
  }

  @ParameterizedTest
  @ValueSource(ints = {360, 768, 1200})
  void nothingIsWiderThanTheScreen(int width) {
    browser().screen(width, 740, width < 700);
    PageChecks.assertNotWiderThan(browser(), width);
  }

  @Test
  void controlsAreLargeEnoughForAFinger() {
    browser().screen(360, 740, true);
    assertThat(
            strings(
                "[...document.querySelectorAll('summary, label')]"
                    + ".filter(e => e.getBoundingClientRect().height < 24)"
                    + ".map(e => e.outerHTML.slice(0, 200))"))
        .isEmpty();
  }

  @Test
  void keyboardReachesAndOpensEverything() {
    List<String> reached = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      browser().key("Tab", 9, "");
      String focus =
          browser()
              .evaluate(
                  "(e => e.tagName + ' ' + (e.className || e.name || e.getAttribute('href') || ''))"
                      + "(document.activeElement)")
              .getAsString();
      if (focus.startsWith("BODY")) {
        break;
      }
      reached.add(focus);
    }
    assertThat(reached.get(0)).isEqualTo("A skip");
    assertThat(reached.stream().filter(f -> f.startsWith("SUMMARY"))).hasSize(2);
    assertThat(reached.stream().filter(f -> f.startsWith("DIV scroll"))).hasSize(3);
    assertThat(reached.stream().filter(f -> f.startsWith("INPUT"))).hasSize(2);
    assertThat(reached).contains("A #q1", "A #q2");

    browser().evaluate("document.querySelector('summary').focus()");
    browser().key("Enter", 13, "\\r");
    assertThat(browser().evaluate("document.querySelector('details').open").getAsBoolean())
        .isFalse();
    assertThat(
            browser()
                .evaluate("getComputedStyle(document.activeElement).outlineStyle")
                .getAsString())
        .isEqualTo("solid");
    browser().key("Enter", 13, "\\r");
    assertThat(browser().evaluate("document.querySelector('details').open").getAsBoolean())
        .isTrue();
  }

  /** Which overlays of the first query are seen. */
  private List<String> overlays() {
    return strings(
        "[...document.querySelectorAll('#q1 .why')]"
            + ".filter(e => getComputedStyle(e).display != 'none').map(e => e.className)");
  }

  @Test
  void arrowKeysWalkThroughTheExplanations() throws IOException {
    assertThat(overlays()).isEmpty();
    browser().evaluate("document.querySelector('#q1 input').focus()");
    browser().key("ArrowRight", 39, "");
    assertThat(overlays()).containsExactly("why why1", "why why1");
    browser().key("ArrowRight", 39, "");
    assertThat(overlays()).containsExactly("why why2", "why why2");
    // The overlay of the query lies on its box, that of the hit on the whole image.
    assertThat(
            browser()
                .evaluate(
                    "[...document.querySelectorAll('#q1 .why2')].every(e => { const p ="
                        + " (e.closest('.asked') ? e.parentNode.querySelector('.box') :"
                        + " e.parentNode.querySelector('img')).getBoundingClientRect(), m ="
                        + " e.getBoundingClientRect(); return ['left', 'top', 'right',"
                        + " 'bottom'].every(s => Math.abs(p[s] - m[s]) < 1.5) })")
                .getAsBoolean())
        .isTrue();
    browser().screenshot(Path.of("target", "report", "why.png"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void textHasContrastInBothSchemes(String scheme) throws IOException {
    browser().scheme(scheme);
    String expected = scheme.equals("light") ? "rgb(255, 255, 255)" : "rgb(18, 20, 22)";
    assertThat(browser().evaluate("getComputedStyle(document.body).backgroundColor").getAsString())
        .isEqualTo(expected);
    PageChecks.assertContrast(browser());
    // Left in the build directory to be looked at.
    browser().screen(1200, 3200, false);
    browser().screenshot(Path.of("target", "report", scheme + ".png"));
    browser().screen(360, 3200, true);
    browser().screenshot(Path.of("target", "report", scheme + "-phone.png"));
  }

  @Test
  void publishedFiguresStandBesideOurs() {
    List<String> rows =
        strings(
            "[...document.querySelectorAll('table.published tbody tr')]"
                + ".map(r => r.innerText.replace(/\\s+/g, ' '))");
    assertThat(rows.get(0)).startsWith("This run ").contains("GLDv2-clean ⚠ overlap this page");
    assertThat(rows)
        .anyMatch(r -> r.matches("ResNet-50 GeM, AP loss 0\\.6550 0\\.4100 Landmarks-clean .*"))
        .anyMatch(r -> r.startsWith("ResNet-101 DOLG 0.8237 0.6493 GLDv2-clean ⚠ overlap "));
  }
}
