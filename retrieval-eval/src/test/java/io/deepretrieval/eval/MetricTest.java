// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.SearchHit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every metric against hand calculation, on perfect, reversed and random rankings. */
final class MetricTest {
  private static Metric metric(String name) {
    return switch (name) {
      case "mAP" -> Metric.averagePrecision();
      case "mAP(finite-sum)" -> Metric.finiteSumAveragePrecision();
      case "N-S" -> Metric.nisterStewenius();
      case "GAP" -> Metric.globalAveragePrecision();
      default -> {
        int at = name.indexOf('@');
        int k = Integer.parseInt(name.substring(at + 1));
        yield switch (name.substring(0, at)) {
          case "mAP" -> Metric.averagePrecisionAt(k);
          case "P" -> Metric.precisionAt(k);
          case "mP" -> Metric.revisitedPrecisionAt(k);
          case "recall" -> Metric.recallAt(k);
          case "success" -> Metric.successAt(k);
          default -> throw new IllegalArgumentException(name);
        };
      }
    };
  }

  /** A ranking of {@code g0, g1, …} (right), {@code j} (junk) and others. */
  private static QueryResult result(int positives, int[] ranks, String... ranking) {
    Query query =
        new Query(
            new DataSetImage("q" + Arrays.toString(ranks), Path.of("q")),
            Optional.empty(),
            new Judgments(
                Set.copyOf(IntStream.range(0, positives).mapToObj(i -> "g" + i).toList()),
                Set.of(),
                Set.of("j")));
    List<SearchHit> hits = new ArrayList<>();
    for (String id : ranking) {
      hits.add(new SearchHit(id, 0.9f - 0.1f * hits.size()));
    }
    return new QueryResult(
        query,
        positives == 0 ? 0 : AveragePrecision.trapezoid(ranks, positives),
        hits,
        Arrays.stream(ranks).boxed().toList());
  }

  /** Two right answers among six, at the places 1, 2 and at the places 5, 6. */
  @ParameterizedTest
  @CsvSource({
    "mAP,1,0.18333333333333332",
    "mAP(finite-sum),1,0.26666666666666666",
    "mAP@100,1,0.26666666666666666",
    "mAP@5,1,0.1",
    "mAP@4,1,0",
    "mAP@1,1,0",
    "P@1,1,0",
    "P@5,0.4,0.2",
    "P@10,0.2,0.2",
    "mP@5,1,0.2",
    "mP@10,1,0.3333333333333333",
    "recall@1,0.5,0",
    "recall@5,1,0.5",
    "success@1,1,0",
    "success@4,1,0",
    "success@5,1,1",
    "N-S,2,0"
  })
  void perfectAndReversedRankings(String name, double perfect, double reversed) {
    Metric metric = metric(name);
    assertThat(metric.name()).isEqualTo(name);
    assertThat(metric.isMean()).isTrue();
    assertThat(metric.of(result(2, new int[] {0, 1}))).isCloseTo(perfect, within(1e-15));
    assertThat(metric.of(result(2, new int[] {4, 5}))).isCloseTo(reversed, within(1e-15));
    assertThat(
            metric.of(
                List.of(
                    result(2, new int[] {0, 1}),
                    result(2, new int[] {4, 5}),
                    result(2, new int[] {})),
                List.of()))
        .isCloseTo((perfect + reversed) / 3, within(1e-15));
  }

  /** Means over all places that two right answers among six can have. */
  @ParameterizedTest
  @CsvSource({
    "P@1,0.3333333333333333",
    "P@5,0.3333333333333333",
    "recall@1,0.16666666666666666",
    "recall@5,0.8333333333333334",
    "success@1,0.3333333333333333",
    "success@2,0.6",
    "N-S,1.3333333333333333",
    "mAP@1,0.3333333333333333"
  })
  void randomRankings(String name, double expected) {
    double sum = 0;
    int rankings = 0;
    for (int a = 0; a < 6; a++) {
      for (int b = a + 1; b < 6; b++) {
        sum += metric(name).of(result(2, new int[] {a, b}));
        rankings++;
      }
    }
    assertThat(sum / rankings).isCloseTo(expected, within(1e-14));
  }

  @Test
  void nisterSteweniusCountsTheGroupAmongTheFirstFour() {
    Metric score = Metric.nisterStewenius();
    assertThat(score.of(result(4, new int[] {0, 1, 2, 3}))).isEqualTo(4);
    assertThat(score.of(result(4, new int[] {0, 2, 4, 9}))).isEqualTo(2);
    assertThat(score.of(result(4, new int[] {4, 5, 6, 7}))).isZero();
    assertThat(score.depth()).isEqualTo(OptionalInt.of(4));
  }

  @Test
  void averagePrecisionAtHundredDividesByTheSmallerNumber() {
    int[] first = IntStream.range(0, 150).toArray();
    assertThat(Metric.averagePrecisionAt(100).of(result(150, first))).isEqualTo(1);
    assertThat(Metric.averagePrecisionAt(100).of(result(150, new int[] {99})))
        .isCloseTo(0.01 / 100, within(1e-17));
    assertThat(Metric.averagePrecisionAt(100).of(result(150, new int[] {100}))).isZero();
    assertThat(Metric.averagePrecisionAt(100).of(result(2, new int[] {1, 3})))
        .isCloseTo((0.5 + 0.5) / 2, within(1e-15));
  }

  @Test
  void averagePrecisionAtKOfIdsLetsARepeatedIdKeepItsPlace() {
    Judgments judgments = new Judgments(Set.of("a", "b"), Set.of(), Set.of("j"));
    assertThat(AveragePrecision.finiteSumAt(List.of("a", "a", "j", "b", "x"), judgments, 100))
        .isCloseTo((1 + 2 / 3.0) / 2, within(1e-15));
    assertThat(AveragePrecision.finiteSumAt(List.of("x", "a", "b"), judgments, 2))
        .isCloseTo(0.5 / 2, within(1e-15));
    assertThat(AveragePrecision.finiteSumAt(List.of(), judgments, 100)).isZero();
    assertThatThrownBy(() -> AveragePrecision.finiteSumAt(List.of("a"), judgments, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was 0");
  }

  @Test
  void averagePrecisionAtTheEndIsTheFiniteSum() {
    long seed = 5;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200; i++) {
      int[] ranks = random.ints(20, 0, 80).distinct().sorted().toArray();
      assertThat(AveragePrecision.finiteSumAt(ranks, 20, 80))
          .as("seed " + seed + " run " + i)
          .isCloseTo(AveragePrecision.finiteSum(ranks, 20), within(1e-15));
    }
  }

  @Test
  void globalAveragePrecisionIsHandComputed() {
    List<GlobalAveragePrecision.Prediction> predictions =
        List.of(
            new GlobalAveragePrecision.Prediction("c", "1", 0.5, true),
            new GlobalAveragePrecision.Prediction("a", "1", 0.9, true),
            new GlobalAveragePrecision.Prediction("b", "2", 0.7, false));
    // Right, wrong, right: (1 + 2/3) over two queries with an answer, over four.
    assertThat(GlobalAveragePrecision.of(predictions, 2))
        .isCloseTo((1 + 2 / 3.0) / 2, within(1e-15));
    assertThat(GlobalAveragePrecision.of(predictions, 4))
        .isCloseTo((1 + 2 / 3.0) / 4, within(1e-15));
    assertThat(GlobalAveragePrecision.of(List.of(), 4)).isZero();
  }

  @Test
  void globalAveragePrecisionOrdersTiesByQueryAndLabel() {
    GlobalAveragePrecision.Prediction right =
        new GlobalAveragePrecision.Prediction("a", "2", 1, true);
    assertThat(
            GlobalAveragePrecision.of(
                List.of(right, new GlobalAveragePrecision.Prediction("b", "1", 1, false)), 1))
        .isEqualTo(1);
    assertThat(
            GlobalAveragePrecision.of(
                List.of(right, new GlobalAveragePrecision.Prediction("a", "1", 1, false)), 1))
        .isEqualTo(0.5);
  }

  @Test
  void globalAveragePrecisionRefusesWhatItCannotOrder() {
    assertThatThrownBy(() -> new GlobalAveragePrecision.Prediction("a", "1", Double.NaN, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("confidence of query 'a' must be finite but was NaN");
    assertThatThrownBy(() -> GlobalAveragePrecision.of(List.of(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queries with a right answer must be at least 1 but were 0");
  }

  @Test
  void nearestImageIsWhatAQueryPredicts() {
    QueryResult right = result(1, new int[] {0}, "j", "g0", "x");
    QueryResult wrong = result(1, new int[] {1}, "x", "g0");
    QueryResult unanswerable = result(0, new int[] {}, "x", "y");
    QueryResult unreadable = result(1, new int[] {});
    Metric gap = Metric.globalAveragePrecision();
    // Confidences 0.8 (right), 0.9 and 0.9 (both wrong): the right one is third of three.
    assertThat(gap.of(List.of(right, wrong), List.of(unanswerable)))
        .isCloseTo(1 / 3.0 / 2, within(1e-15));
    assertThat(gap.of(List.of(right, unreadable), List.of())).isCloseTo(0.5, within(1e-15));
    assertThat(gap.of(List.of(right), List.of())).isEqualTo(1);
    assertThat(Metric.globalAveragePrecision(4).of(List.of(right), List.of())).isEqualTo(0.25);
    assertThatThrownBy(() -> Metric.globalAveragePrecision(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queries with a right answer must be at least 1 but were 0");
  }

  @Test
  void globalAveragePrecisionHasNoValueOfAQuery() {
    Metric gap = Metric.globalAveragePrecision();
    assertThat(gap.isMean()).isFalse();
    assertThatThrownBy(() -> gap.of(result(1, new int[] {0})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("metric must be a mean over queries but was GAP");
  }

  @Test
  void metricsAreEqualByName() {
    assertThat(Metric.precisionAt(5))
        .isEqualTo(Metric.precisionAt(5))
        .hasSameHashCodeAs(Metric.precisionAt(5))
        .isNotEqualTo(Metric.precisionAt(1))
        .isNotEqualTo(Metric.revisitedPrecisionAt(5))
        .hasToString("P@5");
    assertThat(Metric.averagePrecision().depth()).isEmpty();
    assertThat(Metric.recallAt(7).depth()).hasValue(7);
  }

  @ParameterizedTest
  @CsvSource({"mAP@0", "P@0", "mP@0", "recall@0", "success@-1"})
  void kBelowOneIsRefused(String name) {
    assertThatThrownBy(() -> metric(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was " + name.substring(name.indexOf('@') + 1));
  }

  @Test
  void recallRefusesWhatIsNoRanking() {
    assertThatThrownBy(() -> RecallAtK.share(new int[] {0, 1}, 1, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("positives must be at least 1 and at least the 2 found but were 1");
    assertThatThrownBy(() -> RecallAtK.any(new int[] {1, 0}, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ranks must ascend from 0 but were [1, 0]");
  }
}
