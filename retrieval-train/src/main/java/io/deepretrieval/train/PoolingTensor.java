// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.Parameter;

/** The parameters of the pooling, which stay between bounds. */
final class PoolingTensor extends GradientTensor {
  private final EmbeddingHead head;
  private final float low;
  private final float high;

  PoolingTensor(EmbeddingHead head, float[] gradient, double rateFactor, float low, float high) {
    super("pooling", "pooling", rateFactor, false, gradient);
    this.head = head;
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
}
