// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.List;

/**
 * Precision among the first answers of one ranking, in [0, 1]. Junk is taken out of the ranking
 * before it is counted.
 *
 * <ul>
 *   <li>{@link #plain(int[], int)}: right answers among the first k, over k.
 *   <li>{@link #revisited(int[], int)}: what the revisited Oxford and Paris call mP@k when averaged
 *       over queries. It looks at the first k' = min(k, place of the last right answer that was
 *       found), so that a query with fewer than k right answers can reach 1. A ranking whose right
 *       answers end early is looked at less far: right answers at the places 1 and 3 only give 2/3
 *       for each k from 3 on.
 * </ul>
 *
 * @see <a href="https://doi.org/10.1109/CVPR.2018.00598">F. Radenović et al., Revisiting Oxford and
 *     Paris, CVPR 2018</a>
 */
public final class PrecisionAtK {
  private PrecisionAtK() {}

  /**
   * Returns the share of right answers among the first k.
   *
   * @param ranks of the right answers that were found, from 0, ascending, without junk (not
   *     modified)
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if the ranks do not ascend from 0 or k is less than 1
   */
  public static double plain(int[] ranks, int k) {
    check(ranks, k);
    return (double) Ranks.countBelow(ranks, k) / k;
  }

  /**
   * Returns the share of right answers among the first k.
   *
   * @param ranking ids, best first, each right answer at most once; junk is passed over
   * @param judgments what is right and what is junk
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if a right answer is twice in the ranking or k is less than 1
   */
  public static double plain(List<String> ranking, Judgments judgments, int k) {
    return plain(Ranks.of(ranking, judgments), k);
  }

  /**
   * Returns the precision of the revisited protocols.
   *
   * @param ranks of the right answers that were found, from 0, ascending, without junk (not
   *     modified)
   * @param k at least 1
   * @return in [0, 1]; 0 if no right answer was found
   * @throws IllegalArgumentException if the ranks do not ascend from 0 or k is less than 1
   */
  public static double revisited(int[] ranks, int k) {
    check(ranks, k);
    if (ranks.length == 0) {
      return 0;
    }
    int places = Math.min(ranks[ranks.length - 1] + 1, k);
    return (double) Ranks.countBelow(ranks, places) / places;
  }

  /**
   * Returns the precision of the revisited protocols.
   *
   * @param ranking ids, best first, each right answer at most once; junk is passed over
   * @param judgments what is right and what is junk
   * @param k at least 1
   * @return in [0, 1]; 0 if no right answer was found
   * @throws IllegalArgumentException if a right answer is twice in the ranking or k is less than 1
   */
  public static double revisited(List<String> ranking, Judgments judgments, int k) {
    return revisited(Ranks.of(ranking, judgments), k);
  }

  private static void check(int[] ranks, int k) {
    Ranks.checkK(k);
    Ranks.check(ranks);
  }
}
