// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lies between map and loss, forward and backward: pooling, L2, the projection if there is
 * one, L2 again if the loss wants it. Without a projection and without the last L2 the pooled
 * vector itself goes to the loss.
 *
 * <p>A zero vector stays zero under L2, and its gradient is zero. Not thread-safe.
 */
final class EmbeddingHead {
  /** What one forward leaves for its backward. */
  @SuppressWarnings("ArrayRecordComponent") // package-private, never shared
  record Trace(FeatureMap map, float[] direction, double length, double headLength, float[] out) {}

  private DifferentiablePooling pooling;
  private final boolean normalized;
  private final float[] weight;
  private final float[] bias;
  private final float[] weightGradient;
  private final float[] biasGradient;
  private final float[] poolingGradient;

  EmbeddingHead(DifferentiablePooling pooling, @Nullable ProjectionHead head, boolean normalized) {
    this.pooling = pooling;
    this.normalized = normalized;
    this.weight = head == null ? new float[0] : head.weight();
    this.bias = head == null ? new float[0] : head.bias();
    this.weightGradient = new float[weight.length];
    this.biasGradient = new float[bias.length];
    this.poolingGradient = new float[pooling.parameters().length];
  }

  DifferentiablePooling pooling() {
    return pooling;
  }

  void setPooling(float[] parameters) {
    pooling = pooling.withParameters(parameters);
  }

  private boolean hasHead() {
    return bias.length > 0;
  }

  Optional<ProjectionHead> head() {
    return hasHead() ? Optional.of(ProjectionHead.of(weight, bias)) : Optional.empty();
  }

  /** What of it is trained: the projection, if there is one, and the pooling. */
  List<TrainedTensor> tensors(double projectionRate, double poolingRate, float low, float high) {
    TrainedTensor exponents = new PoolingTensor(this, poolingGradient, poolingRate, low, high);
    return hasHead()
        ? List.of(
            new ArrayTensor("projection.weight", weight, weightGradient, projectionRate),
            new ArrayTensor("projection.bias", bias, biasGradient, projectionRate),
            exponents)
        : List.of(exponents);
  }

  /** The length of the embedding of a map with so many channels. */
  int dimension(int channels) {
    return hasHead() ? bias.length : pooling.dimension(channels);
  }

  /** The embedding of a map, with what its backward needs. */
  Trace forward(FeatureMap map) {
    float[] pooled = pooling.pool(map);
    if (!hasHead() && !normalized) {
      return new Trace(map, pooled, 1, 1, pooled);
    }
    double length = length(pooled);
    float[] direction = scaled(pooled, length);
    if (!hasHead()) {
      return new Trace(map, direction, length, 1, direction);
    }
    float[] out = ProjectionHead.project(weight, bias, direction);
    double headLength = 1;
    if (normalized) {
      headLength = length(out);
      out = scaled(out, headLength);
    }
    return new Trace(map, direction, length, headLength, out);
  }

  /** The embedding as a search uses it, of length 1. */
  float[] search(FeatureMap map) {
    float[] out = forward(map).out;
    return scaled(out, length(out));
  }

  /** Adds to the gradients of head and pooling; returns d loss / d map. */
  FeatureMap backward(Trace trace, double[] upstream) {
    double[] gradient = upstream;
    if (hasHead()) {
      if (normalized) {
        gradient = throughLength(gradient, trace.out, trace.headLength);
      }
      double[] in = new double[trace.direction.length];
      for (int o = 0; o < bias.length; o++) {
        double g = gradient[o];
        if (g == 0) {
          continue;
        }
        int row = o * in.length;
        biasGradient[o] += (float) g;
        float narrow = (float) g;
        for (int i = 0; i < in.length; i++) {
          weightGradient[row + i] += narrow * trace.direction[i];
          in[i] += g * weight[row + i];
        }
      }
      gradient = in;
    }
    if (hasHead() || normalized) {
      gradient = throughLength(gradient, trace.direction, trace.length);
    }
    float[] pooled = new float[gradient.length];
    for (int i = 0; i < pooled.length; i++) {
      pooled[i] = (float) gradient[i];
    }
    PoolingGradient result = pooling.backward(trace.map, pooled);
    float[] own = result.parameters();
    for (int i = 0; i < own.length; i++) {
      poolingGradient[i] += own[i];
    }
    return result.map();
  }

  private static double length(float[] values) {
    return Math.sqrt(squares(values));
  }

  /** The sum of the squares, in double. */
  static double squares(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += (double) v * v;
    }
    return sum;
  }

  private static float[] scaled(float[] values, double length) {
    float[] out = new float[values.length];
    if (length > 0) {
      for (int i = 0; i < out.length; i++) {
        out[i] = (float) (values[i] / length);
      }
    }
    return out;
  }

  /** d loss / d x from d loss / d n, with n = x / ‖x‖: (g - (g·n) n) / ‖x‖. */
  private static double[] throughLength(double[] gradient, float[] n, double length) {
    double[] out = new double[n.length];
    if (length == 0) {
      return out;
    }
    double along = 0;
    for (int i = 0; i < n.length; i++) {
      along += gradient[i] * n[i];
    }
    for (int i = 0; i < n.length; i++) {
      out[i] = (gradient[i] - along * n[i]) / length;
    }
    return out;
  }
}
