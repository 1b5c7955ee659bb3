// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Descriptor;
import io.deepretrieval.LinearMap;
import io.deepretrieval.Recipe;
import io.deepretrieval.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Transform} must do. */
public abstract class TransformContract {
  /** Makes the contract. */
  protected TransformContract() {}

  /**
   * Gives the transform under test.
   *
   * @return the same configuration each time
   */
  protected abstract Transform transform();

  private Descriptor descriptor(long seed) {
    Random random = new Random(seed);
    float[] values = new float[transform().inputDimension()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Descriptor.copyOf(values, Recipe.of(Map.of("seed", String.valueOf(seed)))).normalized();
  }

  @Test
  void givesTheStatedDimension() {
    assertThat(transform().inputDimension()).isPositive();
    assertThat(transform().apply(descriptor(1)).dimension())
        .isPositive()
        .isEqualTo(transform().outputDimension());
  }

  @Test
  void keepsTheRecipeOfTheArgument() {
    assertThat(transform().apply(descriptor(2)).recipe()).isEqualTo(descriptor(2).recipe());
  }

  @Test
  void refusesAnotherDimensionAndShowsBoth() {
    int expected = transform().inputDimension();
    Descriptor wrong = Descriptor.copyOf(new float[expected + 1]);
    assertThatThrownBy(() -> transform().apply(wrong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(expected))
        .hasMessageContaining(String.valueOf(expected + 1));
  }

  @Test
  void zeroVectorGivesFiniteValues() {
    float[] result =
        transform().apply(Descriptor.copyOf(new float[transform().inputDimension()])).toArray();
    for (float value : result) {
      assertThat(Float.isFinite(value)).isTrue();
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void givesTheSameBitsFromManyThreads() throws Exception {
    Transform transform = transform();
    List<Descriptor> expected = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      expected.add(transform().apply(descriptor(i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Descriptor>> found = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int seed = i % 16;
        found.add(threads.submit(() -> transform.apply(descriptor(seed))));
      }
      for (int i = 0; i < 64; i++) {
        assertThat(found.get(i).get()).as("seed %d", i % 16).isEqualTo(expected.get(i % 16));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void numbersOfALinearOneGiveTheSame() {
    Optional<LinearMap> linear = transform().linear();
    if (linear.isPresent()) {
      LinearMap map = linear.get();
      float[] x = descriptor(9).toArray();
      float[] y = transform().apply(descriptor(9)).toArray();
      assertThat(map.outputDimension()).isEqualTo(y.length);
      float[] matrix = map.matrix();
      for (int row = 0; row < y.length; row++) {
        double sum = map.bias()[row];
        for (int i = 0; i < x.length; i++) {
          sum += matrix[row * x.length + i] * ((double) x[i] - map.mean()[i]);
        }
        assertThat(sum).as("row %d, seed 9", row).isCloseTo(y[row], within(1e-4));
      }
    }
  }

  @Test
  void recipeIsOneStableLine() {
    assertThat(transform().recipe())
        .isNotBlank()
        .doesNotContain(";", "\n", "\r")
        .isEqualTo(transform().recipe().strip())
        .isEqualTo(transform().recipe());
  }
}
