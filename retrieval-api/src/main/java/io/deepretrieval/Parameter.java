// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;

/** One trained tensor of a network: its values and the gradient that was added up for it. */
public interface Parameter {
  /**
   * Returns the name, unique in its network.
   *
   * @return for instance {@code layer4.2.conv3.weight}
   */
  String name();

  /**
   * Returns the sizes, outermost first.
   *
   * @return for instance [512, 64, 3, 3]
   */
  List<Integer> shape();

  /**
   * Returns the values.
   *
   * @return a new array, row-major
   */
  float[] values();

  /**
   * Sets all values.
   *
   * @param values row-major (copied)
   * @throws IllegalArgumentException if the number of values differs from the shape
   */
  void set(float[] values);

  /**
   * Returns the gradient that was added up since the last {@link #clearGradient}.
   *
   * @return a new array, row-major
   */
  float[] gradient();

  /** Sets the gradient to zero. */
  void clearGradient();

  /**
   * Lets a rule change the values, or only look at them. An implementation may hand out its own
   * arrays, which costs nothing, where {@link #values} and {@link #set} copy.
   *
   * @param rule sees the values, which it may change, and the gradient; keeps neither
   */
  default void update(Rule rule) {
    float[] values = values();
    rule.apply(values, gradient());
    set(values);
  }

  /** What an optimizer does to one parameter. */
  @FunctionalInterface
  interface Rule {
    /**
     * Changes values in place.
     *
     * @param values row-major (may be modified)
     * @param gradient of the same length (not modified)
     */
    void apply(float[] values, float[] gradient);
  }
}
