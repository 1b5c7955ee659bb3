// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Batching;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import java.util.OptionalDouble;

/**
 * The N-pair loss: each of n anchors a_i shall tell its positive p_i from the positives of the
 * other pairs. Rows 2i and 2i+1 of the batch are anchor and positive i, of one class.
 *
 * <p>The value is the mean over the anchors of the cross entropy of softmax(a_i · p_j) over j, plus
 * λ/4 · (mean ‖a_i‖² + mean ‖p_i‖²). Embeddings must <em>not</em> be L2-normalized: the inner
 * products are the logits as they are, and λ keeps their length in bounds.
 *
 * <ul>
 *   <li>{@link #distinct}: the classes of all pairs differ, and the target is j = i.
 *   <li>{@link #labeled}: pairs may share a class; the target is spread evenly over all positives
 *       of the anchor's class.
 * </ul>
 *
 * <p>A batch of one class has nothing to tell apart and gives 0, without the λ term. Active tuples
 * are the pairs. Cost: n²D. Immutable and thread-safe.
 *
 * @see <a
 *     href="https://papers.nips.cc/paper/6200-improved-deep-metric-learning-with-multi-class-n-pair-loss-objective">K.
 *     Sohn, Improved deep metric learning with multi-class N-pair loss objective, NIPS 2016</a>
 */
public final class NPairLoss implements Loss {
  /** Long enough that the softmax over inner products has something to tell apart. */
  private static final double LENGTH = 4;

  private final boolean labeled;
  private final double lambda;

  private NPairLoss(boolean labeled, double lambda) {
    if (!(lambda >= 0) || Double.isInfinite(lambda)) {
      throw new IllegalArgumentException("n-pair lambda must be >= 0 but was " + lambda);
    }
    this.labeled = labeled;
    this.lambda = lambda;
  }

  /**
   * Makes the loss of the paper, over pairs of different classes.
   *
   * @param lambda weight of the squared length of the embeddings, at least 0
   * @return a loss that refuses two pairs of one class
   * @throws IllegalArgumentException if λ is negative or not finite
   */
  public static NPairLoss distinct(double lambda) {
    return new NPairLoss(false, lambda);
  }

  /**
   * Makes the loss over pairs that may share a class.
   *
   * @param lambda weight of the squared length of the embeddings, at least 0; 0.002 is usual
   * @return a loss
   * @throws IllegalArgumentException if λ is negative or not finite
   */
  public static NPairLoss labeled(double lambda) {
    return new NPairLoss(true, lambda);
  }

  @Override
  public String recipe() {
    return "npair " + (labeled ? "labelled" : "distinct") + " lambda=" + lambda;
  }

  @Override
  public LossResult evaluate(EmbeddingBatch batch) {
    double[] x = Embeddings.finite(batch);
    requirePairs(batch);
    if (Embeddings.oneClass(batch)) {
      return Embeddings.zero(batch);
    }
    int d = batch.dimension();
    int n = batch.size() / 2;
    double[] gradient = new double[x.length];
    double[] logits = new double[n];
    double[] targets = new double[n];
    double value = 0;
    for (int i = 0; i < n; i++) {
      int anchor = 2 * i * d;
      int alike = 0;
      for (int j = 0; j < n; j++) {
        logits[j] = Embeddings.finiteDot(x, 2 * i, 2 * j + 1, d);
        targets[j] = batch.label(2 * j) == batch.label(2 * i) ? 1 : 0;
        alike += (int) targets[j];
      }
      for (int j = 0; j < n; j++) {
        targets[j] /= alike;
      }
      value += CrossEntropy.replaceByGradient(logits, targets) / n;
      for (int j = 0; j < n; j++) {
        int positive = (2 * j + 1) * d;
        Embeddings.add(logits[j] / n, x, positive, gradient, anchor, d);
        Embeddings.add(logits[j] / n, x, anchor, gradient, positive, d);
      }
    }
    double weight = lambda / (4 * n);
    for (int i = 0; weight > 0 && i < x.length; i++) {
      value += weight * x[i] * x[i];
      gradient[i] += 2 * weight * x[i];
    }
    return LossResult.copyOf(value, d, gradient, n);
  }

  @Override
  public boolean wantsUnitLength() {
    return false;
  }

  @Override
  public Batching batching() {
    return Batching.perClass(2);
  }

  @Override
  public OptionalDouble initialLength() {
    return OptionalDouble.of(LENGTH);
  }

  private void requirePairs(EmbeddingBatch batch) {
    if (batch.size() % 2 != 0) {
      throw new IllegalArgumentException(
          "n-pair batch must have an even number of rows but had " + batch.size());
    }
    for (int row = 0; row < batch.size(); row += 2) {
      if (batch.label(row) != batch.label(row + 1)) {
        throw new IllegalArgumentException(
            "rows "
                + row
                + " and "
                + (row + 1)
                + " must be an anchor and a positive of one class but had classes "
                + batch.label(row)
                + " and "
                + batch.label(row + 1));
      }
      for (int earlier = 0; !labeled && earlier < row; earlier += 2) {
        if (batch.label(earlier) == batch.label(row)) {
          throw new IllegalArgumentException(
              "pairs must have different classes but rows "
                  + earlier
                  + " and "
                  + row
                  + " both had class "
                  + batch.label(row));
        }
      }
    }
  }

  @Override
  public String toString() {
    return recipe();
  }
}
