// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Box;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.eval.report.BootstrapInterval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs over a made data set of one-colored images. */
final class EvaluatorTest {
  private static final int RED = 0xFF0000;
  private static final int ORANGE = 0xFF8000;
  private static final int YELLOW = 0xFFFF00;
  private static final int GREEN = 0x00FF00;
  private static final int BLUE = 0x0000FF;

  /** Cosine of red and orange, (1, 0) and (1, 128/255). */
  private static final double RED_ORANGE = 1 / Math.sqrt(1 + Math.pow(128 / 255.0, 2));

  @TempDir Path root;
  private final ColorBackbone backbone = new ColorBackbone();

  @BeforeEach
  void images() {
    imageFile("red", RED);
    imageFile("orange", ORANGE);
    imageFile("yellow", YELLOW);
    imageFile("green", GREEN);
    imageFile("blue", BLUE);
    TestImages.write(root.resolve("jpg/half.png"), 16, 8, RED, GREEN);
    imageFile("query", RED);
  }

  private void imageFile(String name, int rgb) {
    TestImages.write(root.resolve("jpg").resolve(name + ".png"), 8, 8, rgb);
  }

  private RetrievalDataSet groups(String... lines) throws IOException {
    Files.writeString(
        root.resolve("list.tsv"), "image\tgroup\trole\n" + String.join("\n", lines) + "\n");
    return DataSets.read("groups", root);
  }

  private DataSetImage image(String name) {
    return new DataSetImage(name, root.resolve("jpg").resolve(name + ".png"));
  }

  private static Judgments good(String... ids) {
    return new Judgments(Set.of(ids), Set.of(), Set.of());
  }

  private EvaluationResult run(RetrievalDataSet dataSet) {
    return evaluator().build().run(dataSet);
  }

  private Evaluator.Builder evaluator() {
    return Evaluator.builder(backbone.extractor(), ColorBackbone.ListIndexBuilder::new);
  }

  private static List<String> ids(QueryResult query) {
    return query.ranking().stream().map(SearchHit::id).toList();
  }

  @Test
  void rankingScoresAndMeanAreHandComputed() throws IOException {
    RetrievalDataSet set =
        groups(
            "green\tg\tdatabase",
            "blue\tb\tdatabase",
            "yellow\ta\tdatabase",
            "red\ta\tdatabase",
            "orange\tg\tdatabase",
            "query\ta\tquery");
    EvaluationResult result = run(set);

    QueryResult query = result.queries().get(0);
    assertThat(ids(query)).containsExactly("red", "orange", "yellow", "green", "blue");
    assertThat(query.ranking().get(0).score()).isCloseTo(1f, within(1e-6f));
    assertThat(query.ranking().get(1).score()).isCloseTo((float) RED_ORANGE, within(1e-6f));
    assertThat(query.ranking().get(2).score()).isCloseTo((float) Math.sqrt(0.5), within(1e-6f));
    assertThat(query.positiveRanks()).containsExactly(0, 2);
    assertThat(query.averagePrecision()).isCloseTo((1 + 7 / 12.0) / 2, within(1e-15));
    assertThat(result.meanAveragePrecision()).isEqualTo(query.averagePrecision());
    assertThat(result.randomMeanAveragePrecision())
        .isEqualTo(RandomRanking.meanAveragePrecision(set));
    assertThat(result.meanPrecisionAt(1)).isEqualTo(1);
    assertThat(result.meanPrecisionAt(4)).isEqualTo(0.5);
    assertThat(result.meanRevisitedPrecisionAt(4)).isEqualTo(2 / 3.0);
    assertThat(result.dataSet()).isEqualTo("groups");
    assertThat(result.recipe()).isEqualTo(backbone.extractor().recipe());
    assertThat(result.similarity()).isEqualTo(Similarity.INNER_PRODUCT);
    assertThat(result.databaseSize()).isEqualTo(5);
    assertThat(result.depth()).isEqualTo(5);
    assertThat(result.failures()).isEmpty();
    assertThat(result.skippedQueries()).isEmpty();
    assertThat(result.rerankers()).isEmpty();
    assertThat(result.timings().total()).isGreaterThan(Duration.ZERO);
    assertThat(result)
        .hasToString(
            "EvaluationResult[groups: mAP " + result.meanAveragePrecision() + " over 1 queries]");
  }

  @Test
  void tiesAreRankedInTheOrderOfTheDataSet() throws IOException {
    EvaluationResult result =
        run(
            groups(
                "blue\tx\tdatabase", "green\ty\tdatabase", "red\tx\tdatabase", "query\tx\tquery"));
    assertThat(ids(result.queries().get(0))).containsExactly("red", "blue", "green");
  }

  @Test
  void queryInTheDatabaseIsDescribedOnceAndJunkToItself() throws IOException {
    EvaluationResult result = run(groups("red\ta\tboth", "orange\ta\tboth", "blue\t-\tdatabase"));
    assertThat(backbone.seen).isEqualTo(3);
    QueryResult red = result.queries().get(0);
    assertThat(ids(red)).containsExactly("red", "orange", "blue");
    assertThat(red.positiveRanks()).containsExactly(0);
    assertThat(result.meanAveragePrecision()).isEqualTo(1);
  }

  @Test
  void boxIsCutOutOfAQueryThatIsInTheDatabaseToo() {
    DataSetImage half = image("half");
    Query left = new Query(half, Optional.of(new Box(0, 0, 8, 8)), good("red"));
    Query right = new Query(half, Optional.of(new Box(8, 0, 16, 8)), good("red", "half"));
    EvaluationResult result =
        run(
            RetrievalDataSet.of(
                "made", List.of(left, right), List.of(image("green"), image("red"), half)));
    assertThat(backbone.seen).isEqualTo(5);
    assertThat(ids(result.queries().get(0))).containsExactly("red", "half", "green");
    assertThat(ids(result.queries().get(1))).containsExactly("green", "half", "red");
    assertThat(result.queries().get(1).averagePrecision())
        .isCloseTo(AveragePrecision.trapezoid(new int[] {1, 2}, 2), within(1e-15));
  }

  @Test
  void rightAnswerThatCannotBeReadCountsAsNotFound() throws IOException {
    Files.writeString(root.resolve("jpg/orange.png"), "no image");
    List<ExtractionReport.Failure> heard = new ArrayList<>();
    EvaluationResult result =
        evaluator()
            .listener(
                new EvaluationListener() {
                  @Override
                  public void progress(Step step, int done, int total) {}

                  @Override
                  public void failed(ExtractionReport.Failure failure) {
                    heard.add(failure);
                  }
                })
            .build()
            .run(
                groups(
                    "red\ta\tdatabase",
                    "orange\ta\tdatabase",
                    "blue\t-\tdatabase",
                    "query\ta\tquery"));
    assertThat(result.queries().get(0).averagePrecision()).isEqualTo(0.5);
    assertThat(result.databaseSize()).isEqualTo(2);
    assertThat(result.failures())
        .containsExactly(
            new ExtractionReport.Failure(
                "orange",
                "cannot decode "
                    + root.resolve("jpg/orange.png")
                    + " (format unknown): not an image"));
    assertThat(heard).isEqualTo(result.failures());
  }

  @Test
  void queryThatCannotBeReadCountsAsZeroAndIsListedWithItsBox() throws IOException {
    Files.writeString(root.resolve("jpg/orange.png"), "no image");
    Query broken = new Query(image("orange"), Optional.of(new Box(0, 0, 4, 4)), good("red"));
    Query outside = new Query(image("green"), Optional.of(new Box(9, 9, 12, 12)), good("red"));
    Query fine = new Query(image("query"), Optional.empty(), good("red"));
    EvaluationResult result =
        run(
            RetrievalDataSet.of(
                "made", List.of(broken, fine, outside), List.of(image("red"), image("blue"))));
    assertThat(result.queries())
        .extracting(QueryResult::averagePrecision)
        .containsExactly(0.0, 1.0, 0.0);
    assertThat(result.queries().get(0).ranking()).isEmpty();
    assertThat(result.meanAveragePrecision()).isEqualTo(1 / 3.0);
    assertThat(result.failures())
        .extracting(ExtractionReport.Failure::id)
        .containsExactly("orange [0.0,0.0,4.0,4.0]", "green [9.0,9.0,12.0,12.0]");
    assertThat(result.worstFirst())
        .extracting(query -> query.query().image().id())
        .containsExactly("orange", "green", "query");
  }

  @Test
  void queryWithoutRightAnswerIsSkippedAndNotDescribed() throws IOException {
    EvaluationResult result =
        run(groups("red\ta\tdatabase", "query\ta\tquery", "green\tnobody\tquery"));
    assertThat(result.queries()).hasSize(1);
    assertThat(result.skippedQueries())
        .extracting(query -> query.image().id())
        .containsExactly("green");
    assertThat(backbone.seen).isEqualTo(2);
  }

  @Test
  void rankingCutAtKLosesWhatLiesBeyond() throws IOException {
    RetrievalDataSet set =
        groups("red\ta\tdatabase", "orange\tb\tdatabase", "blue\ta\tdatabase", "query\ta\tquery");
    EvaluationResult result = evaluator().k(2).build().run(set);
    assertThat(result.depth()).isEqualTo(2);
    assertThat(ids(result.queries().get(0))).containsExactly("red", "orange");
    assertThat(result.meanAveragePrecision()).isEqualTo(0.5);
    assertThat(evaluator().k(99).build().run(set).depth()).isEqualTo(3);
  }

  @Test
  void keptHitsDoNotChangeTheScore() throws IOException {
    RetrievalDataSet set =
        groups("red\tb\tdatabase", "orange\ta\tdatabase", "blue\ta\tdatabase", "query\ta\tquery");
    QueryResult all = run(set).queries().get(0);
    QueryResult head = evaluator().keep(1).build().run(set).queries().get(0);
    assertThat(ids(head)).containsExactly("red");
    assertThat(head.averagePrecision()).isEqualTo(all.averagePrecision());
    assertThat(head.positiveRanks()).isEqualTo(all.positiveRanks()).containsExactly(1, 2);
  }

  /** Turns a result round, once the index has been asked for its own vector of each hit. */
  private record Reverse(String recipe) implements Reranker {
    @Override
    public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
      assertThat(result.hits()).allMatch(hit -> index.descriptor(hit.id()).isPresent());
      List<SearchHit> hits = new ArrayList<>(result.hits());
      Collections.reverse(hits);
      return new SearchResult(hits, result.visited());
    }
  }

  @Test
  void rerankersFollowEachOther() throws IOException {
    RetrievalDataSet set =
        groups("red\ta\tdatabase", "orange\tb\tdatabase", "blue\tb\tdatabase", "query\ta\tquery");
    EvaluationResult once = evaluator().rerankers(List.of(new Reverse("reverse"))).build().run(set);
    assertThat(ids(once.queries().get(0))).containsExactly("blue", "orange", "red");
    assertThat(once.meanAveragePrecision())
        .isCloseTo(AveragePrecision.trapezoid(new int[] {2}, 1), within(1e-15));
    assertThat(once.rerankers()).containsExactly("reverse");
    EvaluationResult twice =
        evaluator()
            .rerankers(List.of(new Reverse("reverse"), new Reverse("back")))
            .build()
            .run(set);
    assertThat(ids(twice.queries().get(0))).containsExactly("red", "orange", "blue");
    assertThat(twice.rerankers()).containsExactly("reverse", "back");
  }

  @Test
  void progressCountsEveryImageAndQuery() throws IOException {
    List<String> heard = new ArrayList<>();
    evaluator()
        .listener((step, done, total) -> heard.add(step + " " + done + "/" + total))
        .build()
        .run(groups("red\ta\tdatabase", "blue\t-\tdatabase", "query\ta\tquery"));
    assertThat(heard)
        .containsExactly(
            "EXTRACTION 0/3",
            "EXTRACTION 1/3",
            "EXTRACTION 2/3",
            "EXTRACTION 3/3",
            "INDEXING 0/2",
            "INDEXING 2/2",
            "SEARCH 0/1",
            "SEARCH 1/1");
  }

  @Test
  void runsOfTheSameQueriesAreCompared() throws IOException {
    RetrievalDataSet set =
        groups("red\ta\tdatabase", "orange\tb\tdatabase", "blue\tb\tdatabase", "query\ta\tquery");
    EvaluationResult plain = run(set);
    EvaluationResult reversed =
        evaluator().rerankers(List.of(new Reverse("reverse"))).build().run(set);
    PairedTest test = PairedTest.of(plain, reversed, 1000, 1);
    assertThat(test.queries()).isEqualTo(1);
    assertThat(test.meanDifference())
        .isEqualTo(reversed.meanAveragePrecision() - plain.meanAveragePrecision());
    assertThat(test.pValue()).isEqualTo(1);
    assertThat(BootstrapInterval.of(plain, 0.9, 100, 1))
        .isEqualTo(new BootstrapInterval(1, 1, 0.9));
    EvaluationResult other = run(groups("red\ta\tdatabase", "green\ta\tquery", "query\ta\tquery"));
    assertThatThrownBy(() -> PairedTest.of(plain, other, 1000, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("runs must have the same queries but query 0 is 'query' and 'green'");
  }

  @Test
  void manyQueriesAreSearchedInOrder() {
    List<Query> queries = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      queries.add(
          i % 2 == 0
              ? new Query(image("red"), Optional.empty(), good("red"))
              : new Query(image("half"), Optional.of(new Box(8, 0, 12 + i % 3, 8)), good("green")));
    }
    EvaluationResult result =
        run(RetrievalDataSet.of("made", queries, List.of(image("red"), image("green"))));
    assertThat(result.meanAveragePrecision()).isEqualTo(1);
    assertThat(result.queries()).extracting(QueryResult::query).isEqualTo(queries);
    // Two of the database, and of the boxes one of each width.
    assertThat(backbone.seen).isEqualTo(2 + 3);
  }

  @Test
  void databaseThatCannotBeReadAtAllIsRefused() throws IOException {
    Files.writeString(root.resolve("jpg/red.png"), "no image");
    RetrievalDataSet set = groups("red\ta\tdatabase", "query\ta\tquery");
    assertThatThrownBy(() -> run(set))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "no image of the database of 'groups' could be described; the first: cannot decode "
                + root.resolve("jpg/red.png")
                + " (format unknown): not an image");
  }

  @Test
  void dataSetWithoutAnyRightAnswerIsRefused() throws IOException {
    RetrievalDataSet set = groups("red\t-\tdatabase", "query\ta\tquery");
    assertThatThrownBy(() -> run(set))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 'groups' must have a query with a right answer but has none");
    assertThat(backbone.seen).isZero();
  }

  @Test
  void closedExtractorAndBadOptionsAreRefused() throws IOException {
    RetrievalDataSet set = groups("red\ta\tdatabase", "query\ta\tquery");
    DescriptorExtractor extractor = backbone.extractor();
    extractor.close();
    Evaluator evaluator = Evaluator.builder(extractor, ColorBackbone.ListIndexBuilder::new).build();
    assertThatThrownBy(() -> evaluator.run(set)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> evaluator().k(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was 0");
    assertThatThrownBy(() -> evaluator().keep(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kept hits must be at least 0 but were -1");
  }
}
