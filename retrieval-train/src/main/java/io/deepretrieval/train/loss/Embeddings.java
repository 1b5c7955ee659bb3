// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.LossResult;

/** What every loss does with its input first. */
final class Embeddings {
  private Embeddings() {}

  /** The values, each of which is finite. */
  static double[] finite(EmbeddingBatch batch) {
    double[] x = batch.toArray();
    int d = batch.dimension();
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(x[i])) {
        throw new IllegalArgumentException(
            "embedding must be finite but row " + i / d + ", value " + i % d + " was " + x[i]);
      }
    }
    return x;
  }

  /** The result of a batch that has no tuple. */
  static LossResult zero(EmbeddingBatch batch) {
    return LossResult.copyOf(0, batch.dimension(), new double[batch.size() * batch.dimension()], 0);
  }

  static boolean oneClass(EmbeddingBatch batch) {
    for (int row = 1; row < batch.size(); row++) {
      if (batch.label(row) != batch.label(0)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Σ a_i b_i of the rows that begin at the two offsets, which lie in two arrays or in one. Four
   * sums, because each addition to one sum waits for the last: three times as fast.
   */
  static double dot(double[] a, int aOffset, double[] b, int bOffset, int dimension) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i <= dimension - 4; i += 4) {
      sum0 += a[aOffset + i] * b[bOffset + i];
      sum1 += a[aOffset + i + 1] * b[bOffset + i + 1];
      sum2 += a[aOffset + i + 2] * b[bOffset + i + 2];
      sum3 += a[aOffset + i + 3] * b[bOffset + i + 3];
    }
    for (; i < dimension; i++) {
      sum0 += a[aOffset + i] * b[bOffset + i];
    }
    return (sum0 + sum1) + (sum2 + sum3);
  }

  /** Inner products of all pairs of rows, [N,N]. */
  static double[] finiteDots(double[] x, int rows, int dimension) {
    double[] dots = new double[Math.multiplyExact(rows, rows)];
    for (int a = 0; a < rows; a++) {
      for (int b = a; b < rows; b++) {
        double dot = finiteDot(x, a, b, dimension);
        dots[a * rows + b] = dot;
        dots[b * rows + a] = dot;
      }
    }
    return dots;
  }

  /** The inner product of two rows, which must not overflow. */
  static double finiteDot(double[] x, int a, int b, int dimension) {
    double dot = dot(x, a * dimension, x, b * dimension, dimension);
    if (!Double.isFinite(dot)) {
      throw new IllegalArgumentException(
          "inner product of rows " + a + " and " + b + " must be finite but was " + dot);
    }
    return dot;
  }

  /** Scales each row to length 1, a zero row excepted, and returns the lengths. */
  static double[] normalizeRows(double[] x, int dimension) {
    double[] norms = new double[x.length / dimension];
    for (int row = 0; row < norms.length; row++) {
      int offset = row * dimension;
      double largest = 0;
      for (int i = 0; i < dimension; i++) {
        largest = Math.max(largest, Math.abs(x[offset + i]));
      }
      if (largest > 0) {
        // Divided by the largest first: squares of 1e200 overflow.
        double sum = 0;
        for (int i = 0; i < dimension; i++) {
          x[offset + i] /= largest;
          sum += x[offset + i] * x[offset + i];
        }
        double norm = Math.sqrt(sum);
        for (int i = 0; i < dimension; i++) {
          x[offset + i] /= norm;
        }
        norms[row] = largest * norm;
      }
    }
    return norms;
  }

  /** Adds factor times a row of the source to a row of the target. */
  static void add(
      double factor,
      double[] source,
      int sourceOffset,
      double[] target,
      int targetOffset,
      int dimension) {
    for (int i = 0; i < dimension; i++) {
      target[targetOffset + i] += factor * source[sourceOffset + i];
    }
  }
}
