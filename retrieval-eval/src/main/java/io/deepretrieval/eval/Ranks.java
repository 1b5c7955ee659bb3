// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Where the right answers stand in a ranking from which junk is taken out. */
final class Ranks {
  private Ranks() {}

  /** Ranks from 0, ascending. */
  static int[] of(Iterable<String> ranking, Judgements judgements) {
    int[] ranks = new int[judgements.good().size() + judgements.ok().size()];
    Set<String> found = new HashSet<>();
    int rank = 0;
    for (String id : ranking) {
      if (judgements.isPositive(id)) {
        if (!found.add(id)) {
          throw new IllegalArgumentException(
              "ranking must have each image once but has '" + id + "' twice");
        }
        ranks[found.size() - 1] = rank++;
      } else if (!judgements.junk().contains(id)) {
        rank++;
      }
    }
    return Arrays.copyOf(ranks, found.size());
  }

  static void check(int[] ranks) {
    for (int i = 0; i < ranks.length; i++) {
      if (ranks[i] < 0 || (i > 0 && ranks[i] <= ranks[i - 1])) {
        throw new IllegalArgumentException(
            "ranks must ascend from 0 but were " + Arrays.toString(ranks));
      }
    }
  }
}
