// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;

/**
 * Classification by softmax: the mean over the rows of the cross entropy of softmax(x · w_c) over
 * the classes c, with trained weights w {@code [L,D]} and no bias. Embeddings are taken as they
 * are: with length 1 the logits could not grow beyond the length of the weights.
 *
 * <p>Active tuples are the rows. Cost: NLD. Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/1404.1777">A. Babenko et al., Neural codes for image
 *     retrieval, ECCV 2014</a>
 */
public final class SoftmaxLoss implements TrainableLoss {
  private final ClassWeights weights;

  private SoftmaxLoss(ClassWeights weights) {
    this.weights = weights;
  }

  /**
   * Makes a loss of drawn weights.
   *
   * @param classes L, at least 2
   * @param dimension D, at least 1
   * @param seed of the weights
   * @return the same loss at each call
   * @throws IllegalArgumentException if a size is too small
   */
  public static SoftmaxLoss random(int classes, int dimension, long seed) {
    return new SoftmaxLoss(ClassWeights.random(classes, dimension, seed));
  }

  @Override
  public String recipe() {
    return "softmax classes=" + weights.classes();
  }

  @Override
  public int classes() {
    return weights.classes();
  }

  @Override
  public int dimension() {
    return weights.dimension();
  }

  @Override
  public double[] weights() {
    return weights.toArray();
  }

  @Override
  public SoftmaxLoss withWeights(double[] values) {
    return new SoftmaxLoss(ClassWeights.copyOf(classes(), dimension(), values));
  }

  @Override
  public boolean wantsUnitLength() {
    return false;
  }

  @Override
  public TrainableLossResult evaluateWithWeights(EmbeddingBatch batch) {
    weights.requireFit(batch);
    double[] x = Embeddings.finite(batch);
    double[] w = weights.shared();
    int n = batch.size();
    int d = dimension();
    int l = classes();
    double[] gradient = new double[x.length];
    double[] weightGradient = new double[w.length];
    double[][] logits = new double[n][l];
    double[] targets = new double[l];
    double value = 0;
    // Classes are the outer loop wherever weights are read: there are more of them than rows.
    for (int c = 0; c < l; c++) {
      for (int row = 0; row < n; row++) {
        logits[row][c] = Embeddings.dot(x, row * d, w, c * d, d);
        if (!Double.isFinite(logits[row][c])) {
          throw new IllegalArgumentException(
              "logit must be finite but row " + row + ", class " + c + " was " + logits[row][c]);
        }
      }
    }
    for (int row = 0; row < n; row++) {
      targets[batch.label(row)] = 1;
      value += CrossEntropy.replaceByGradient(logits[row], targets) / n;
      targets[batch.label(row)] = 0;
    }
    for (int c = 0; c < l; c++) {
      for (int row = 0; row < n; row++) {
        double slope = logits[row][c] / n;
        Embeddings.add(slope, w, c * d, gradient, row * d, d);
        Embeddings.add(slope, x, row * d, weightGradient, c * d, d);
      }
    }
    return weights.result(value, gradient, weightGradient, n);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
