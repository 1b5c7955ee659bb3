// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProjectionHeadTest {
  private static final Recipe RECIPE = Recipe.of(Map.of("backbone", "toy"));

  @Test
  void byHand() {
    ProjectionHead head = ProjectionHead.of(new float[] {1, 2, 3, 4, 5, 6}, new float[] {10, -1});
    assertThat(head.inputDimension()).isEqualTo(3);
    assertThat(head.outputDimension()).isEqualTo(2);
    Descriptor out = head.apply(Descriptor.copyOf(new float[] {1, 0, -1}, RECIPE));
    assertThat(out.toArray()).containsExactly(8, -3);
    assertThat(out.recipe()).isEqualTo(RECIPE);
  }

  @Test
  void asTheNaiveLoop() {
    long seed = 7;
    Random random = new Random(seed);
    for (int inputs = 1; inputs < 12; inputs++) {
      ProjectionHead head = ProjectionHead.random(inputs, 5, random.nextLong());
      float[] x = new float[inputs];
      for (int i = 0; i < inputs; i++) {
        x[i] = (float) random.nextGaussian();
      }
      float[] out = head.apply(Descriptor.copyOf(x, RECIPE)).toArray();
      float[] weight = head.weight();
      for (int o = 0; o < 5; o++) {
        double expected = head.bias()[o];
        for (int i = 0; i < inputs; i++) {
          expected += (double) weight[o * inputs + i] * x[i];
        }
        assertThat((double) out[o]).as("seed %d", seed).isCloseTo(expected, within(1e-6));
      }
    }
  }

  @Test
  void drawnWithinTheBoundAndByTheSeed() {
    ProjectionHead head = ProjectionHead.random(16, 8, 3);
    for (float w : head.weight()) {
      assertThat(w).isBetween(-0.25f, 0.25f);
    }
    assertThat(head.bias()).containsOnly(0);
    assertThat(ProjectionHead.random(16, 8, 3).weight()).isEqualTo(head.weight());
    assertThat(ProjectionHead.random(16, 8, 4).weight()).isNotEqualTo(head.weight());
    assertThat(head)
        .hasToString(ProjectionHead.random(16, 8, 3).recipe())
        .asString()
        .matches("projection 16->8 sha256=[0-9a-f]{16}");
  }

  @Test
  void keepsNoArrayOfTheCaller() {
    float[] weight = {1};
    float[] bias = {2};
    ProjectionHead head = ProjectionHead.of(weight, bias);
    weight[0] = 9;
    bias[0] = 9;
    head.weight()[0] = 9;
    head.bias()[0] = 9;
    assertThat(head.apply(Descriptor.copyOf(new float[] {3}, RECIPE)).toArray()).containsExactly(5);
  }

  @Test
  void refuses() {
    assertThatThrownBy(() -> ProjectionHead.of(new float[3], new float[2]))
        .hasMessage("projection must have a weight [d,D] and a bias [d] but had 3 and 2 values");
    assertThatThrownBy(() -> ProjectionHead.of(new float[0], new float[2]))
        .hasMessageContaining("had 0 and 2 values");
    assertThatThrownBy(() -> ProjectionHead.of(new float[2], new float[0]))
        .hasMessageContaining("had 2 and 0 values");
    assertThatThrownBy(() -> ProjectionHead.of(new float[] {1, Float.NaN}, new float[1]))
        .hasMessage("projection weight must be finite but value 1 was NaN");
    assertThatThrownBy(() -> ProjectionHead.of(new float[2], new float[] {Float.POSITIVE_INFINITY}))
        .hasMessage("projection bias must be finite but value 0 was Infinity");
    assertThatThrownBy(() -> ProjectionHead.random(0, 4, 1))
        .hasMessage("projection dimensions must be at least 1 but were 0 to 4");
    Descriptor longer = Descriptor.copyOf(new float[] {1, 2}, RECIPE);
    assertThatThrownBy(() -> ProjectionHead.of(new float[3], new float[1]).apply(longer))
        .hasMessage("projection must get dimension 3 but the descriptor has 2");
  }
}
