// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LossResultTest {
  private static final double[] GRADIENT = {1, 2, 3, 4, 5, 6};

  @Test
  void readsWhatWasGiven() {
    double[] gradient = GRADIENT.clone();
    LossResult result = LossResult.copyOf(0.5, 3, gradient, 2);
    gradient[0] = 9;
    result.gradient()[1] = 9;
    assertThat(result.gradient()).isEqualTo(GRADIENT);
    assertThat(result.value()).isEqualTo(0.5);
    assertThat(result.activeTuples()).isEqualTo(2);
    assertThat(result.gradientAt(1, 2)).isEqualTo(6);
    assertThat(result).hasToString("LossResult[value=0.5, activeTuples=2, gradient=[2,3]]");
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> LossResult.copyOf(0, 4, GRADIENT, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss gradient must be [N,D] but had 6 values for D=4");
    assertThatThrownBy(() -> LossResult.copyOf(0, 0, GRADIENT, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss gradient must be [N,D] but had 6 values for D=0");
    assertThatThrownBy(() -> LossResult.copyOf(0, 3, new double[0], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss gradient must be [N,D] but had 0 values for D=3");
    assertThatThrownBy(() -> LossResult.copyOf(0, 3, GRADIENT, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("active tuples must be at least 0 but were -1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void whatIsNotFiniteIsRefused(double bad) {
    assertThatThrownBy(() -> LossResult.copyOf(bad, 3, GRADIENT, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss must be finite but was " + bad);
    double[] gradient = GRADIENT.clone();
    gradient[5] = bad;
    assertThatThrownBy(() -> LossResult.copyOf(1, 3, gradient, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss gradient must be finite but row 1, value 2 was " + bad);
  }

  @Test
  void placesOutsideAreRefused() {
    LossResult result = LossResult.copyOf(0.5, 3, GRADIENT, 2);
    assertThatThrownBy(() -> result.gradientAt(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> result.gradientAt(0, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void equalByContent() {
    LossResult result = LossResult.copyOf(0.5, 3, GRADIENT, 2);
    assertThat(result)
        .isEqualTo(LossResult.copyOf(0.5, 3, GRADIENT, 2))
        .hasSameHashCodeAs(LossResult.copyOf(0.5, 3, GRADIENT, 2))
        .isNotEqualTo(LossResult.copyOf(0.25, 3, GRADIENT, 2))
        .isNotEqualTo(LossResult.copyOf(0.5, 2, GRADIENT, 2))
        .isNotEqualTo(LossResult.copyOf(0.5, 3, GRADIENT, 1))
        .isNotEqualTo(LossResult.copyOf(0.5, 3, new double[6], 2))
        .isNotEqualTo(0.5);
  }
}
