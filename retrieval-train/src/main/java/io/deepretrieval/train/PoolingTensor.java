// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.Parameter;
import java.util.Arrays;

/** The parameters of the pooling, which stay between bounds. */
final class PoolingTensor extends TrainedTensor {
  private final EmbeddingHead head;
  private final float[] gradient;
  private final float low;
  private final float high;

  PoolingTensor(EmbeddingHead head, float[] gradient, double rateFactor, float low, float high) {
    super("pooling", "pooling", rateFactor, false);
    this.head = head;
    this.gradient = gradient;
    this.low = low;
    this.high = high;
  }

  @Override
  float[] values() {
    return head.pooling().parameters();
  }

  @Override
  void set(float[] values) {
    if (values.length > 0) {
      head.setPooling(values);
    }
  }

  @Override
  void update(Parameter.Rule rule) {
    float[] values = values();
    rule.apply(values, gradient);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(low, Math.min(high, values[i]));
    }
    set(values);
  }

  @Override
  double gradientSquares() {
    return EmbeddingHead.squares(gradient);
  }

  @Override
  void clearGradient() {
    Arrays.fill(gradient, 0);
  }
}
