// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OptimizerTest {
  /** What torch 1.13 makes of w = (1, -2, 0.5) in three steps with these gradients, rate 0.1. */
  private static final float[][] GRADIENTS = {{0.5f, -1, 0}, {-0.25f, 2, 1e-3f}, {1, 1, -3}};

  static Stream<Arguments> asTorch() {
    return Stream.of(
        Arguments.of(
            "Adam(weight_decay=0)",
            Optimizer.adam(),
            new float[] {0.8075552f, -1.9885345f, 0.48944956f}),
        Arguments.of(
            "Adam(weight_decay=0.1)",
            Optimizer.adam().withWeightDecay(0.1),
            new float[] {0.78150445f, -1.9654195f, 0.36320052f}),
        Arguments.of("SGD()", Optimizer.sgd(0), new float[] {0.87499994f, -2.1999998f, 0.7999f}),
        Arguments.of(
            "SGD(momentum=0.9, weight_decay=0.1)",
            Optimizer.sgd(0.9).withWeightDecay(0.1),
            new float[] {0.758024f, -2.099548f, 0.77200055f}),
        Arguments.of(
            "SGD(momentum=0.9, nesterov=True)",
            Optimizer.sgd(0.9).withNesterov(),
            new float[] {0.7058f, -2.3881f, 1.0697291f}));
  }

  private static float[] threeSteps(Optimizer rule, float scale, boolean decayed) {
    float[] values = {1, -2, 0.5f};
    float[][] moments = new float[rule.moments()][3];
    for (int t = 0; t < 3; t++) {
      rule.apply(values, GRADIENTS[t], scale, moments, t + 1L, 0.1, decayed);
    }
    return values;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void asTorch(String torch, Optimizer rule, float[] expected) {
    assertThat(threeSteps(rule, 1, true)).as(torch).containsExactly(expected, within(1e-6f));
  }

  @Test
  void byHand() {
    float[] values = {1};
    Optimizer.sgd(0).apply(values, new float[] {2}, 0.5f, new float[0][], 1, 0.25, true);
    assertThat(values).containsExactly(0.75f);
    // The first step of Adam has the length of the rate, whatever the gradient.
    float[] adam = {1, 1};
    Optimizer.adam().apply(adam, new float[] {1e-3f, -50}, 1, new float[2][2], 1, 0.25, true);
    assertThat(adam).containsExactly(new float[] {0.75f, 1.25f}, within(1e-5f));
  }

  @Test
  void withoutDecayWhereItIsLeftOut() {
    assertThat(threeSteps(Optimizer.sgd(0.9).withWeightDecay(0.1), 1, false))
        .containsExactly(threeSteps(Optimizer.sgd(0.9), 1, true));
    assertThat(threeSteps(Optimizer.adam().withWeightDecay(0.1), 1, true))
        .isNotEqualTo(threeSteps(Optimizer.adam(), 1, true));
  }

  @Test
  void aZeroGradientLeavesAZeroMomentWhereItIs() {
    float[] values = {3, 4};
    Optimizer.adam().apply(values, new float[2], 1, new float[2][2], 1, 0.1, true);
    assertThat(values).containsExactly(3, 4);
  }

  @Test
  void recipes() {
    assertThat(Optimizer.adam().withWeightDecay(1e-6)).hasToString("adam decay=1.0E-6");
    assertThat(Optimizer.sgd(0.9).withNesterov())
        .hasToString("sgd momentum=0.9 nesterov decay=0.0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void refusesAMomentum(double momentum) {
    assertThatThrownBy(() -> Optimizer.sgd(momentum))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("momentum must be in [0, 1) but was " + momentum);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.POSITIVE_INFINITY, Double.NaN})
  void refusesADecay(double decay) {
    assertThatThrownBy(() -> Optimizer.adam().withWeightDecay(decay))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("weight decay must be at least 0 but was " + decay);
  }
}
