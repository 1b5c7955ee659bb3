// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.PoolingGradient;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * What every {@link DifferentiablePooling} must do beside {@link PoolingContract}: its gradients
 * agree with five-point central differences, taken away from kinks.
 */
public abstract class DifferentiablePoolingContract extends PoolingContract {
  /** Step of the differences: the values of a channel lie 0.1 apart, so maxima do not change. */
  private static final float STEP = 0.02f;

  /**
   * Rounding of float results divided by the step is about 10⁻⁵, the error of the differences about
   * 10⁻⁵ too.
   */
  private static final double TOLERANCE = 5e-4;

  /** Makes the contract. */
  protected DifferentiablePoolingContract() {}

  @Override
  protected abstract DifferentiablePooling pooling();

  /**
   * Gives the size of the map for differences.
   *
   * @return H and W, of no more than 12 cells
   */
  protected int[] gradientShape() {
    return new int[] {3, 4};
  }

  private FeatureMap apart(long seed) {
    Random random = new Random(seed);
    int cells = gradientShape()[0] * gradientShape()[1];
    float[] values = new float[channels() * cells];
    for (int c = 0; c < channels(); c++) {
      int[] order = random.ints(0, Integer.MAX_VALUE).distinct().limit(cells).toArray();
      int[] sorted = order.clone();
      Arrays.sort(sorted);
      for (int i = 0; i < cells; i++) {
        int rank = Arrays.binarySearch(sorted, order[i]);
        values[i * channels() + c] = 0.3f + 0.1f * rank + 0.01f * random.nextFloat();
      }
    }
    return FeatureMap.ofOwned(channels(), gradientShape()[0], gradientShape()[1], values);
  }

  private float[] upstream(long seed) {
    Random random = new Random(seed);
    float[] out = new float[pooling().dimension(channels())];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  private static double loss(Pooling pooling, FeatureMap map, float[] upstream) {
    float[] result = pooling.pool(map);
    double sum = 0;
    for (int i = 0; i < result.length; i++) {
      sum += (double) upstream[i] * result[i];
    }
    return sum;
  }

  private static double difference(Function<Float, Double> f) {
    return (8 * (f.apply(STEP) - f.apply(-STEP)) - (f.apply(2 * STEP) - f.apply(-2 * STEP)))
        / (12 * STEP);
  }

  @Test
  void mapGradientIsTheCentralDifference() {
    FeatureMap map = apart(11);
    float[] upstream = upstream(12);
    FeatureMap gradient = pooling().backward(map, upstream).map();
    assertThat(new int[] {gradient.channels(), gradient.height(), gradient.width()})
        .isEqualTo(new int[] {map.channels(), map.height(), map.width()});
    for (int i = 0; i < map.sharedValues().length; i++) {
      int at = i;
      double expected =
          difference(
              step -> {
                float[] moved = map.sharedValues().clone();
                moved[at] += step;
                return loss(
                    pooling(),
                    FeatureMap.ofOwned(map.channels(), map.height(), map.width(), moved),
                    upstream);
              });
      assertThat((double) gradient.sharedValues()[i])
          .as("value %d, seeds 11 and 12", i)
          .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
    }
  }

  @Test
  void parameterGradientIsTheCentralDifference() {
    FeatureMap map = apart(13);
    float[] upstream = upstream(14);
    float[] parameters = pooling().parameters();
    float[] gradient = pooling().backward(map, upstream).parameters();
    assertThat(gradient).hasSameSizeAs(parameters);
    for (int i = 0; i < parameters.length; i++) {
      int at = i;
      double expected =
          difference(
              step -> {
                float[] moved = parameters.clone();
                moved[at] += step;
                return loss(pooling().withParameters(moved), map, upstream);
              });
      assertThat((double) gradient[i])
          .as("parameter %d, seeds 13 and 14", i)
          .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
    }
  }

  @Test
  void zeroUpstreamGivesZeroGradients() {
    FeatureMap map = apart(15);
    PoolingGradient gradient = pooling().backward(map, new float[pooling().dimension(channels())]);
    for (float value : gradient.map().sharedValues()) {
      assertThat(value).isZero();
    }
    for (float value : gradient.parameters()) {
      assertThat(value).isZero();
    }
  }

  @Test
  void gradientsOfADeadMapAreFinite() {
    FeatureMap map = apart(16);
    FeatureMap dead =
        FeatureMap.ofOwned(
            map.channels(), map.height(), map.width(), new float[map.sharedValues().length]);
    PoolingGradient gradient = pooling().backward(dead, upstream(17));
    for (float value : gradient.map().sharedValues()) {
      assertThat(Float.isFinite(value)).as("map gradient %s", value).isTrue();
    }
    for (float value : gradient.parameters()) {
      assertThat(Float.isFinite(value)).as("parameter gradient %s", value).isTrue();
    }
  }

  @Test
  void backwardLeavesItsArgumentsAlone() {
    FeatureMap map = apart(18);
    float[] before = map.sharedValues().clone();
    float[] upstream = upstream(19);
    float[] upstreamBefore = upstream.clone();
    pooling().backward(map, upstream);
    assertThat(map.sharedValues()).isEqualTo(before);
    assertThat(upstream).isEqualTo(upstreamBefore);
  }

  @Test
  void backwardRefusesAnUpstreamOfAnotherLength() {
    int dimension = pooling().dimension(channels());
    assertThatThrownBy(() -> pooling().backward(apart(20), new float[dimension + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(dimension))
        .hasMessageContaining(String.valueOf(dimension + 1));
  }

  @Test
  void backwardNeverCarriesNaNOfTheMapOn() {
    FeatureMap map = apart(21);
    float[] values = map.sharedValues().clone();
    values[1] = Float.NaN;
    FeatureMap broken = FeatureMap.ofOwned(map.channels(), map.height(), map.width(), values);
    try {
      // a gradient that does not depend on the map need not look at it
      for (float value : pooling().backward(broken, upstream(22)).map().sharedValues()) {
        assertThat(Float.isFinite(value)).as("map gradient %s", value).isTrue();
      }
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageFindingMatch("\\bchannel 1\\b");
    }
  }

  @Test
  void ownParametersMakeTheSamePooling() {
    DifferentiablePooling same = pooling().withParameters(pooling().parameters());
    FeatureMap map = apart(23);
    assertThat(same.pool(map)).isEqualTo(pooling().pool(map));
    assertThat(same.recipe()).isEqualTo(pooling().recipe());
  }

  @Test
  void parametersAreACopy() {
    DifferentiablePooling pooling = pooling();
    float[] parameters = pooling.parameters();
    Arrays.fill(parameters, 9);
    assertThat(pooling.parameters()).isEqualTo(pooling().parameters());
  }

  @Test
  void refusesAnotherNumberOfParameters() {
    int wrong = pooling().parameters().length + 1;
    assertThatThrownBy(() -> pooling().withParameters(new float[wrong]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(wrong));
  }

  @Test
  void refusesParametersThatAreNotANumber() {
    float[] parameters = pooling().parameters();
    if (parameters.length == 0) {
      assertThat(pooling().withParameters(parameters).recipe()).isEqualTo(pooling().recipe());
      return;
    }
    parameters[0] = Float.NaN;
    assertThatThrownBy(() -> pooling().withParameters(parameters))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("NaN");
  }
}
