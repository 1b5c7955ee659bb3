// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Optional;

/**
 * A learned map from descriptor to descriptor, such as whitening. It is learned by a separate
 * trainer and knows what it was fitted on.
 *
 * <p>Implementations are immutable and thread-safe; they do not L2-normalize their result, {@link
 * DescriptorExtractor} does. Contract test: {@code io.deepretrieval.testkit.TransformContract}.
 */
public interface Transform {
  /**
   * Returns the kind, its parameters, the set it was fitted on and a hash of its numbers in one
   * line.
   *
   * @return the part of a recipe; without {@code ;}
   */
  String recipe();

  /**
   * Returns the dimension that it takes.
   *
   * @return at least 1
   */
  int inputDimension();

  /**
   * Returns the dimension that it gives.
   *
   * @return at least 1
   */
  int outputDimension();

  /**
   * Maps a descriptor.
   *
   * @param descriptor of {@link #inputDimension}
   * @return a descriptor of {@link #outputDimension} and the recipe of the argument
   * @throws IllegalArgumentException if the dimension is another; the message shows both
   */
  Descriptor apply(Descriptor descriptor);

  /**
   * Returns the transform as numbers, if it is linear with a constant.
   *
   * @return y = W(x - m) + b, equal to {@link #apply} up to rounding; empty, as by default, if it
   *     is something else or does not say
   */
  default Optional<LinearMap> linear() {
    return Optional.empty();
  }
}
