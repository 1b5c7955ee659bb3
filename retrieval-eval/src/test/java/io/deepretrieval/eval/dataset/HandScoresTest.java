// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The closed forms against all rankings of small cases, written out. */
final class HandScoresTest {
  @Test
  void averagePrecisionOfOneInTwoAndTwoInThree() {
    // First: 1; second: (0 + 1/2)/2.
    assertThat(HandScores.randomAp(1, 2)).isCloseTo((1 + 1 / 4.0) / 2, within(1e-15));
    // Places 1 2, 1 3 and 2 3.
    assertThat(HandScores.randomAp(2, 3))
        .isCloseTo(
            (1 + (1 + (1 / 2.0 + 2 / 3.0) / 2) / 2 + (1 / 4.0 + (1 / 2.0 + 2 / 3.0) / 2) / 2) / 3,
            within(1e-15));
    assertThat(HandScores.ap(2, 2, 3))
        .isCloseTo(((0 + 1 / 2.0) / 2 + (1 / 2.0 + 2 / 3.0) / 2) / 2, within(1e-15));
  }

  @Test
  void finiteSumOfOneInThreeAndTwoInThree() {
    assertThat(HandScores.randomFiniteSum(1, 3))
        .isCloseTo((1 + 1 / 2.0 + 1 / 3.0) / 3, within(1e-15));
    // Places 1 2, 1 3 and 2 3.
    assertThat(HandScores.randomFiniteSum(2, 3))
        .isCloseTo((1 + (1 + 2 / 3.0) / 2 + (1 / 2.0 + 2 / 3.0) / 2) / 3, within(1e-15));
  }

  @Test
  void revisitedPrecisionOfOneInThreeAndTwoInThree() {
    // At 2, the third place is not looked at: 1, 1/2 and 0.
    assertThat(HandScores.randomRevisitedPrecision(1, 3, 2))
        .isCloseTo((1 + 1 / 2.0 + 0) / 3, within(1e-15));
    // Places 1 2: 2/2; 1 3: 1/2; 2 3: 1/2.
    assertThat(HandScores.randomRevisitedPrecision(2, 3, 2))
        .isCloseTo((1 + 1 / 2.0 + 1 / 2.0) / 3, within(1e-15));
    // At 5 all are seen: 2/2, 2/3, 2/3.
    assertThat(HandScores.randomRevisitedPrecision(2, 3, 5))
        .isCloseTo((1 + 2 / 3.0 + 2 / 3.0) / 3, within(1e-15));
  }
}
