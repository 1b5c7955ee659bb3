// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.testkit.Randoms;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DescriptorTest {
  private static final Recipe RECIPE = Recipe.of(Map.of("made", "by hand"));

  @Test
  void readsWhatWasGiven() {
    float[] values = {3, -4};
    Descriptor descriptor = Descriptor.copyOf(values, RECIPE);
    values[0] = 9;
    descriptor.toArray()[1] = 9;
    assertThat(descriptor.toArray()).isEqualTo(new float[] {3, -4});
    assertThat(descriptor.at(1)).isEqualTo(-4);
    assertThat(descriptor.dimension()).isEqualTo(2);
    assertThat(descriptor.recipe()).isEqualTo(RECIPE);
    assertThat(Descriptor.copyOf(3, -4).recipe()).isEqualTo(Recipe.NONE);
    float[] target = new float[4];
    descriptor.copyTo(target, 1);
    assertThat(target).isEqualTo(new float[] {0, 3, -4, 0});
    assertThat(descriptor).hasToString("Descriptor[2]");
  }

  @Test
  void dotAndNormAreThoseOfTheTextbook() {
    Descriptor a = Descriptor.copyOf(1, 2, 2);
    Descriptor b = Descriptor.copyOf(3, 0, -4);
    assertThat(a.dot(b)).isEqualTo(-5.0);
    assertThat(a.norm()).isEqualTo(3.0);
    assertThat(b.normalized()).isEqualTo(Descriptor.copyOf(0.6f, 0, -0.8f));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.MIN_VALUE, 1e-30f, 1f, 1e30f, 0x1p127f})
  void normalizedHasLengthOneWhateverTheScale(float scale) {
    Randoms random = Randoms.ofSeed(5);
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * (random.generator().nextBoolean() ? 1 : -1);
    }
    Descriptor unit = Descriptor.copyOf(values, RECIPE).normalized();
    assertThat(unit.norm()).as(random.note("norm")).isCloseTo(1, within(1e-6));
    assertThat(unit.recipe()).isEqualTo(RECIPE);
  }

  @Test
  void zeroVectorStaysZero() {
    assertThat(Descriptor.copyOf(0, -0f).normalized()).isEqualTo(Descriptor.copyOf(0, -0f));
  }

  @Test
  void refusesNothingAndWhatIsNotFinite() {
    assertThatThrownBy(() -> Descriptor.copyOf())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("descriptor dimension must be at least 1 but was 0");
    assertThatThrownBy(() -> Descriptor.copyOf(1, Float.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("descriptor must be finite but value 1 was NaN");
    assertThatThrownBy(() -> Descriptor.copyOf(Float.NEGATIVE_INFINITY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("descriptor must be finite but value 0 was -Infinity");
  }

  @Test
  void refusesAnotherDimensionAndPlacesOutside() {
    Descriptor descriptor = Descriptor.copyOf(1, 2);
    assertThatThrownBy(() -> descriptor.dot(Descriptor.copyOf(1, 2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("descriptor dimension must be 2 but was 3");
    assertThatThrownBy(() -> descriptor.at(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> descriptor.copyTo(new float[2], 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void equalByValuesAndRecipe() {
    Descriptor descriptor = Descriptor.copyOf(1, 2);
    assertThat(descriptor)
        .isEqualTo(Descriptor.copyOf(1, 2))
        .hasSameHashCodeAs(Descriptor.copyOf(1, 2))
        .isNotEqualTo(Descriptor.copyOf(2, 1))
        .isNotEqualTo(descriptor.withRecipe(RECIPE))
        .isNotEqualTo(RECIPE);
    assertThat(descriptor.withRecipe(RECIPE).toArray()).isEqualTo(descriptor.toArray());
  }
}
