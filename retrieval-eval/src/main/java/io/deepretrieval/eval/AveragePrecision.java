// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.List;

/**
 * Average precision of one ranking: the area under its precision-recall curve, in [0, 1].
 *
 * <p>Let r_0 &lt; r_1 &lt; … be the ranks, from 0, of the right answers after junk is taken out of
 * the ranking, and n the number of all right answers, also those that were not found. With p_j =
 * (j+1)/(r_j+1), the precision at the right answer j, and q_j = j/r_j, the precision just before it
 * (1 if r_j = 0):
 *
 * <ul>
 *   <li>{@link #trapezoid(int[], int)}: (1/n) Σ_j (q_j + p_j)/2. The rule of Oxford, Paris,
 *       Holidays and INSTRE and of their revisited forms; what papers on these sets report.
 *   <li>{@link #finiteSum(int[], int)}: (1/n) Σ_j p_j. The rule of information retrieval and of
 *       scikit-learn. Never less than the other: the two must not be compared.
 * </ul>
 *
 * @see <a href="https://doi.org/10.1109/CVPR.2007.383172">J. Philbin et al., Object retrieval with
 *     large vocabularies and fast spatial matching, CVPR 2007</a>
 */
public final class AveragePrecision {
  private AveragePrecision() {}

  /**
   * Returns the average precision by the trapezoid rule.
   *
   * @param ranks of the right answers that were found, from 0, ascending, without junk (not
   *     modified)
   * @param positives n, the number of all right answers, at least 1 and at least that of the ranks
   * @return in [0, 1]
   * @throws IllegalArgumentException if the ranks do not ascend from 0 or n is too small
   */
  public static double trapezoid(int[] ranks, int positives) {
    check(ranks, positives);
    double sum = 0;
    for (int j = 0; j < ranks.length; j++) {
      double before = ranks[j] == 0 ? 1 : (double) j / ranks[j];
      double at = (j + 1.0) / (ranks[j] + 1.0);
      sum += (before + at) / 2;
    }
    return sum / positives;
  }

  /**
   * Returns the average precision by the trapezoid rule.
   *
   * @param ranking ids, best first, each right answer at most once; junk is passed over
   * @param judgements what is right and what is junk
   * @return in [0, 1]
   * @throws IllegalArgumentException if there is no right answer or one is twice in the ranking
   */
  public static double trapezoid(List<String> ranking, Judgements judgements) {
    return trapezoid(Ranks.of(ranking, judgements), judgements.positives().size());
  }

  /**
   * Returns the average precision by the finite sum.
   *
   * @param ranks of the right answers that were found, from 0, ascending, without junk (not
   *     modified)
   * @param positives n, the number of all right answers, at least 1 and at least that of the ranks
   * @return in [0, 1]
   * @throws IllegalArgumentException if the ranks do not ascend from 0 or n is too small
   */
  public static double finiteSum(int[] ranks, int positives) {
    check(ranks, positives);
    double sum = 0;
    for (int j = 0; j < ranks.length; j++) {
      sum += (j + 1.0) / (ranks[j] + 1.0);
    }
    return sum / positives;
  }

  /**
   * Returns the average precision by the finite sum.
   *
   * @param ranking ids, best first, each right answer at most once; junk is passed over
   * @param judgements what is right and what is junk
   * @return in [0, 1]
   * @throws IllegalArgumentException if there is no right answer or one is twice in the ranking
   */
  public static double finiteSum(List<String> ranking, Judgements judgements) {
    return finiteSum(Ranks.of(ranking, judgements), judgements.positives().size());
  }

  private static void check(int[] ranks, int positives) {
    if (positives < 1 || positives < ranks.length) {
      throw new IllegalArgumentException(
          "positives must be at least 1 and at least the "
              + ranks.length
              + " found but were "
              + positives);
    }
    Ranks.check(ranks);
  }
}
