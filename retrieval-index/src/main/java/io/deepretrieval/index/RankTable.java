// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Counts how many rows stand before some sought rows in the ranking of one query.
 *
 * <p>The sought rows, best first, part the ranking. A row stands before a sought one if its
 * defining score is greater, or equal and its order less; so it is before all from one on, and is
 * counted there. Let every approximate score be within m of the defining one: a row whose score is
 * not within m of that of any sought row is counted at once, the others are scored again.
 */
final class RankTable implements Collector {
  /** Rows that are scored again at a time. */
  private static final int ROOM = 1024;

  private final int[] orders;
  private final double margin;
  private final boolean exact;
  private final Candidates.Scorer scorer;
  private final int[] sought;
  private final float[] soughtScores;
  private final int[] counts;
  private final float threshold;
  private final int[] near = new int[ROOM];
  private final float[] nearScores = new float[ROOM];
  private int size;

  /**
   * Scores the sought rows.
   *
   * @param positions of the sought rows, ascending
   * @param orders by position, of rows with the same score
   * @param margin m, at least 0
   * @param exact whether the scores to come are the defining ones
   * @param scorer the defining score
   */
  RankTable(int[] positions, int[] orders, double margin, boolean exact, Candidates.Scorer scorer) {
    this.orders = orders;
    this.margin = margin;
    this.exact = exact;
    this.scorer = scorer;
    float[] scores = new float[positions.length];
    scorer.score(positions, scores, 0, positions.length);
    int[] ranking =
        IntStream.range(0, positions.length)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(i -> -scores[i])
                    .thenComparingInt(i -> orders[positions[i]]))
            .mapToInt(i -> i)
            .toArray();
    sought = Arrays.stream(ranking).map(i -> positions[i]).toArray();
    soughtScores = new float[ranking.length];
    for (int i = 0; i < ranking.length; i++) {
      soughtScores[i] = scores[ranking[i]];
    }
    counts = new int[ranking.length];
    threshold =
        ranking.length == 0
            ? Float.POSITIVE_INFINITY
            : Math.nextDown((float) (soughtScores[ranking.length - 1] - margin));
  }

  @Override
  public float threshold() {
    return threshold;
  }

  @Override
  public void add(float score, int position) {
    if (exact) {
      count(score, position);
      return;
    }
    int first = firstAtMost(Math.nextUp((float) (score + margin)));
    if (first == counts.length) {
      return;
    }
    if (soughtScores[first] < Math.nextDown((float) (score - margin))) {
      counts[first]++;
    } else {
      scoreLater(position);
    }
  }

  private void scoreLater(int position) {
    near[size++] = position;
    if (size == ROOM) {
      settle();
    }
  }

  /** Takes over what another one of the same query and the same sought rows has. */
  void addAll(RankTable other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    // The scorer of the other has the scratch memory of another thread.
    for (int i = 0; i < other.size; i++) {
      scoreLater(other.near[i]);
    }
  }

  /** How many rows are sought. */
  int size() {
    return sought.length;
  }

  /** The position of a sought row, by its place among them. */
  int position(int i) {
    return sought[i];
  }

  /** The defining score of a sought row. */
  float score(int i) {
    return soughtScores[i];
  }

  /** How many rows stand before each sought row. */
  int[] ranks() {
    settle();
    int[] places = counts.clone();
    Arrays.parallelPrefix(places, Integer::sum);
    return places;
  }

  private void settle() {
    Arrays.sort(near, 0, size);
    scorer.score(near, nearScores, 0, size);
    for (int i = 0; i < size; i++) {
      count(nearScores[i], near[i]);
    }
    size = 0;
  }

  private void count(float score, int position) {
    int first = firstAtMost(score);
    while (first < counts.length
        && soughtScores[first] == score
        && orders[sought[first]] <= orders[position]) {
      first++;
    }
    if (first < counts.length) {
      counts[first]++;
    }
  }

  /** The first sought row whose score is not greater. */
  private int firstAtMost(float score) {
    int low = 0;
    int high = soughtScores.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (soughtScores[middle] > score) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
