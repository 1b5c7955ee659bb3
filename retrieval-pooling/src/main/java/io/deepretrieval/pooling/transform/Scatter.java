// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.transform;

import java.nio.DoubleBuffer;

/**
 * Sums of vectors and of their outer products, gathered vector by vector in constant memory: 8·D·(D
 * + 1024) bytes.
 *
 * <p>Vectors are taken relative to the mean of the first chunk, so that a large common mean costs
 * no digits. For one thread.
 */
final class Scatter {
  private static final int CHUNK = 1024;

  private final int dimension;
  private final DoubleBuffer chunk;
  private final DoubleBuffer products;
  private final double[] row;
  private final double[] origin;
  private final double[] sum;
  private int pending;
  private long count;

  Scatter(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension must be at least 1 but was " + dimension);
    }
    this.dimension = dimension;
    this.chunk = Matrices.allocate(CHUNK, dimension);
    this.products = Matrices.allocate(dimension, dimension);
    this.row = new double[dimension];
    this.origin = new double[dimension];
    this.sum = new double[dimension];
  }

  long count() {
    return count;
  }

  void add(float[] vector) {
    check(vector);
    for (int i = 0; i < dimension; i++) {
      row[i] = vector[i];
    }
    append();
  }

  void addDifference(float[] a, float[] b) {
    check(a);
    check(b);
    for (int i = 0; i < dimension; i++) {
      row[i] = (double) a[i] - b[i];
    }
    append();
  }

  private void check(float[] vector) {
    if (vector.length != dimension) {
      throw new IllegalArgumentException(
          "vector dimension must be " + dimension + " but was " + vector.length);
    }
    for (int i = 0; i < dimension; i++) {
      if (!Float.isFinite(vector[i])) {
        throw new IllegalArgumentException(
            "vector must be finite but value " + i + " was " + vector[i]);
      }
    }
  }

  private void append() {
    chunk.put(pending * dimension, row);
    pending++;
    count++;
    if (pending == CHUNK) {
      flush();
    }
  }

  private void flush() {
    if (pending == 0) {
      return;
    }
    boolean first = count == pending;
    for (int n = 0; first && n < pending; n++) {
      chunk.get(n * dimension, row);
      for (int i = 0; i < dimension; i++) {
        origin[i] += row[i] / pending;
      }
    }
    for (int n = 0; n < pending; n++) {
      chunk.get(n * dimension, row);
      for (int i = 0; i < dimension; i++) {
        row[i] -= origin[i];
        sum[i] += row[i];
      }
      chunk.put(n * dimension, row);
    }
    Matrices.addGram(chunk, pending, dimension, products);
    pending = 0;
  }

  double[] mean() {
    flush();
    double[] mean = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      mean[i] = origin[i] + sum[i] / count;
    }
    return mean;
  }

  /** Returns factor · Σ (x - center)(x - center)ᵀ in full, in new memory. */
  DoubleBuffer about(double[] center, double factor) {
    flush();
    DoubleBuffer out = Matrices.allocate(dimension, dimension);
    double[] move = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      move[i] = center[i] - origin[i];
    }
    for (int i = 0; i < dimension; i++) {
      for (int j = i; j < dimension; j++) {
        double value =
            products.get(i * dimension + j)
                - move[i] * sum[j]
                - sum[i] * move[j]
                + count * move[i] * move[j];
        out.put(i * dimension + j, factor * value);
        out.put(j * dimension + i, factor * value);
      }
    }
    return out;
  }
}
