// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

/** Softmax and cross entropy of one row of logits, without overflow. */
final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Turns logits into d loss / d logit and returns the loss.
   *
   * @param logits finite (modified) receives softmax - target
   * @param targets probabilities that sum to 1
   * @return log Σ exp(logit) - Σ target · logit
   */
  static double replaceByGradient(double[] logits, double[] targets) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    double expected = 0;
    for (int i = 0; i < logits.length; i++) {
      double lower = logits[i] - largest;
      // 0 · -∞ has no value, and a logit without weight none to give.
      expected += targets[i] == 0 ? 0 : targets[i] * lower;
      logits[i] = Math.exp(lower);
      sum += logits[i];
    }
    for (int i = 0; i < logits.length; i++) {
      logits[i] = logits[i] / sum - targets[i];
    }
    return Math.log(sum) - expected;
  }
}
