// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;

/**
 * How the batches of a loss are made.
 *
 * @param order what stands beside what
 * @param rows images of a class or of a tuple that stand together; 0 if the caller may choose
 */
public record Batching(Order order, int rows) {
  /** What stands beside what in a batch. */
  public enum Order {
    /** Several images of each of some classes, one class after the other. */
    PER_CLASS,
    /** Tuples one after the other: a query, its positive, and its negatives. */
    TUPLES,
    /** Images of any classes in any order. */
    SHUFFLED
  }

  /**
   * Checks the numbers.
   *
   * @param order what stands beside what
   * @param rows images of a class or of a tuple that stand together; 0 if the caller may choose
   * @throws IllegalArgumentException if the number does not fit the order
   */
  public Batching {
    Objects.requireNonNull(order, "order");
    boolean fits =
        switch (order) {
          case PER_CLASS -> rows >= 0;
          case TUPLES -> rows >= 2;
          case SHUFFLED -> rows == 0;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "rows that stand together must be at least 0 of a class, at least 2 of a tuple, and 0"
              + " in shuffled batches but were "
              + rows
              + " in "
              + order);
    }
  }

  /**
   * Makes batches of several images of each class.
   *
   * @return as many of each as the caller likes
   */
  public static Batching perClass() {
    return new Batching(Order.PER_CLASS, 0);
  }

  /**
   * Makes batches of a certain number of images of each class.
   *
   * @param rows images of each class, at least 1; 2 for pairs
   * @return the batching
   * @throws IllegalArgumentException if the number is less than 1
   */
  public static Batching perClass(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows of a class must be at least 1 but were " + rows);
    }
    return new Batching(Order.PER_CLASS, rows);
  }

  /**
   * Makes batches of tuples.
   *
   * @param rows images of a tuple, at least 2; 7 for a query, a positive and five negatives
   * @return the batching
   * @throws IllegalArgumentException if the number is less than 2
   */
  public static Batching tuples(int rows) {
    return new Batching(Order.TUPLES, rows);
  }

  /**
   * Makes batches of any images.
   *
   * @return the batching
   */
  public static Batching shuffled() {
    return new Batching(Order.SHUFFLED, 0);
  }
}
