// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.Parameter;

/** Values in an array of this module, beside an array with their gradient. */
final class ArrayTensor extends GradientTensor {
  private final float[] values;

  /** Keeps both arrays: the owner reads the one and adds to the other. */
  ArrayTensor(String name, float[] values, float[] gradient, double rateFactor) {
    super(name, name, rateFactor, true, gradient);
    this.values = values;
  }

  @Override
  float[] values() {
    return values.clone();
  }

  @Override
  void set(float[] from) {
    System.arraycopy(from, 0, values, 0, values.length);
  }

  @Override
  void update(Parameter.Rule rule) {
    rule.apply(values, gradient);
  }
}
