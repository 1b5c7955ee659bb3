// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;

/**
 * How far a float score may be from the defining one, and for which rows float sums may be used.
 *
 * <p>With u = 2^-24 and γ_n = n·u / (1 - n·u), a float inner product summed in any order, fused or
 * not, is within γ_D·‖q‖·‖x‖ of the true one (Higham, Accuracy and Stability of Numerical
 * Algorithms, 2nd ed., SIAM 2002, section 3.1).
 */
final class ErrorBound {
  /** Codes are not read for a query, nor of rows, that are longer. */
  static final double GREATEST_CODED = 0x1p100;

  private static final double UNIT = 0x1p-24;
  private static final double LEAST_NORM = 0x1p-40;
  private static final double GREATEST_NORM = 0x1p100;
  private static final double GREATEST_PRODUCT = 0x1p120;
  private static final double GREATEST_LENGTH = 0x1p60;

  private ErrorBound() {}

  /** Says that products or differences with a block may not be left to float. */
  static boolean isTooLarge(Similarity similarity, double queryNorm, RowBlock block) {
    return switch (similarity) {
      case COSINE -> false;
      case INNER_PRODUCT -> queryNorm * block.maxNorm > GREATEST_PRODUCT;
      case L2, L1 -> queryNorm + block.maxNorm > GREATEST_LENGTH;
    };
  }

  /** Says whether float sums over the rows of a block neither overflow nor vanish. */
  static boolean isRegular(Similarity similarity, RowBlock block) {
    return switch (similarity) {
      case COSINE -> block.minNorm >= LEAST_NORM && block.maxNorm <= GREATEST_NORM;
      case INNER_PRODUCT -> block.maxNorm <= GREATEST_PRODUCT;
      case L2, L1 -> block.maxNorm <= GREATEST_LENGTH;
    };
  }

  /**
   * A bound of |approximate score - defining score|.
   *
   * <p>Inner product: γ_(D+2)·‖q‖·‖x‖ for the float sum, 2u·‖q‖·‖x‖ for rounding the defining
   * score, and 2^-125·D·(2 + ‖q‖ + ‖x‖) for whatever is too small to be a normal float. Cosine: the
   * same with unit lengths, and 6u for rounding the unit query, 1 / ‖x‖, their product and the
   * defining score; ‖x‖ of at least 2^-40 makes the last term 2^-80·D. L2, from 2q·x - ‖x‖² - ‖q‖²:
   * twice what the product is off, and 8u·(‖q‖ + ‖x‖)² for rounding its terms, their sums and the
   * defining score. L1: each difference and the sum of D of them, γ_(D+2)·Σ|q_i - x_i|, with Σ|q_i
   * - x_i| ≤ √D·(‖q‖ + ‖x‖).
   *
   * <p>Int8Codes: ‖q‖ times what they lose, and 4u more for their scale; a code is not longer than
   * its row and what it loses.
   *
   * @param loss the greatest length that codes lose, relative to the row for the cosine; 0 without
   *     codes
   */
  static double margin(
      Similarity similarity, int dimension, double queryNorm, double maxRowNorm, double loss) {
    double n = (dimension + (loss > 0 ? 6 : 2)) * UNIT;
    double gamma = 1.001 * n / (1 - n);
    double tiny = 0x1p-125 * dimension;
    switch (similarity) {
      case COSINE -> {
        return 1.001 * loss + (1 + loss) * (gamma + 6.006 * UNIT) + 0x1p-80 * dimension;
      }
      case INNER_PRODUCT -> {
        double rowNorm =
            queryNorm == 0 ? maxRowNorm : Math.min(maxRowNorm, GREATEST_PRODUCT / queryNorm);
        return 1.001 * queryNorm * loss
            + (gamma + 2.002 * UNIT) * queryNorm * (rowNorm + loss)
            + tiny * (2 + queryNorm + rowNorm + loss);
      }
      case L2 -> {
        double both = Math.min(queryNorm + maxRowNorm, GREATEST_LENGTH) + loss;
        return 2.002 * Math.min(queryNorm, both) * loss
            + (2 * gamma + 8.008 * UNIT) * both * both
            + 2 * tiny * (2 + both);
      }
      case L1 -> {
        double both = Math.min(queryNorm + maxRowNorm, GREATEST_LENGTH);
        return (gamma + 2.002 * UNIT) * Math.sqrt(dimension) * both;
      }
    }
    throw new IllegalStateException("similarity must be known but is " + similarity);
  }
}
