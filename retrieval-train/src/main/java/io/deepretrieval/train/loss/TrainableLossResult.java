// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.LossResult;
import java.util.Objects;

/** What a {@link TrainableLoss} gives: its result and the gradient of its weights. Immutable. */
public final class TrainableLossResult {
  private final LossResult result;
  private final double[] weightGradient;

  TrainableLossResult(LossResult result, double[] weightGradient) {
    this.result = Objects.requireNonNull(result, "result");
    this.weightGradient = weightGradient;
  }

  /**
   * Returns value and gradient with respect to the embeddings.
   *
   * @return the result
   */
  public LossResult result() {
    return result;
  }

  /**
   * Returns the gradient with respect to the weights.
   *
   * @return a new array {@code [L,D]}, row-major, finite
   */
  public double[] weightGradient() {
    return weightGradient.clone();
  }
}
