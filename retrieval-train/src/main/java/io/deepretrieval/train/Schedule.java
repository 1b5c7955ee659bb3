// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

/**
 * How the learning rate changes: a factor of the base rate for each moment of the training.
 *
 * <p>Immutable and thread-safe.
 */
public final class Schedule {
  private enum Kind {
    CONSTANT,
    EXPONENTIAL,
    COSINE,
    LINEAR
  }

  private final Kind kind;
  private final double rate;
  private final double warmUp;

  private Schedule(Kind kind, double rate, double warmUp) {
    this.kind = kind;
    this.rate = rate;
    this.warmUp = warmUp;
  }

  /**
   * Keeps the rate.
   *
   * @return a schedule
   */
  public static Schedule constant() {
    return new Schedule(Kind.CONSTANT, 0, 0);
  }

  /**
   * Multiplies by e^-rate each epoch, at its start, as cnnimageretrieval-pytorch does with 0.01.
   *
   * @param rate at least 0
   * @return a schedule
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public static Schedule exponential(double rate) {
    if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("rate of the schedule must be at least 0 but was " + rate);
    }
    return new Schedule(Kind.EXPONENTIAL, rate, 0);
  }

  /**
   * Falls from 1 to 0 over the whole training along half a cosine.
   *
   * @return a schedule
   */
  public static Schedule cosine() {
    return new Schedule(Kind.COSINE, 0, 0);
  }

  /**
   * Falls from 1 to 0 over the whole training along a line.
   *
   * @return a schedule
   */
  public static Schedule linear() {
    return new Schedule(Kind.LINEAR, 0, 0);
  }

  /**
   * Rises along a line from nearly 0 to the schedule in the beginning.
   *
   * @param epochs how long, at least 0; may be a fraction
   * @return a schedule
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public Schedule withWarmUp(double epochs) {
    if (!(epochs >= 0 && epochs < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("warm-up must be at least 0 epochs but was " + epochs);
    }
    return new Schedule(kind, rate, epochs);
  }

  /**
   * Returns the factor of a step.
   *
   * @param epoch the epoch, from 0
   * @param step the step within it, from 0
   * @param steps steps of this epoch, at least 1
   * @param epochs epochs of the training, at least 1
   * @return in (0, 1]
   */
  public double factor(int epoch, int step, int steps, int epochs) {
    double at = epoch + (double) step / steps;
    double left = 1 - at / epochs;
    double factor =
        switch (kind) {
          case CONSTANT -> 1;
          case EXPONENTIAL -> Math.exp(-rate * epoch);
          case COSINE -> 0.5 * (1 - Math.cos(Math.PI * left));
          case LINEAR -> left;
        };
    double next = epoch + (step + 1.0) / steps;
    return next < warmUp ? factor * next / warmUp : factor;
  }

  /**
   * Returns name and parameters in one line.
   *
   * @return for instance {@code cosine warm-up=1.0}
   */
  public String recipe() {
    String name = kind.name().toLowerCase(java.util.Locale.ROOT);
    return (kind == Kind.EXPONENTIAL ? name + " rate=" + rate : name)
        + (warmUp > 0 ? " warm-up=" + warmUp : "");
  }

  @Override
  public String toString() {
    return recipe();
  }
}
