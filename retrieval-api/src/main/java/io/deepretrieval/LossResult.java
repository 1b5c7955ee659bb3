// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Objects;

/**
 * The value of a loss on a batch and its gradient with respect to the embeddings, {@code [N,D]}.
 *
 * <p>Value and gradient are finite. Immutable and thread-safe.
 */
public final class LossResult {
  private final double value;
  private final int dimension;
  private final double[] gradient;
  private final int activeTuples;

  private LossResult(double value, int dimension, double[] gradient, int activeTuples) {
    this.value = value;
    this.dimension = dimension;
    this.gradient = gradient;
    this.activeTuples = activeTuples;
  }

  /**
   * Makes a result.
   *
   * @param value the loss, finite
   * @param dimension D, at least 1
   * @param gradient d value / d embedding, {@code [N,D]} row-major, finite (copied)
   * @param activeTuples how many pairs, triplets or rows had a part in the value, at least 0
   * @return the result
   * @throws IllegalArgumentException if a number is not finite or a size is wrong
   */
  public static LossResult copyOf(
      double value, int dimension, double[] gradient, int activeTuples) {
    if (dimension < 1 || gradient.length == 0 || gradient.length % dimension != 0) {
      throw new IllegalArgumentException(
          "loss gradient must be [N,D] but had " + gradient.length + " values for D=" + dimension);
    }
    if (activeTuples < 0) {
      throw new IllegalArgumentException(
          "active tuples must be at least 0 but were " + activeTuples);
    }
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("loss must be finite but was " + value);
    }
    double[] copy = gradient.clone();
    for (int i = 0; i < copy.length; i++) {
      if (!Double.isFinite(copy[i])) {
        throw new IllegalArgumentException(
            "loss gradient must be finite but row "
                + i / dimension
                + ", value "
                + i % dimension
                + " was "
                + copy[i]);
      }
    }
    return new LossResult(value, dimension, copy, activeTuples);
  }

  /**
   * Returns the loss.
   *
   * @return a finite number
   */
  public double value() {
    return value;
  }

  /**
   * Returns the number of pairs, triplets or rows that had a part in the value.
   *
   * @return 0 if the batch had no valid tuple
   */
  public int activeTuples() {
    return activeTuples;
  }

  /**
   * Reads one value of the gradient.
   *
   * @param row in [0, N)
   * @param i in [0, D)
   * @return d value / d embedding
   * @throws IndexOutOfBoundsException if there is no such value
   */
  public double gradientAt(int row, int i) {
    Objects.checkIndex(row, gradient.length / dimension);
    Objects.checkIndex(i, dimension);
    return gradient[row * dimension + i];
  }

  /**
   * Returns the gradient.
   *
   * @return a new array {@code [N,D]}
   */
  public double[] gradient() {
    return gradient.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LossResult that
        && Double.compare(value, that.value) == 0
        && dimension == that.dimension
        && activeTuples == that.activeTuples
        && Arrays.equals(gradient, that.gradient);
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(value) + Arrays.hashCode(gradient);
  }

  @Override
  public String toString() {
    return "LossResult[value="
        + value
        + ", activeTuples="
        + activeTuples
        + ", gradient=["
        + gradient.length / dimension
        + ","
        + dimension
        + "]]";
  }
}
