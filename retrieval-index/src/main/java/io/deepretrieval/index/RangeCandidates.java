// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.util.Arrays;

/**
 * The rows that may reach a least score with one query, judged by approximate scores.
 *
 * <p>Let every approximate score be within m of the defining score: a row that reaches the least
 * score has an approximate one of at least that minus m. What is left at the end is scored again,
 * by definition.
 */
final class RangeCandidates implements Collector {
  private final float least;
  private final boolean exact;
  private final Candidates.Scorer scorer;
  private final float threshold;
  private float[] scores = new float[64];
  private int[] positions = new int[64];
  private int size;

  /**
   * Makes an empty set.
   *
   * @param least the least score
   * @param slack 2m, at least 0
   * @param exact whether the scores to come are the defining ones
   * @param scorer the defining score
   */
  RangeCandidates(float least, double slack, boolean exact, Candidates.Scorer scorer) {
    this.least = least;
    this.exact = exact;
    this.scorer = scorer;
    this.threshold = floor(least, exact ? 0 : slack);
  }

  /** The approximate score below which no row reaches the least one. */
  static float floor(float least, double slack) {
    return Math.nextDown((float) (least - slack / 2));
  }

  @Override
  public float threshold() {
    return threshold;
  }

  @Override
  public void add(float score, int position) {
    if (size == scores.length) {
      // Never more than there are positions, which are ints.
      int room = (int) Math.min(Integer.MAX_VALUE - 8, 2L * size);
      scores = Arrays.copyOf(scores, room);
      positions = Arrays.copyOf(positions, room);
    }
    scores[size] = score;
    positions[size++] = position;
  }

  /** Takes over what another set of the same query has. */
  void addAll(RangeCandidates other) {
    for (int i = 0; i < other.size; i++) {
      add(other.scores[i], other.positions[i]);
    }
  }

  /**
   * Ends the search.
   *
   * @return the rows that reach the least score, best first, as keys of {@link Candidates}
   */
  long[] finish() {
    if (!exact) {
      Arrays.sort(positions, 0, size);
      scorer.score(positions, scores, 0, size);
    }
    long[] keys = new long[size];
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (scores[i] >= least) {
        keys[kept++] = Candidates.key(scores[i], positions[i]);
      }
    }
    Arrays.sort(keys, 0, kept);
    return Arrays.copyOf(keys, kept);
  }
}
