// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * A pooling with analytic gradients, for training.
 *
 * <p>Parameters of its own, such as p of GeM, are values of an immutable object: training asks for
 * a new pooling by {@link #withParameters}. Contract test: {@code
 * io.deepretrieval.testkit.DifferentiablePoolingContract}, by central differences.
 */
public interface DifferentiablePooling extends Pooling {
  /**
   * Carries a gradient back through {@link #pool}.
   *
   * @param map the map that was pooled (not modified)
   * @param upstream d loss / d result, {@code [D]} (not modified)
   * @return d loss / d map and d loss / d parameters
   * @throws IllegalArgumentException if upstream has not D values, where the message shows both
   *     numbers, or if the map is one that {@link #pool} refuses, with a message as there
   */
  PoolingGradient backward(FeatureMap map, float[] upstream);

  /**
   * Returns the trainable parameters.
   *
   * @return a new array, empty if there is none
   */
  default float[] parameters() {
    return new float[0];
  }

  /**
   * Returns the same pooling with other parameters.
   *
   * @param parameters as many as {@link #parameters} has
   * @return a pooling
   * @throws IllegalArgumentException if the number is wrong or a value is out of range; the message
   *     shows that number or value
   */
  default DifferentiablePooling withParameters(float[] parameters) {
    if (parameters.length != 0) {
      throw new IllegalArgumentException(
          "pooling parameters must number 0 but were " + parameters.length);
    }
    return this;
  }
}
