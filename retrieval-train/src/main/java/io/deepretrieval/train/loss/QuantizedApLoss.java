// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;

/**
 * One less the mean average precision of the batch, made differentiable by laying scores on bins.
 *
 * <p>Each row in turn is the query; all other rows are ranked by their inner product with it, those
 * of its class being the positives. Scores are laid on B bins, evenly spaced over [0, 1] and shared
 * between the two nearest; a score outside [0, 1] counts in the outermost bin and has no gradient,
 * so embeddings should be L2-normalized. Rows without a positive or without a negative are left
 * out; if no row is left, the loss is 0. Active tuples are the queries.
 *
 * <p>Made for large batches, where it optimizes the whole ranking at once. Cost: N²(D + B) time, N²
 * memory. Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/1906.07589">J. Revaud et al., Learning with average
 *     precision: training image retrieval with a listwise loss, ICCV 2019</a>
 */
public final class QuantizedApLoss implements Loss {
  private final int bins;

  private QuantizedApLoss(int bins) {
    this.bins = bins;
  }

  /**
   * Makes the loss.
   *
   * @param bins B, at least 2; 25 in the reference implementation, 20 in the paper
   * @return a loss
   * @throws IllegalArgumentException if there are less than 2
   */
  public static QuantizedApLoss of(int bins) {
    if (bins < 2) {
      throw new IllegalArgumentException("quantized-ap bins must be at least 2 but were " + bins);
    }
    return new QuantizedApLoss(bins);
  }

  @Override
  public String recipe() {
    return "quantized-ap bins=" + bins;
  }

  @Override
  public LossResult evaluate(EmbeddingBatch batch) {
    double[] x = Embeddings.finite(batch);
    int n = batch.size();
    int d = batch.dimension();
    QuantizedAp ap = new QuantizedAp(bins);
    if (Embeddings.oneClass(batch)) {
      return Embeddings.zero(batch);
    }
    double[] dots = Embeddings.finiteDots(x, n, d);
    double[] scores = new double[n - 1];
    boolean[] relevant = new boolean[n - 1];
    double[] slopes = new double[n - 1];
    double[] gradient = new double[x.length];
    double lost = 0;
    int queries = 0;
    for (int query = 0; query < n; query++) {
      int positives = 0;
      for (int i = 0; i < n - 1; i++) {
        int row = i < query ? i : i + 1;
        relevant[i] = batch.label(row) == batch.label(query);
        positives += relevant[i] ? 1 : 0;
      }
      if (positives == 0 || positives == n - 1) {
        continue;
      }
      for (int i = 0; i < n - 1; i++) {
        int row = i < query ? i : i + 1;
        scores[i] = dots[query * n + row];
      }
      queries++;
      lost += 1 - ap.evaluate(scores, relevant, slopes);
      for (int i = 0; i < n - 1; i++) {
        if (slopes[i] != 0) {
          int row = i < query ? i : i + 1;
          Embeddings.add(-slopes[i], x, row * d, gradient, query * d, d);
          Embeddings.add(-slopes[i], x, query * d, gradient, row * d, d);
        }
      }
    }
    if (queries == 0) {
      return Embeddings.zero(batch);
    }
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] /= queries;
    }
    return LossResult.copyOf(lost / queries, d, gradient, queries);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
