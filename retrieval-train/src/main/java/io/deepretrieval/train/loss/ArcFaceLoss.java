// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;

/**
 * Classification by angle: with θ_c the angle between an embedding and the weights of class c, the
 * mean over the rows of the cross entropy of softmax(logits), where the logit is s·cos(θ_c + m) for
 * the row's own class and s·cos θ_c for the others.
 *
 * <p>Lengths do not matter. A zero vector has no angle: its cosines count as 0 and its gradient is
 * 0. Where embedding and weights of its class lie on one line, within 1e-9 of it, the gradient is
 * taken at 1e-9. Active tuples are the rows. Cost: NLD. Immutable and thread-safe.
 *
 * @see <a href="https://arxiv.org/abs/1801.07698">J. Deng et al., ArcFace: additive angular margin
 *     loss for deep face recognition, CVPR 2019</a>
 */
public final class ArcFaceLoss implements TrainableLoss {
  private static final double SMALLEST_SINE = 1e-9;

  private final ClassWeights weights;
  private final double scale;
  private final double margin;

  private ArcFaceLoss(ClassWeights weights, double scale, double margin) {
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("arcface scale must be > 0 but was " + scale);
    }
    if (!(margin >= 0 && margin < Math.PI / 2)) {
      throw new IllegalArgumentException("arcface margin must be in [0, pi/2) but was " + margin);
    }
    this.weights = weights;
    this.scale = scale;
    this.margin = margin;
  }

  /**
   * Makes a loss of drawn weights.
   *
   * @param classes L, at least 2
   * @param dimension D, at least 1
   * @param seed of the weights
   * @param scale s, greater than 0; 30 for landmarks
   * @param margin m in radians, in [0, π/2); 0.15 for landmarks
   * @return the same loss at each call
   * @throws IllegalArgumentException if a size is too small or a number out of range
   */
  public static ArcFaceLoss random(
      int classes, int dimension, long seed, double scale, double margin) {
    return new ArcFaceLoss(ClassWeights.random(classes, dimension, seed), scale, margin);
  }

  @Override
  public String recipe() {
    return "arcface classes=" + weights.classes() + " scale=" + scale + " margin=" + margin;
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
  public ArcFaceLoss withWeights(double[] values) {
    return new ArcFaceLoss(ClassWeights.copyOf(classes(), dimension(), values), scale, margin);
  }

  @Override
  public TrainableLossResult evaluateWithWeights(EmbeddingBatch batch) {
    weights.requireFit(batch);
    double[] x = Embeddings.finite(batch);
    double[] w = weights.toArray();
    int n = batch.size();
    int d = dimension();
    int l = classes();
    double[] xNorms = Embeddings.normalizeRows(x, d);
    double[] wNorms = Embeddings.normalizeRows(w, d);
    double[] gradient = new double[x.length];
    double[] weightGradient = new double[w.length];
    double[][] cosines = new double[n][l];
    // Classes are the outer loop wherever weights are read: there are more of them than rows.
    for (int c = 0; c < l; c++) {
      for (int row = 0; row < n; row++) {
        cosines[row][c] = Math.min(1, Math.max(-1, Embeddings.dot(x, row * d, w, c * d, d)));
      }
    }
    double[][] slopes = new double[n][l];
    double[] targets = new double[l];
    double value = 0;
    for (int row = 0; row < n; row++) {
      int own = batch.label(row);
      double cosine = cosines[row][own];
      double sine = Math.sqrt(1 - cosine * cosine);
      double[] logits = slopes[row];
      for (int c = 0; c < l; c++) {
        logits[c] = scale * cosines[row][c];
      }
      logits[own] = scale * (cosine * Math.cos(margin) - sine * Math.sin(margin));
      targets[own] = 1;
      value += CrossEntropy.replaceByGradient(logits, targets) / n;
      targets[own] = 0;
      for (int c = 0; c < l; c++) {
        slopes[row][c] *= scale / n;
      }
      slopes[row][own] *=
          Math.cos(margin) + cosine * Math.sin(margin) / Math.max(sine, SMALLEST_SINE);
    }
    for (int c = 0; c < l; c++) {
      for (int row = 0; row < n; row++) {
        double slope = slopes[row][c];
        double cosine = cosines[row][c];
        addCosineGradient(slope, cosine, x, row * d, xNorms[row], w, c * d, gradient, d);
        addCosineGradient(slope, cosine, w, c * d, wNorms[c], x, row * d, weightGradient, d);
      }
    }
    return weights.result(value, gradient, weightGradient, n);
  }

  /** Adds slope · d cos / d a = slope · (b - cos·a) / ‖a‖ for the unit vectors a and b. */
  private static void addCosineGradient(
      double slope,
      double cosine,
      double[] a,
      int aOffset,
      double norm,
      double[] b,
      int bOffset,
      double[] gradient,
      int dimension) {
    if (norm == 0) {
      return;
    }
    double factor = slope / norm;
    for (int i = 0; i < dimension; i++) {
      gradient[aOffset + i] += factor * (b[bOffset + i] - cosine * a[aOffset + i]);
    }
  }

  @Override
  public String toString() {
    return recipe();
  }
}
