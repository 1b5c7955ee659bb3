// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Objects;

/**
 * N embeddings of a training step with the class of each: {@code [N,D]} values and {@code [N]}
 * labels. Values are double so that a loss can be checked by central differences; a batch is small.
 *
 * <p>Values may be anything, infinities and NaN included: a loss must survive what training throws
 * at it. Immutable and thread-safe.
 */
public final class EmbeddingBatch {
  private final int dimension;
  private final double[] values;
  private final int[] labels;

  private EmbeddingBatch(int dimension, double[] values, int[] labels) {
    this.dimension = dimension;
    this.values = values;
    this.labels = labels;
  }

  /**
   * Makes a batch.
   *
   * @param dimension D, at least 1
   * @param values {@code [N,D]} row-major (copied)
   * @param labels {@code [N]} class of each row, N at least 1 (copied)
   * @return the batch
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code N*D}
   */
  public static EmbeddingBatch copyOf(int dimension, double[] values, int[] labels) {
    check(dimension, values.length, labels.length);
    return new EmbeddingBatch(dimension, values.clone(), labels.clone());
  }

  /**
   * Makes a batch of float32 rows.
   *
   * @param dimension D, at least 1
   * @param values {@code [N,D]} row-major (copied)
   * @param labels {@code [N]} class of each row, N at least 1 (copied)
   * @return the batch
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code N*D}
   */
  public static EmbeddingBatch copyOf(int dimension, float[] values, int[] labels) {
    check(dimension, values.length, labels.length);
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return new EmbeddingBatch(dimension, wide, labels.clone());
  }

  private static void check(int dimension, int length, int rows) {
    if (dimension < 1 || rows < 1) {
      throw new IllegalArgumentException(
          "embedding batch [N,D] must be at least [1,1] but was [" + rows + "," + dimension + "]");
    }
    if (length != (long) rows * dimension) {
      throw new IllegalArgumentException(
          "embedding batch ["
              + rows
              + ","
              + dimension
              + "] must have "
              + (long) rows * dimension
              + " values but had "
              + length);
    }
  }

  /**
   * Returns N.
   *
   * @return at least 1
   */
  public int size() {
    return labels.length;
  }

  /**
   * Returns D.
   *
   * @return at least 1
   */
  public int dimension() {
    return dimension;
  }

  /**
   * Reads one value.
   *
   * @param row in [0, N)
   * @param i in [0, D)
   * @return the value
   * @throws IndexOutOfBoundsException if there is no such value
   */
  public double at(int row, int i) {
    Objects.checkIndex(row, labels.length);
    Objects.checkIndex(i, dimension);
    return values[row * dimension + i];
  }

  /**
   * Returns the class of a row.
   *
   * @param row in [0, N)
   * @return its label
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public int label(int row) {
    Objects.checkIndex(row, labels.length);
    return labels[row];
  }

  /**
   * Returns the values.
   *
   * @return a new array {@code [N,D]}
   */
  public double[] toArray() {
    return values.clone();
  }

  /**
   * Returns the labels.
   *
   * @return a new array {@code [N]}
   */
  public int[] labels() {
    return labels.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EmbeddingBatch that
        && dimension == that.dimension
        && Arrays.equals(values, that.values)
        && Arrays.equals(labels, that.labels);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(values) + Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return "EmbeddingBatch[" + labels.length + "," + dimension + "]";
  }
}
