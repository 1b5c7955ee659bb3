// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Box;
import io.deepretrieval.SearchHit;
import io.deepretrieval.eval.report.BootstrapInterval;
import io.deepretrieval.eval.report.HtmlReport;
import io.deepretrieval.eval.report.ResultJson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One search scored by several protocols. */
final class ProtocolTest {
  private static final Set<String> NONE = Set.of();

  private static DataSetImage image(String id) {
    return new DataSetImage(id, Path.of(id));
  }

  private static Query query(String id, Set<String> good, Set<String> ok, Set<String> junk) {
    return new Query(image(id), Optional.empty(), new Judgments(good, ok, junk));
  }

  private static List<DataSetImage> images(String... ids) {
    return Arrays.stream(ids).map(ProtocolTest::image).toList();
  }

  private static List<SearchHit> hits(String... ids) {
    List<SearchHit> hits = new ArrayList<>();
    for (String id : ids) {
      hits.add(new SearchHit(id, 1 - 0.1f * hits.size()));
    }
    return hits;
  }

  /** Right answers e (easy) and h (hard), junk j; the second query has no hard answer. */
  private static RetrievalDataSet revisited() {
    List<Metric> metrics = List.of(Metric.averagePrecision(), Metric.revisitedPrecisionAt(1));
    return RetrievalDataSet.ofProtocols(
        "made",
        List.of(
            new Protocol(
                "medium",
                List.of(
                    query("q", Set.of("e"), Set.of("h"), Set.of("j")),
                    query("r", Set.of("x"), NONE, NONE)),
                metrics),
            new Protocol(
                "hard",
                List.of(
                    query("q", Set.of("h"), NONE, Set.of("j", "e")),
                    query("r", NONE, NONE, Set.of("x"))),
                metrics)),
        images("e", "h", "j", "x", "y"));
  }

  @Test
  void oneSearchIsScoredByEachProtocol() {
    Scorer scorer = new Scorer(revisited(), 2);
    assertThat(scorer.questions()).extracting(QueryImage::label).containsExactly("q", "r");
    assertThat(scorer.depth(5)).isEqualTo(5);
    scorer.found(scorer.questions().get(0), hits("j", "e", "x", "h", "y"));
    scorer.found(scorer.questions().get(1), hits("y", "x", "e", "h", "j"));
    List<ProtocolResult> results = scorer.results();
    assertThat(results).extracting(ProtocolResult::name).containsExactly("medium", "hard");

    ProtocolResult medium = results.get(0);
    double first = (1 + (1 / 2.0 + 2 / 3.0) / 2) / 2;
    assertThat(medium.values(Metric.averagePrecision()))
        .containsExactly(new double[] {first, 0.25}, within(1e-15));
    assertThat(medium.score(Metric.averagePrecision()))
        .isCloseTo((first + 0.25) / 2, within(1e-15));
    assertThat(medium.scores()).containsOnlyKeys("mAP", "mP@1").containsEntry("mP@1", 0.5);
    assertThat(medium.skippedQueries()).isEmpty();
    assertThat(medium.worstFirst()).extracting(r -> r.query().label()).containsExactly("r", "q");
    assertThat(medium.queries().get(0).ranking())
        .extracting(SearchHit::id)
        .containsExactly("j", "e");

    ProtocolResult hard = results.get(1);
    assertThat(hard.queries()).hasSize(1);
    assertThat(hard.score(Metric.averagePrecision())).isCloseTo(0.25, within(1e-15));
    assertThat(hard.queries().get(0).positiveRanks()).containsExactly(1);
    assertThat(hard.queries().get(0).query().judgments().junk()).containsOnly("j", "e");
    assertThat(hard.skippedQueries()).extracting(Query::label).containsExactly("r");
    assertThat(hard).hasToString("ProtocolResult[hard: {mAP=0.25, mP@1=0.0} over 1 queries]");
    // Junk apart, the right answer is first, second or third of h, x, y.
    assertThat(hard.randomMeanAveragePrecision())
        .isCloseTo((1 + (0 + 1 / 2.0) / 2 + (0 + 1 / 3.0) / 2) / 3, within(1e-15));
  }

  @Test
  void protocolsMayHaveQueriesOfTheirOwn() {
    RetrievalDataSet set =
        RetrievalDataSet.ofProtocols(
            "made",
            List.of(
                Protocol.standard(List.of(query("q", Set.of("a"), NONE, NONE))),
                new Protocol(
                    "public",
                    List.of(
                        query("p", Set.of("b"), NONE, NONE), query("q", Set.of("b"), NONE, NONE)),
                    List.of(Metric.averagePrecisionAt(2)))),
            images("a", "b", "c"));
    assertThat(set.queries()).extracting(Query::label).containsExactly("q", "p");
    assertThat(set.queries().get(0).judgments().good()).containsExactly("a");
    Scorer scorer = new Scorer(set, 9);
    for (QueryImage question : scorer.questions()) {
      scorer.found(question, hits("a", "b", "c"));
    }
    List<ProtocolResult> results = scorer.results();
    assertThat(results.get(0).score(Metric.averagePrecision())).isEqualTo(1);
    assertThat(results.get(1).score(Metric.averagePrecisionAt(2))).isEqualTo(0.5);
    assertThat(results.get(1).queries())
        .extracting(r -> r.query().label())
        .containsExactly("p", "q");
  }

  @Test
  void rankingsGoAsFarAsTheMetricsLookBeyondJunk() {
    Query query = query("q", Set.of("a"), NONE, Set.of("b", "c"));
    RetrievalDataSet set =
        RetrievalDataSet.ofProtocols(
            "made",
            List.of(
                new Protocol(
                    "short",
                    List.of(query),
                    List.of(Metric.precisionAt(1), Metric.averagePrecisionAt(2)))),
            images("a", "b", "c", "d", "e", "f"));
    assertThat(new Scorer(set, 1).depth(6)).isEqualTo(4);
    assertThat(new Scorer(set, 1).depth(3)).isEqualTo(3);
    assertThat(new Scorer(set.withDistractors("more", images("g")), 1).depth(7)).isEqualTo(4);
  }

  @Test
  void unanswerableQueriesAreSearchedForGlobalAveragePrecisionOnly() {
    Query asked = query("q", Set.of("a"), NONE, NONE);
    Query none = query("n", NONE, NONE, NONE);
    List<DataSetImage> database = images("a", "b");
    Protocol recognition =
        new Protocol("recognition", List.of(none, asked), List.of(Metric.globalAveragePrecision()));
    Scorer scorer =
        new Scorer(RetrievalDataSet.ofProtocols("made", List.of(recognition), database), 0);
    assertThat(scorer.questions()).extracting(QueryImage::label).containsExactly("n", "q");
    assertThat(scorer.depth(2)).isEqualTo(1);
    scorer.found(scorer.questions().get(0), List.of(new SearchHit("b", 0.9f)));
    scorer.found(scorer.questions().get(1), List.of(new SearchHit("a", 0.8f)));
    ProtocolResult result = scorer.results().get(0);
    assertThat(result.score(Metric.globalAveragePrecision())).isEqualTo(0.5);
    assertThat(result.score(Metric.precisionAt(1))).isEqualTo(1);
    assertThat(result.skippedQueries()).containsExactly(none);
    assertThat(result.queries()).hasSize(1);

    RetrievalDataSet plain = RetrievalDataSet.of("made", List.of(none, asked), database);
    assertThat(new Scorer(plain, 0).questions()).extracting(QueryImage::label).containsExactly("q");
    ProtocolResult without = MadeResults.result(plain, List.of()).protocols().get(0);
    assertThatThrownBy(() -> without.score(Metric.globalAveragePrecision()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "metric must be a mean over queries or one of [mAP, P@1, P@5, P@10] but was GAP");
  }

  @Test
  void protocolWithoutAnyRightAnswerIsLeftOut() {
    RetrievalDataSet set =
        RetrievalDataSet.ofProtocols(
            "made",
            List.of(
                new Protocol(
                    "hard",
                    List.of(query("q", NONE, NONE, Set.of("a"))),
                    List.of(Metric.averagePrecision())),
                Protocol.standard(List.of(query("q", Set.of("a"), NONE, NONE)))),
            images("a", "b"));
    Scorer scorer = new Scorer(set, 1);
    scorer.found(scorer.questions().get(0), hits("a", "b"));
    assertThat(scorer.results()).extracting(ProtocolResult::name).containsExactly("standard");
  }

  @Test
  void runIsScoredByEachProtocolAndWrittenDown(@TempDir Path root) throws Exception {
    DataSetImage red = new DataSetImage("red", root.resolve("red.png"));
    DataSetImage blue = new DataSetImage("blue", root.resolve("blue.png"));
    DataSetImage both = new DataSetImage("both", root.resolve("both.png"));
    TestImages.write(red.file(), 8, 8, 0xFF0000);
    TestImages.write(blue.file(), 8, 8, 0x0000FF);
    TestImages.write(both.file(), 16, 8, 0xFF0000, 0x0000FF);
    Optional<Box> left = Optional.of(new Box(0, 0, 8, 8));
    RetrievalDataSet set =
        RetrievalDataSet.ofProtocols(
            "made",
            List.of(
                new Protocol(
                    "sides",
                    List.of(new Query(both, left, new Judgments(Set.of("red"), NONE, NONE))),
                    List.of(Metric.successAt(1), Metric.recallAt(1))),
                new Protocol(
                    "wrong sides",
                    List.of(new Query(both, left, new Judgments(Set.of("blue"), NONE, NONE))),
                    List.of(Metric.averagePrecision()))),
            List.of(blue, red));
    ColorBackbone backbone = new ColorBackbone();
    EvaluationResult result =
        Evaluator.builder(backbone.extractor(), ColorBackbone.ListIndexBuilder::new)
            .build()
            .run(set);
    assertThat(backbone.seen).isEqualTo(3);
    assertThat(result.protocols()).hasSize(2);
    assertThat(result.protocol("sides").score(Metric.successAt(1))).isEqualTo(1);
    assertThat(result.meanAveragePrecision()).isEqualTo(1);
    assertThat(result.protocol("wrong sides").score(Metric.averagePrecision())).isEqualTo(0.25);
    assertThatThrownBy(() -> result.protocol("hard"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown protocol 'hard'; known: sides, wrong sides");
    assertThat(ResultJson.of(result, 1)).contains("\"wrong sides\"", "\"success@1\": 1.0");

    Path page = root.resolve("report.html");
    HtmlReport.write(result, set, page, TestImages.DECODER);
    assertThat(page)
        .content()
        .contains(
            "<strong>1.0000</strong> <span>success@1</span>",
            "<h2 id=\"protocols\">Scores by protocol</h2>",
            "<th scope=\"row\">wrong sides</th>");
    assertThat(
            BootstrapInterval.of(result.protocol("sides"), Metric.recallAt(1), 0.9, 100, 1).low())
        .isEqualTo(1);
    assertThat(
            PairedTest.of(
                    result.protocol("sides"),
                    result.protocol("wrong sides"),
                    Metric.averagePrecision(),
                    100,
                    1)
                .meanDifference())
        .isEqualTo(-0.75);
  }

  @Test
  void distractorsAreNeverRightAndNeverTwice() {
    RetrievalDataSet set = revisited();
    RetrievalDataSet more = set.withDistractors("made+2", images("d0", "d1"));
    assertThat(more.name()).isEqualTo("made+2");
    assertThat(more.database()).hasSize(7);
    assertThat(more.protocols()).isEqualTo(set.protocols());
    assertThatThrownBy(() -> set.withDistractors("made+1", images("e")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 'made+1' must have image 'e' once but has it twice");
  }

  @Test
  void badProtocolsAreRefused() {
    List<Query> queries = List.of(query("q", Set.of("a"), NONE, NONE));
    assertThatThrownBy(() -> new Protocol(" ", queries, List.of(Metric.averagePrecision())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("protocol name must not be blank but was ' '");
    assertThatThrownBy(() -> new Protocol("p", queries, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("protocol 'p' must have queries and metrics but has 1 and 0");
    assertThatThrownBy(
            () -> new Protocol("p", queries, List.of(Metric.precisionAt(1), Metric.precisionAt(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("protocol 'p' must have metric P@1 once but has it twice");
    Protocol protocol = Protocol.standard(queries);
    assertThat(protocol).hasToString("Protocol[standard: 1 queries, [mAP, P@1, P@5, P@10]]");
    assertThatThrownBy(
            () -> RetrievalDataSet.ofProtocols("s", List.of(protocol, protocol), images("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 's' must have protocol 'standard' once but has it twice");
    assertThatThrownBy(() -> RetrievalDataSet.ofProtocols("s", List.of(), images("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set 's' must have protocols and database images but has 0 and 1");
    assertThatThrownBy(() -> RetrievalDataSet.ofProtocols("", List.of(protocol), images("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("data set name must not be blank but was ''");
  }
}
