// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AveragePrecisionTest {
  private static int[] ranks(int... ranks) {
    return ranks;
  }

  @Test
  void trapezoidOfHandComputedRankings() {
    assertThat(AveragePrecision.trapezoid(ranks(0, 2, 5), 3))
        .isCloseTo((1 + 7 / 12.0 + 9 / 20.0) / 3, within(1e-15))
        .isCloseTo(0.677777777777777, within(1e-14));
    assertThat(AveragePrecision.trapezoid(ranks(1), 1)).isEqualTo(0.25);
    assertThat(AveragePrecision.trapezoid(ranks(3, 4), 2)).isCloseTo(0.225, within(1e-15));
  }

  @Test
  void finiteSumOfHandComputedRankings() {
    assertThat(AveragePrecision.finiteSum(ranks(0, 2, 5), 3))
        .isCloseTo(0.722222222222222, within(1e-14));
    assertThat(AveragePrecision.finiteSum(ranks(1), 1)).isEqualTo(0.5);
    assertThat(AveragePrecision.finiteSum(ranks(3, 4), 2)).isCloseTo(0.325, within(1e-15));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 300})
  void perfectRankingGivesOne(int n) {
    int[] first = IntStream.range(0, n).toArray();
    assertThat(AveragePrecision.trapezoid(first, n)).isEqualTo(1);
    assertThat(AveragePrecision.finiteSum(first, n)).isEqualTo(1);
  }

  @Test
  void reversedRankingOfTwoAmongFourIsHandComputed() {
    // Places 3 and 4 of 4: precisions before and at them are 0, 1/3 and 1/3, 1/2.
    assertThat(AveragePrecision.trapezoid(ranks(2, 3), 2))
        .isCloseTo((1 / 6.0 + 5 / 12.0) / 2, within(1e-15));
    assertThat(AveragePrecision.finiteSum(ranks(2, 3), 2))
        .isCloseTo((1 / 3.0 + 1 / 2.0) / 2, within(1e-15));
  }

  @Test
  void positivesThatWereNotFoundCount() {
    assertThat(AveragePrecision.trapezoid(ranks(0), 4)).isEqualTo(0.25);
    assertThat(AveragePrecision.finiteSum(ranks(0), 4)).isEqualTo(0.25);
    assertThat(AveragePrecision.trapezoid(ranks(), 4)).isZero();
    assertThat(AveragePrecision.finiteSum(ranks(), 4)).isZero();
  }

  @Test
  void junkIsTakenOutOfTheRankingAndOkCountsAsGood() {
    Judgments judgments = new Judgments(Set.of("a"), Set.of("b"), Set.of("j", "k"));
    List<String> ranking = List.of("j", "a", "k", "x", "b", "y");
    assertThat(AveragePrecision.trapezoid(ranking, judgments))
        .isEqualTo(AveragePrecision.trapezoid(ranks(0, 2), 2));
    assertThat(AveragePrecision.finiteSum(ranking, judgments))
        .isEqualTo(AveragePrecision.finiteSum(ranks(0, 2), 2));
  }

  @Test
  void finiteSumIsNeverLess() {
    for (int last = 1; last < 50; last++) {
      int[] ranks = ranks(0, last);
      assertThat(AveragePrecision.finiteSum(ranks, 2))
          .isGreaterThanOrEqualTo(AveragePrecision.trapezoid(ranks, 2));
    }
  }

  @Test
  void refusesRanksThatDoNotAscend() {
    assertThatThrownBy(() -> AveragePrecision.trapezoid(ranks(2, 2), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ranks must ascend from 0 but were [2, 2]");
    assertThatThrownBy(() -> AveragePrecision.finiteSum(ranks(-1), 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ranks must ascend from 0 but were [-1]");
  }

  @Test
  void refusesFewerPositivesThanFound() {
    assertThatThrownBy(() -> AveragePrecision.trapezoid(ranks(1, 2), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("positives must be at least 1 and at least the 2 found but were 1");
    assertThatThrownBy(
            () ->
                AveragePrecision.finiteSum(
                    List.of("a"), new Judgments(Set.of(), Set.of(), Set.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("positives must be at least 1 and at least the 0 found but were 0");
  }

  @Test
  void refusesARightAnswerThatIsRankedTwice() {
    Judgments judgments = new Judgments(Set.of("a"), Set.of(), Set.of());
    assertThatThrownBy(() -> AveragePrecision.trapezoid(List.of("a", "x", "a"), judgments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ranking must have each image once but has 'a' twice");
  }

  @Test
  void judgmentsRefuseAnImageThatIsJudgedTwice() {
    assertThatThrownBy(() -> new Judgments(Set.of("a"), Set.of(), Set.of("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image 'a' must be judged once but is good and junk");
    assertThatThrownBy(() -> new Judgments(Set.of(), Set.of("b"), Set.of("b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image 'b' must be judged once but is ok and junk");
  }

  @Test
  void judgmentsKeepTheirOrderAndCannotBeChanged() {
    Set<String> good = new LinkedHashSet<>(List.of("z", "a"));
    Judgments judgments = new Judgments(good, Set.of("m"), Set.of());
    good.clear();
    assertThat(judgments.positives()).containsExactly("z", "a", "m");
    assertThatThrownBy(() -> judgments.good().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
