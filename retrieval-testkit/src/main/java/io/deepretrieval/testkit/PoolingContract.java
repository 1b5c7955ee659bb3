// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Pooling} must do. A test of an implementation extends it, gives the pooling
 * and, if the pooling does not take every map, its channels and shapes.
 */
public abstract class PoolingContract {
  /** Makes the contract. */
  protected PoolingContract() {}

  /**
   * Gives the pooling under test.
   *
   * @return the same configuration each time
   */
  protected abstract Pooling pooling();

  /**
   * Gives a number of channels that the pooling takes.
   *
   * @return C, at least 2
   */
  protected int channels() {
    return 19;
  }

  /**
   * Gives the sizes of maps that the pooling takes.
   *
   * @return pairs of H and W
   */
  protected List<int[]> shapes() {
    return List.of(
        new int[] {1, 1},
        new int[] {1, 9},
        new int[] {9, 1},
        new int[] {7, 7},
        new int[] {5, 12},
        new int[] {13, 6});
  }

  /**
   * Makes a map as it comes out of a ReLU: about a third of the values are 0.
   *
   * @param height H
   * @param width W
   * @param seed of the values
   * @return {@code [channels(),H,W]}
   */
  protected FeatureMap map(int height, int width, long seed) {
    Random random = new Random(seed);
    float[] values = new float[channels() * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0f, (float) random.nextGaussian() + 0.4f);
    }
    return FeatureMap.ofOwned(channels(), height, width, values);
  }

  private FeatureMap withValue(float value) {
    int[] shape = shapes().get(shapes().size() - 1);
    float[] values = map(shape[0], shape[1], 5).sharedValues().clone();
    values[values.length - channels() + 1] = value;
    return FeatureMap.ofOwned(channels(), shape[0], shape[1], values);
  }

  @Test
  void resultHasTheStatedDimensionAndIsFinite() {
    for (int[] shape : shapes()) {
      float[] result = pooling().pool(map(shape[0], shape[1], 1));
      assertThat(result)
          .as("map of %d rows and %d columns, seed 1", shape[0], shape[1])
          .hasSize(pooling().dimension(channels()));
      assertFinite(result);
    }
  }

  @Test
  void deadMapGivesFiniteValues() {
    for (int[] shape : shapes()) {
      int length = channels() * shape[0] * shape[1];
      float[] result =
          pooling().pool(FeatureMap.ofOwned(channels(), shape[0], shape[1], new float[length]));
      assertFinite(result);
    }
  }

  @Test
  void deadChannelGivesFiniteValues() {
    for (int[] shape : shapes()) {
      float[] values = map(shape[0], shape[1], 2).sharedValues().clone();
      for (int i = 1; i < values.length; i += channels()) {
        values[i] = 0;
      }
      assertFinite(pooling().pool(FeatureMap.ofOwned(channels(), shape[0], shape[1], values)));
    }
  }

  @Test
  void refusesNaNAndNamesTheChannel() {
    assertThatThrownBy(() -> pooling().pool(withValue(Float.NaN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageFindingMatch("\\bchannel 1\\b");
  }

  @Test
  void refusesInfinityAndNamesTheChannel() {
    assertThatThrownBy(() -> pooling().pool(withValue(Float.POSITIVE_INFINITY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageFindingMatch("\\bchannel 1\\b");
  }

  @Test
  void leavesTheMapAlone() {
    for (int[] shape : shapes()) {
      FeatureMap map = map(shape[0], shape[1], 3);
      float[] before = map.sharedValues().clone();
      pooling().pool(map);
      assertThat(map.sharedValues()).isEqualTo(before);
    }
  }

  @Test
  void givesANewArrayEachTime() {
    Pooling pooling = pooling();
    FeatureMap map = map(shapes().get(0)[0], shapes().get(0)[1], 4);
    float[] first = pooling.pool(map);
    float[] copy = first.clone();
    float[] second = pooling.pool(map);
    second[0] += 1;
    assertThat(first).isEqualTo(copy);
  }

  @Test
  void doesNotRememberEarlierMaps() {
    Pooling pooling = pooling();
    List<float[]> alone = new ArrayList<>();
    for (int[] shape : shapes()) {
      alone.add(pooling().pool(map(shape[0], shape[1], 6)));
    }
    for (int i = shapes().size() - 1; i >= 0; i--) {
      int[] shape = shapes().get(i);
      assertThat(pooling.pool(map(shape[0], shape[1], 6))).isEqualTo(alone.get(i));
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void givesTheSameBitsFromManyThreads() throws Exception {
    Pooling pooling = pooling();
    int[] shape = shapes().get(shapes().size() - 1);
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      expected.add(pooling.pool(map(shape[0], shape[1], i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<float[]>> found = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int seed = i % 16;
        found.add(threads.submit(() -> pooling.pool(map(shape[0], shape[1], seed))));
      }
      for (int i = 0; i < 64; i++) {
        assertThat(found.get(i).get()).as("seed %d", i % 16).isEqualTo(expected.get(i % 16));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void sharesOfTheCellsSumToTheInnerProduct() {
    for (int[] shape : shapes()) {
      FeatureMap map = map(shape[0], shape[1], 7);
      float[] before = map.sharedValues().clone();
      Pooling pooling = pooling();
      float[] result = pooling.pool(map);
      Random random = new Random(8);
      double[] direction = random.doubles(result.length, -1, 1).toArray();
      Optional<double[]> shares = pooling.contributions(map, direction);
      double expected = 0;
      double size = 0;
      for (int i = 0; i < result.length; i++) {
        expected += direction[i] * result[i];
        size += Math.abs(direction[i] * result[i]);
      }
      assertThat(map.sharedValues()).isEqualTo(before);
      if (shares.isPresent()) {
        assertThat(shares.get()).hasSize(shape[0] * shape[1]);
        assertThat(Arrays.stream(shares.get()).sum())
            .as("map of %d rows and %d columns, seeds 7 and 8", shape[0], shape[1])
            .isCloseTo(expected, within(1e-5 * size));
        assertThatThrownBy(() -> pooling.contributions(map, new double[result.length + 1]))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(String.valueOf(result.length))
            .hasMessageContaining(String.valueOf(result.length + 1));
      }
    }
  }

  @Test
  void recipeIsOneStableLine() {
    assertThat(pooling().recipe())
        .isNotBlank()
        .doesNotContain(";", "\n", "\r")
        .isEqualTo(pooling().recipe().strip())
        .isEqualTo(pooling().recipe());
  }

  @Test
  void refusesLessThanOneChannel() {
    assertThatThrownBy(() -> pooling().dimension(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0");
  }

  private static void assertFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      assertThat(Float.isFinite(values[i])).as("value %d is %s", i, values[i]).isTrue();
    }
  }
}
