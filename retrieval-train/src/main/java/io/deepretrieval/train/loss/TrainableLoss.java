// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;

/**
 * A loss with trained weights of its own: one vector a class, {@code [L,D]}, which the classifiers
 * compare each embedding with.
 *
 * <p>The weights are values of an immutable object, like the parameters of a differentiable
 * pooling: a step asks for their gradient with {@link #evaluateWithWeights} and then for a new loss
 * with {@link #withWeights}.
 */
public interface TrainableLoss extends Loss {
  /**
   * Returns L.
   *
   * @return the number of classes; labels lie in [0, L)
   */
  int classes();

  /**
   * Returns D.
   *
   * @return the dimension of embeddings and weights
   */
  int dimension();

  /**
   * Returns the weights.
   *
   * @return a new array {@code [L,D]}, row-major
   */
  double[] weights();

  /**
   * Returns the same loss with other weights.
   *
   * @param weights {@code [L,D]}, row-major, finite (copied)
   * @return a loss
   * @throws IllegalArgumentException if the number is wrong or a value is not finite
   */
  TrainableLoss withWeights(double[] weights);

  /**
   * Computes value and both gradients.
   *
   * @param batch {@code [N,D]} embeddings and {@code [N]} labels in [0, L)
   * @return the value, d value / d embedding and d value / d weight
   * @throws IllegalArgumentException if an embedding is not finite, its dimension is not D, or a
   *     label is out of range
   */
  TrainableLossResult evaluateWithWeights(EmbeddingBatch batch);

  @Override
  default LossResult evaluate(EmbeddingBatch batch) {
    return evaluateWithWeights(batch).result();
  }
}
