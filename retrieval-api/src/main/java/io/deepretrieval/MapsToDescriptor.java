// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;
import java.util.Objects;

/**
 * What follows the network: pooling, L2, the mean over the scales, L2 and the transforms, each
 * followed by L2.
 *
 * @param pooling how a map becomes a vector
 * @param pooledDimension dimension that the pooling promises
 * @param scaleExponent exponent of the mean over the scales
 * @param transforms in their order
 * @param recipe what the descriptors carry
 */
record MapsToDescriptor(
    Pooling pooling,
    int pooledDimension,
    double scaleExponent,
    List<Transform> transforms,
    Recipe recipe) {

  /** The dimension behind the transforms, which must fit each other. */
  static int dimension(int pooled, List<Transform> transforms) {
    int d = pooled;
    for (Transform transform : transforms) {
      if (transform.inputDimension() != d) {
        throw new IllegalArgumentException(
            "transform ["
                + transform.recipe()
                + "] must take dimension "
                + d
                + " (what comes before it gives that) but takes "
                + transform.inputDimension());
      }
      d = transform.outputDimension();
    }
    return d;
  }

  /** Makes the descriptor of an image from its map at each scale. */
  Descriptor combine(List<FeatureMap> maps) {
    double[] sum = null;
    for (FeatureMap map : maps) {
      Descriptor pooled = Descriptor.copyOf(pooling.pool(map), recipe);
      requireDimension(pooled, pooledDimension, "pooling", pooling.recipe());
      Descriptor one = direction(pooled, pooling.recipe());
      if (maps.size() == 1) {
        return transform(one);
      }
      if (sum == null) {
        sum = new double[one.dimension()];
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += power(one.at(i), scaleExponent);
      }
    }
    double[] total = Objects.requireNonNull(sum, "sum over scales");
    float[] mean = new float[total.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) power(total[i] / maps.size(), 1 / scaleExponent);
    }
    return transform(direction(Descriptor.copyOf(mean, recipe), "mean over scales"));
  }

  /** A power that keeps the sign, so that whitened and other signed vectors may be pooled too. */
  static double power(double value, double exponent) {
    return exponent == 1 ? value : Math.copySign(Math.pow(Math.abs(value), exponent), value);
  }

  private Descriptor transform(Descriptor descriptor) {
    Descriptor out = descriptor;
    for (Transform transform : transforms) {
      Descriptor next = transform.apply(out);
      requireDimension(next, transform.outputDimension(), "transform", transform.recipe());
      out = direction(next, transform.recipe());
    }
    return out.recipe().equals(recipe) ? out : out.withRecipe(recipe);
  }

  /** Catches a part that breaks its own promise; no image is to blame. */
  private static void requireDimension(
      Descriptor descriptor, int dimension, String kind, String step) {
    if (descriptor.dimension() != dimension) {
      throw new IllegalStateException(
          kind
              + " ["
              + step
              + "] must give dimension "
              + dimension
              + " but gave "
              + descriptor.dimension());
    }
  }

  private static Descriptor direction(Descriptor descriptor, String step) {
    if (descriptor.norm() == 0) {
      throw new IllegalArgumentException(
          "descriptor must not be the zero vector but all "
              + descriptor.dimension()
              + " values were 0 after ["
              + step
              + "]");
    }
    return descriptor.normalized();
  }
}
