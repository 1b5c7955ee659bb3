// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.pooling.kernel.Kernels;
import io.deepretrieval.pooling.kernel.Scratch;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.Optional;

/** Adds up region vectors: each L2-normalized, then mapped and L2-normalized again if asked for. */
final class RegionSum {
  private final Optional<LinearTransform> transform;
  private final Kernels kernels = Kernels.get();

  RegionSum(Optional<LinearTransform> transform) {
    this.transform = transform;
  }

  /** The end of a recipe. */
  String recipe() {
    return transform.map(t -> " regions-by=(" + t.recipe() + ")").orElse("");
  }

  /** The dimension of the sum of vectors of a dimension. */
  int dimension(int d) {
    if (transform.isEmpty()) {
      return d;
    }
    int input = transform.get().inputDimension();
    if (input != d) {
      throw new IllegalArgumentException(
          "region vectors must have dimension "
              + input
              + " for ["
              + transform.get().recipe()
              + "] but had "
              + d);
    }
    return transform.get().outputDimension();
  }

  /** Adds n region vectors of dimension d, which are overwritten. */
  void add(float[] regions, int n, int d, float[] sum) {
    for (int r = 0; r < n; r++) {
      float scale = inverseNorm(regions, r * d, d);
      if (transform.isEmpty()) {
        kernels.addScaled(scale, regions, r * d, d, sum, 0);
      } else {
        for (int i = r * d; i < (r + 1) * d; i++) {
          regions[i] *= scale;
        }
      }
    }
    if (transform.isPresent()) {
      int out = sum.length;
      float[] mapped = Scratch.WHITENED.floats(n * out);
      transform.get().project(regions, n, mapped);
      for (int r = 0; r < n; r++) {
        kernels.addScaled(inverseNorm(mapped, r * out, out), mapped, r * out, out, sum, 0);
      }
    }
  }

  /**
   * What a direction becomes in front of the two norms and T.
   *
   * @param direction what the region vector is multiplied with
   * @param constant what T adds whatever the vector is
   */
  @SuppressWarnings("ArrayRecordComponent") // never shared
  record Behind(double[] direction, double constant) {}

  /** Takes a direction of the sum back to one region vector. */
  Behind takeBack(float[] region, double[] direction) {
    float scale = inverseNorm(region, 0, region.length);
    if (transform.isEmpty()) {
      return new Behind(scaled(direction, scale), 0);
    }
    float[] unit = new float[region.length];
    kernels.addScaled(scale, region, 0, region.length, unit, 0);
    float[] mapped = new float[direction.length];
    transform.get().project(unit, 1, mapped);
    double[] behind = scaled(direction, inverseNorm(mapped, 0, mapped.length));
    float[] narrow = new float[behind.length];
    double all = 0;
    for (int k = 0; k < narrow.length; k++) {
      narrow[k] = (float) behind[k];
      all += behind[k] * mapped[k];
    }
    float[] back = new float[region.length];
    transform.get().projectBack(narrow, back);
    double[] wide = new double[back.length];
    double linear = 0;
    for (int i = 0; i < wide.length; i++) {
      wide[i] = back[i];
      linear += wide[i] * unit[i];
    }
    return new Behind(scaled(wide, scale), all - linear);
  }

  private static double[] scaled(double[] values, double factor) {
    double[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] *= factor;
    }
    return out;
  }

  /** d loss / d region, of one region vector, from d loss / d sum. */
  float[] backward(float[] region, float[] upstream) {
    int d = region.length;
    float scale = inverseNorm(region, 0, d);
    float[] unit = new float[d];
    kernels.addScaled(scale, region, 0, d, unit, 0);
    float[] gradient = upstream;
    if (transform.isPresent()) {
      float[] mapped = new float[upstream.length];
      transform.get().project(unit, 1, mapped);
      float[] behind = throughNorm(mapped, inverseNorm(mapped, 0, mapped.length), upstream);
      gradient = new float[d];
      transform.get().projectBack(behind, gradient);
    }
    return throughNorm(region, scale, gradient);
  }

  /** Carries a gradient back through v/‖v‖: (g - u (u·g)) / ‖v‖. */
  private static float[] throughNorm(float[] v, float scale, float[] gradient) {
    double along = 0;
    for (int i = 0; i < v.length; i++) {
      along += (double) v[i] * scale * gradient[i];
    }
    float[] out = new float[v.length];
    for (int i = 0; i < v.length; i++) {
      out[i] = (float) (scale * (gradient[i] - along * v[i] * scale));
    }
    return out;
  }

  /** 1/‖v‖, or 0 for the zero vector, which adds nothing. */
  private float inverseNorm(float[] v, int from, int n) {
    float squared = kernels.dot(v, from, v, from, n);
    if (squared > 1e-30f && squared < 1e30f) {
      return (float) (1 / Math.sqrt(squared));
    }
    double precise = 0;
    for (int i = from; i < from + n; i++) {
      precise += (double) v[i] * v[i];
    }
    return precise == 0 ? 0 : (float) Math.min(Float.MAX_VALUE, 1 / Math.sqrt(precise));
  }
}
