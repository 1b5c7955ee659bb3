// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;
import java.util.Arrays;
import java.util.Objects;

/**
 * The rows of one batch with their classes and distances: what a selection of tuples looks at.
 *
 * <p>A distance is computed when it is asked for first; cost D a pair. For one thread.
 */
public final class BatchDistances {
  private final Distance distance;
  private final int dimension;
  private final int[] labels;
  private final double[] x;
  private final double[] known;
  private final double[] upstream;

  BatchDistances(EmbeddingBatch batch, Distance distance) {
    this.distance = distance;
    dimension = batch.dimension();
    labels = batch.labels();
    x = Embeddings.finite(batch);
    known = new double[labels.length * labels.length];
    Arrays.fill(known, Double.NaN);
    upstream = new double[known.length];
  }

  /**
   * Returns N.
   *
   * @return the number of rows
   */
  public int size() {
    return labels.length;
  }

  /**
   * Returns the class of a row.
   *
   * @param row in [0, N)
   * @return its label
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public int label(int row) {
    return labels[row];
  }

  /**
   * Returns the distance of two rows.
   *
   * @param a in [0, N)
   * @param b in [0, N)
   * @return a finite number, at least 0
   * @throws IndexOutOfBoundsException if there is no such row
   * @throws IllegalArgumentException if the values are so large that the distance is not finite
   */
  public double between(int a, int b) {
    int pair = pair(a, b);
    double value = known[pair];
    if (Double.isNaN(value)) {
      value = distance.of(x, a * dimension, b * dimension, dimension);
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "distance of rows " + a + " and " + b + " must be finite but was " + value);
      }
      known[pair] = value;
    }
    return value;
  }

  private int pair(int a, int b) {
    int n = labels.length;
    Objects.checkIndex(a, n);
    Objects.checkIndex(b, n);
    return distance.symmetric() && a > b ? b * n + a : a * n + b;
  }

  /** Adds d loss / d distance of two rows. */
  void addUpstream(int a, int b, double value) {
    upstream[pair(a, b)] += value;
  }

  /** d loss / d embedding, [N,D], of all that was added, times the factor. */
  double[] gradient(double factor) {
    double[] gradient = new double[x.length];
    int n = labels.length;
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        double value = upstream[a * n + b];
        if (value != 0) {
          distance.addGradient(
              x, a * dimension, b * dimension, dimension, between(a, b), factor * value, gradient);
        }
      }
    }
    return gradient;
  }
}
