// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A descriptor that still knows the feature maps it came from, to tell which parts of the image
 * make it like another. Made by {@link DescriptorExtractor#trace}.
 *
 * <p>No gradients: a cosine with a fixed vector is taken back step by step, and every step but the
 * pooling is linear once its norm is known. {@link Pooling#contributions} says what a cell's share
 * of a pooled vector is. The constant of a transform, b - Wm, belongs to no cell and is spread
 * evenly. Shares of several scales lie on the grid of the largest map. The shares sum to the
 * cosine.
 *
 * <p>Holds the maps, some megabytes. Immutable and thread-safe.
 */
public final class TracedDescriptor {
  /** The numbers of a linear transform, taken out of it once. */
  @SuppressWarnings("ArrayRecordComponent") // never shared
  private record Layer(float[] mean, float[] matrix, float[] bias) {}

  /** How maps become one vector. */
  static final class Steps {
    private final Pooling pooling;
    private final double scaleExponent;
    private final Optional<List<Layer>> layers;

    Steps(Pooling pooling, double scaleExponent, List<Transform> transforms) {
      this.pooling = pooling;
      this.scaleExponent = scaleExponent;
      List<Layer> found = new ArrayList<>();
      for (Transform transform : transforms) {
        transform
            .linear()
            .ifPresent(map -> found.add(new Layer(map.mean(), map.matrix(), map.bias())));
      }
      this.layers =
          found.size() == transforms.size() ? Optional.of(List.copyOf(found)) : Optional.empty();
    }
  }

  /** A vector before it is divided by its norm. */
  @SuppressWarnings("ArrayRecordComponent") // never shared
  private record Stage(double[] values, double norm) {
    static Stage of(double[] values) {
      double squares = 0;
      for (double v : values) {
        squares += v * v;
      }
      return new Stage(values, Math.sqrt(squares));
    }

    double[] unit() {
      return scaled(values, 1 / norm);
    }
  }

  private final Descriptor descriptor;
  private final Steps steps;
  private final List<FeatureMap> maps;

  TracedDescriptor(Descriptor descriptor, Steps steps, List<FeatureMap> maps) {
    this.descriptor = descriptor;
    this.steps = steps;
    this.maps = List.copyOf(maps);
  }

  /**
   * Returns the descriptor.
   *
   * @return what {@link DescriptorExtractor#extract(RgbImage)} gives
   */
  public Descriptor descriptor() {
    return descriptor;
  }

  /**
   * Splits the cosine with another descriptor over the cells of this image.
   *
   * @param other of the same recipe
   * @return shares that sum to the cosine up to rounding; empty if the pooling or a transform does
   *     not say how its result comes about
   * @throws IllegalArgumentException if the recipes differ
   */
  public Optional<SimilarityMap> contributions(Descriptor other) {
    descriptor.recipe().requireSame(other.recipe(), "descriptor to compare with");
    return steps.layers.flatMap(
        layers -> contributions(layers, Stage.of(widen(other.toArray())).unit()));
  }

  private Optional<SimilarityMap> contributions(List<Layer> layers, double[] unit) {
    List<Stage> pooled = maps.stream().map(m -> Stage.of(widen(steps.pooling.pool(m)))).toList();
    List<double[]> units = pooled.stream().map(Stage::unit).toList();
    Stage mean = Stage.of(powerMean(units));
    List<Stage> behind = new ArrayList<>();
    double[] vector = mean.unit();
    for (Layer layer : layers) {
      behind.add(Stage.of(apply(layer, vector)));
      vector = behind.get(behind.size() - 1).unit();
    }

    double constant = 0;
    double[] direction = unit;
    for (int i = layers.size() - 1; i >= 0; i--) {
      direction = scaled(direction, 1 / behind.get(i).norm);
      constant += constant(layers.get(i), direction);
      direction = takeBack(layers.get(i), direction);
    }
    direction = scaled(direction, 1 / mean.norm);
    List<SimilarityMap> byScale = new ArrayList<>();
    for (int s = 0; s < maps.size(); s++) {
      double[] ofScale = new double[direction.length];
      for (int k = 0; k < direction.length; k++) {
        ofScale[k] = direction[k] * weight(units, mean.values[k], s, k) / pooled.get(s).norm;
      }
      FeatureMap map = maps.get(s);
      Optional<double[]> shares = steps.pooling.contributions(map, ofScale);
      if (shares.isEmpty()) {
        return Optional.empty();
      }
      byScale.add(SimilarityMap.of(map.height(), map.width(), shares.get()));
    }
    SimilarityMap sum =
        byScale.stream()
            .max(Comparator.comparingInt(m -> m.height() * m.width()))
            .map(m -> SimilarityMap.of(m.height(), m.width(), new double[m.height() * m.width()]))
            .orElseThrow(() -> new IllegalStateException("an extractor must have a scale"));
    for (SimilarityMap one : byScale) {
      sum = sum.plus(one, constant / byScale.size());
    }
    return Optional.of(sum);
  }

  private double[] powerMean(List<double[]> units) {
    double[] out = new double[units.get(0).length];
    for (int k = 0; k < out.length; k++) {
      for (double[] unit : units) {
        out[k] += MapsToDescriptor.power(unit[k], steps.scaleExponent);
      }
      out[k] = MapsToDescriptor.power(out[k] / units.size(), 1 / steps.scaleExponent);
    }
    return out;
  }

  /** What a value of one scale is multiplied with in the mean over scales: mean·v^(p-1)/Σv^p. */
  private double weight(List<double[]> units, double mean, int scale, int k) {
    if (steps.scaleExponent == 1) {
      return 1.0 / units.size();
    }
    double value = units.get(scale)[k];
    double sum = 0;
    for (double[] unit : units) {
      sum += MapsToDescriptor.power(unit[k], steps.scaleExponent);
    }
    return value == 0 || sum == 0
        ? 0
        : mean * MapsToDescriptor.power(value, steps.scaleExponent) / sum / value;
  }

  private static double[] apply(Layer layer, double[] x) {
    double[] y = new double[layer.bias.length];
    for (int row = 0; row < y.length; row++) {
      double sum = layer.bias[row];
      for (int i = 0; i < x.length; i++) {
        sum += layer.matrix[row * x.length + i] * (x[i] - layer.mean[i]);
      }
      y[row] = sum;
    }
    return y;
  }

  /** The inner product of a direction with b - Wm. */
  private static double constant(Layer layer, double[] direction) {
    double[] y = apply(layer, new double[layer.mean.length]);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += direction[i] * y[i];
    }
    return sum;
  }

  private static double[] takeBack(Layer layer, double[] direction) {
    double[] out = new double[layer.mean.length];
    for (int row = 0; row < direction.length; row++) {
      for (int i = 0; i < out.length; i++) {
        out[i] += direction[row] * layer.matrix[row * out.length + i];
      }
    }
    return out;
  }

  private static double[] scaled(double[] values, double factor) {
    double[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] *= factor;
    }
    return out;
  }

  private static double[] widen(float[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  @Override
  public String toString() {
    return "TracedDescriptor[" + maps + "]";
  }
}
