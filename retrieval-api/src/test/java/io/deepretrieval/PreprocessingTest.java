// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Preprocessing.ChannelOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PreprocessingTest {
  private static final List<Double> ZEROS = List.of(0.0, 0.0, 0.0);
  private static final List<Double> ONES = List.of(1.0, 1.0, 1.0);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torch | rgb scale 0.003921569 mean 0.485,0.456,0.406 std 0.229,0.224,0.225",
        "tf    | rgb scale 0.007843138 mean 1.0,1.0,1.0 std 1.0,1.0,1.0",
        "unit  | rgb scale 0.003921569 mean 0.0,0.0,0.0 std 1.0,1.0,1.0",
        "caffe | bgr scale 1.0 mean 103.939,116.779,123.68 std 1.0,1.0,1.0",
      })
  void namedRulesHaveAStableRecipe(String name, String recipe) {
    assertThat(Preprocessing.named(name).recipe()).isEqualTo(recipe);
  }

  @Test
  void namedRulesMapBlackAndWhiteToTheirRange() {
    assertThat(value(Preprocessing.MINUS_ONE_TO_ONE, 0)).isEqualTo(-1);
    assertThat(value(Preprocessing.MINUS_ONE_TO_ONE, 255)).isEqualTo(1);
    assertThat(value(Preprocessing.UNIT, 255)).isEqualTo(1);
    assertThat(value(Preprocessing.CAFFE, 255)).isEqualTo(255 - 103.939);
    assertThat(value(Preprocessing.TORCH, 0)).isEqualTo(-0.485 / 0.229);
  }

  private static double value(Preprocessing rule, int level) {
    return (level * rule.scale() - rule.mean().get(0)) / rule.std().get(0);
  }

  @Test
  void unknownNameListsTheKnown() {
    assertThatThrownBy(() -> Preprocessing.named("keras"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown preprocessing 'keras'; known: caffe, tf, torch, unit");
  }

  @Test
  void listsAreCopied() {
    List<Double> mean = new ArrayList<>(ZEROS);
    Preprocessing rule = new Preprocessing(ChannelOrder.BGR, 1, mean, ONES);
    mean.set(0, 9.0);
    assertThat(rule.mean()).isEqualTo(ZEROS);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void scaleMustBePositive(double scale) {
    assertThatThrownBy(() -> new Preprocessing(ChannelOrder.RGB, scale, ZEROS, ONES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("preprocessing scale must be > 0 but was " + scale);
  }

  @Test
  void meanAndDeviationMustBeThreeNumbers() {
    for (List<Double> bad : List.of(List.of(0.0, 0.0), List.of(0.0, 0.0, Double.NaN))) {
      assertThatThrownBy(() -> new Preprocessing(ChannelOrder.RGB, 1, bad, ONES))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("preprocessing mean must be 3 numbers but was " + bad);
    }
    for (List<Double> bad :
        List.of(
            List.of(1.0),
            List.of(1.0, 0.0, 1.0),
            List.of(1.0, 1.0, Double.POSITIVE_INFINITY),
            List.of(1.0, 1.0, Double.NaN))) {
      assertThatThrownBy(() -> new Preprocessing(ChannelOrder.RGB, 1, ZEROS, bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("preprocessing std must be 3 numbers > 0 but was " + bad);
    }
  }
}
