// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

/**
 * A differentiable distance of two rows. Immutable and thread-safe.
 *
 * <p>Where the Euclidean distance has no gradient, at two equal rows, its gradient is taken as 0.
 */
public final class Distance {
  /** Σ (a_i - b_i)². */
  public static final Distance SQUARED_EUCLIDEAN = new Distance(true, 0);

  /** √(Σ (a_i - b_i)²). */
  public static final Distance EUCLIDEAN = new Distance(false, 0);

  private final boolean squared;
  private final double epsilon;

  private Distance(boolean squared, double epsilon) {
    this.squared = squared;
    this.epsilon = epsilon;
  }

  /**
   * Makes √(Σ (a_i - b_i + ε)²), the form of the reference implementation of contrastive training,
   * for bit-near comparison with it. With ε ≠ 0 the distance depends on the order of the rows.
   *
   * @param epsilon at least 0; 1e-6 there
   * @return the distance
   * @throws IllegalArgumentException if ε is negative or not finite
   */
  public static Distance euclidean(double epsilon) {
    if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("distance epsilon must be >= 0 but was " + epsilon);
    }
    return epsilon == 0 ? EUCLIDEAN : new Distance(false, epsilon);
  }

  /** Whether the order of the rows does not matter. */
  boolean symmetric() {
    return epsilon == 0;
  }

  /** The name and the parameters, as they stand in recipes. */
  String recipe() {
    return squared
        ? "squared-euclidean"
        : epsilon == 0 ? "euclidean" : "euclidean epsilon=" + epsilon;
  }

  /** The distance of the rows that begin at a and b. */
  double of(double[] x, int a, int b, int dimension) {
    // Two sums, as each addition to one waits for the last.
    double even = 0;
    double odd = 0;
    int i = 0;
    for (; i < dimension - 1; i += 2) {
      double first = x[a + i] - x[b + i] + epsilon;
      double second = x[a + i + 1] - x[b + i + 1] + epsilon;
      even += first * first;
      odd += second * second;
    }
    if (i < dimension) {
      double last = x[a + i] - x[b + i] + epsilon;
      even += last * last;
    }
    return squared ? even + odd : Math.sqrt(even + odd);
  }

  /** Adds upstream times the gradient of the distance to both rows. */
  void addGradient(
      double[] x, int a, int b, int dimension, double value, double upstream, double[] gradient) {
    double factor = squared ? 2 * upstream : value == 0 ? 0 : upstream / value;
    for (int i = 0; i < dimension; i++) {
      double g = factor * (x[a + i] - x[b + i] + epsilon);
      gradient[a + i] += g;
      gradient[b + i] -= g;
    }
  }

  @Override
  public String toString() {
    return recipe();
  }
}
