// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where the right answers stand in a ranking from which junk is taken out. */
final class Ranks {
  private Ranks() {}

  /**
   * An image and its place.
   *
   * @param id of an image that some protocol judges
   * @param place in the ranking with junk, from 0
   */
  record Placed(String id, int place) {}

  /** Ranks from 0, ascending. */
  static int[] of(Iterable<String> ranking, Judgments judgments) {
    List<Placed> placed = new ArrayList<>();
    int place = 0;
    for (String id : ranking) {
      placed.add(new Placed(id, place++));
    }
    return ofPlaced(placed, judgments);
  }

  /** Ranks from 0, ascending, of a ranking that is given by the images that are judged. */
  static int[] ofPlaced(List<Placed> judged, Judgments judgments) {
    int[] ranks = new int[judgments.good().size() + judgments.ok().size()];
    Set<String> found = new HashSet<>();
    int junk = 0;
    for (Placed image : judged) {
      if (judgments.isPositive(image.id)) {
        if (!found.add(image.id)) {
          throw new IllegalArgumentException(
              "ranking must have each image once but has '" + image.id + "' twice");
        }
        ranks[found.size() - 1] = image.place - junk;
      } else if (judgments.junk().contains(image.id)) {
        junk++;
      }
    }
    return Arrays.copyOf(ranks, found.size());
  }

  /** How many are among the first. */
  static int countBelow(int[] ranks, int places) {
    int count = 0;
    while (count < ranks.length && ranks[count] < places) {
      count++;
    }
    return count;
  }

  static void checkK(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1 but was " + k);
    }
  }

  static void check(int[] ranks, int positives) {
    if (positives < 1 || positives < ranks.length) {
      throw new IllegalArgumentException(
          "positives must be at least 1 and at least the "
              + ranks.length
              + " found but were "
              + positives);
    }
    check(ranks);
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
