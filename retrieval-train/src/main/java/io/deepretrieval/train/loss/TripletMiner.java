// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Batching;

/**
 * Which triplets of a batch a loss looks at: an anchor, a positive of its class and a negative of
 * another. Implementations are immutable and thread-safe; ties go to the first row.
 */
public interface TripletMiner {
  /** Takes triplets. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Takes a triplet.
     *
     * @param anchor a row
     * @param positive another row of its class
     * @param negative a row of another class
     */
    void triplet(int anchor, int positive, int negative);
  }

  /**
   * Returns the name and the parameters in one line.
   *
   * @return for instance {@code hardest}
   */
  String recipe();

  /**
   * Selects triplets.
   *
   * @param batch the rows
   * @param visitor takes each selected triplet once
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
   * Takes every triplet. Cost: N³ at most.
   *
   * @return the selection
   */
  static TripletMiner all() {
    return Tuples.ALL_TRIPLETS;
  }

  /**
   * Takes, for each anchor, the farthest positive and the nearest negative.
   *
   * @return the selection
   * @see <a href="https://arxiv.org/abs/1703.07737">A. Hermans et al., In defense of the triplet
   *     loss for person re-identification, 2017</a>
   */
  static TripletMiner batchHard() {
    return Tuples.HARDEST;
  }

  /**
   * Takes, for each anchor and positive, the nearest of the negatives that are farther than the
   * positive; none if there is none.
   *
   * @return the selection
   * @see <a href="https://arxiv.org/abs/1503.03832">F. Schroff et al., FaceNet: a unified embedding
   *     for face recognition and clustering, CVPR 2015</a>
   */
  static TripletMiner semiHard() {
    return Tuples.SEMI_HARD;
  }

  /**
   * Takes rows as tuples that follow each other: a query, its positive and its negatives, as
   * training from mined tuples gives them. The classes of the rows must agree with that.
   *
   * @param rows of one tuple, at least 3; 7 for a query, a positive and five negatives
   * @return the selection; it refuses a batch that is not a whole number of tuples
   * @throws IllegalArgumentException if {@code rows} is less than 3
   */
  static TripletMiner tuples(int rows) {
    return new Tuples.InOrder(rows, 3);
  }
}
