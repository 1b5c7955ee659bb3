// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;

/** The contract holds for the smallest loss there is. */
final class PullLossContractTest extends LossContract {
  @Override
  protected Loss loss() {
    return new PullLoss();
  }

  /** Mean of a·b over all pairs of two classes: pulls different classes to opposite sides. */
  private static final class PullLoss implements Loss {
    @Override
    public String recipe() {
      return "pull";
    }

    @Override
    public LossResult evaluate(EmbeddingBatch batch) {
      int d = batch.dimension();
      double[] x = batch.toArray();
      for (int i = 0; i < x.length; i++) {
        if (!(Math.abs(x[i]) < 1e100)) {
          throw new IllegalArgumentException(
              "embedding must be finite and below 1e100 but row " + i / d + " had " + x[i]);
        }
      }
      double sum = 0;
      int pairs = 0;
      double[] gradient = new double[x.length];
      for (int a = 0; a < batch.size(); a++) {
        for (int b = a + 1; b < batch.size(); b++) {
          if (batch.label(a) != batch.label(b)) {
            pairs++;
            for (int i = 0; i < d; i++) {
              sum += x[a * d + i] * x[b * d + i];
              gradient[a * d + i] += x[b * d + i];
              gradient[b * d + i] += x[a * d + i];
            }
          }
        }
      }
      int n = Math.max(pairs, 1);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] /= n;
      }
      return LossResult.copyOf(sum / n, d, gradient, pairs);
    }
  }
}
