// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Batching;

/**
 * Which pairs of a batch a loss looks at. Whether a pair is alike is decided by the classes of its
 * rows. Implementations are immutable and thread-safe.
 */
public interface PairMiner {
  /** Takes pairs. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Takes a pair.
     *
     * @param a a row
     * @param b another row
     */
    void pair(int a, int b);
  }

  /**
   * Returns the name and the parameters in one line.
   *
   * @return for instance {@code all-pairs}
   */
  String recipe();

  /**
   * Selects pairs.
   *
   * @param batch the rows
   * @param visitor takes each selected pair once
   * @throws IllegalArgumentException if the rows do not have the order that the selection needs
   */
  void select(BatchDistances batch, Visitor visitor);

  /**
   * Says how the batches that it looks at should be made.
   *
   * @return several images of each class unless overridden
   */
  default Batching batching() {
    return Batching.perClass();
  }

  /**
   * Takes every pair of rows, N(N-1)/2 of them.
   *
   * @return the selection
   */
  static PairMiner all() {
    return Tuples.ALL_PAIRS;
  }

  /**
   * Takes rows as tuples that follow each other: a query and what it is compared with. The first
   * row of a tuple is paired with each of the others.
   *
   * @param rows of one tuple, at least 2; 7 for a query, a positive and five negatives
   * @return the selection; it refuses a batch that is not a whole number of tuples
   * @throws IllegalArgumentException if {@code rows} is less than 2
   */
  static PairMiner tuples(int rows) {
    return new Tuples.InOrder(rows, 2);
  }
}
