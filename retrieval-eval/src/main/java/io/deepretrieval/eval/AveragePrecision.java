// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
 *   <li>{@link #finiteSumAt(int[], int, int)}: (1/min(n, k)) Σ_j p_j over the right answers among
 *       the first k. With k = 100 the rule of the Google Landmarks data sets.
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
    Ranks.check(ranks, positives);
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
   * @param judgments what is right and what is junk
   * @return in [0, 1]
   * @throws IllegalArgumentException if there is no right answer or one is twice in the ranking
   */
  public static double trapezoid(List<String> ranking, Judgments judgments) {
    return trapezoid(Ranks.of(ranking, judgments), judgments.positives().size());
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
    Ranks.check(ranks, positives);
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
   * @param judgments what is right and what is junk
   * @return in [0, 1]
   * @throws IllegalArgumentException if there is no right answer or one is twice in the ranking
   */
  public static double finiteSum(List<String> ranking, Judgments judgments) {
    return finiteSum(Ranks.of(ranking, judgments), judgments.positives().size());
  }

  /**
   * Returns the average precision by the finite sum over the first k places.
   *
   * @param ranks of the right answers that were found, from 0, ascending, without junk (not
   *     modified)
   * @param positives n, the number of all right answers, at least 1 and at least that of the ranks
   * @param k at least 1
   * @return (1/min(n, k)) Σ_j p_j over the r_j below k, in [0, 1]
   * @throws IllegalArgumentException if the ranks do not ascend from 0, n is too small or k is less
   *     than 1
   */
  public static double finiteSumAt(int[] ranks, int positives, int k) {
    Ranks.checkK(k);
    Ranks.check(ranks, positives);
    double sum = 0;
    int found = Ranks.countBelow(ranks, k);
    for (int j = 0; j < found; j++) {
      sum += (j + 1.0) / (ranks[j] + 1.0);
    }
    return sum / Math.min(positives, k);
  }

  /**
   * Returns the average precision by the finite sum over the first k places.
   *
   * @param ranking ids, best first; junk is passed over; an id that comes again keeps its place and
   *     counts as wrong there
   * @param judgments what is right and what is junk
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if there is no right answer or k is less than 1
   */
  public static double finiteSumAt(List<String> ranking, Judgments judgments, int k) {
    List<Ranks.Placed> first = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int place = 0; place < ranking.size(); place++) {
      String id = ranking.get(place);
      if (seen.add(id) || judgments.junk().contains(id)) {
        first.add(new Ranks.Placed(id, place));
      }
    }
    return finiteSumAt(Ranks.ofPlaced(first, judgments), judgments.positives().size(), k);
  }
}
