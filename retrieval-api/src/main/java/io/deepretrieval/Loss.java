// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.OptionalDouble;

/**
 * A training loss over a batch of labeled embeddings.
 *
 * <p>Implementations are stateless and thread-safe. A batch without a valid tuple gives 0 and a
 * zero gradient. The result is never NaN; an input that makes it impossible is refused. What a loss
 * says of its input, it says at each call. Contract test: {@code
 * io.deepretrieval.testkit.LossContract}.
 */
public interface Loss {
  /**
   * Returns the name and the parameters in one line.
   *
   * @return for instance {@code triplet margin=0.1 sum}
   */
  String recipe();

  /**
   * Computes value and gradient.
   *
   * @param batch {@code [N,D]} embeddings and {@code [N]} labels
   * @return the value and d value / d embedding {@code [N,D]}
   * @throws IllegalArgumentException if an embedding is not finite, where the message says that it
   *     must be {@code finite}, names the row, from 0, as {@code row 7} and shows the value, or if
   *     the rows do not have the order that this loss needs
   */
  LossResult evaluate(EmbeddingBatch batch);

  /**
   * Says whether embeddings should have length 1 in the L2 norm. The loss does not normalize them
   * itself: the training code does, and carries the gradient back.
   *
   * @return true unless overridden
   */
  default boolean wantsUnitLength() {
    return true;
  }

  /**
   * Says how batches should be made.
   *
   * @return several images of each class, as many as the caller likes, unless overridden
   */
  default Batching batching() {
    return Batching.perClass();
  }

  /**
   * Says how long embeddings should be on average when training begins, where their length is free.
   *
   * @return a positive number; empty, as by default, if it does not matter
   */
  default OptionalDouble initialLength() {
    return OptionalDouble.empty();
  }
}
