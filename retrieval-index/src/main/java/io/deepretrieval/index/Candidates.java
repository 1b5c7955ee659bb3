// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.util.Arrays;

/**
 * The rows that may be among the k best of one query, judged by approximate scores.
 *
 * <p>Let every approximate score be within m of the defining score, and τ the k-th largest score
 * seen. The k rows that reach τ have defining scores of at least τ - m; so have the k best rows,
 * whose approximate scores are therefore at least τ - 2m. Everything below that threshold is
 * dropped; what is left at the end is scored again, by definition, and ranked by that score, ties
 * by position.
 */
final class Candidates implements Collector {
  /** Scores by definition. */
  interface Scorer {
    /**
     * Replaces scores.
     *
     * @param positions of rows, ascending within {@code [from, to)}
     * @param scores (modified) receives the defining score of each
     */
    void score(int[] positions, float[] scores, int from, int to);
  }

  /** Room beyond k: a whole block fits before the first cut. */
  private static final int ROOM = 1024;

  private final int k;
  private final double slack;
  private final boolean exact;
  private final Scorer scorer;
  private final float[] scores;
  private final int[] positions;
  private int size;
  private int settled;
  private float threshold;

  private Candidates(
      int k, double slack, int limit, boolean exact, float threshold, Scorer scorer) {
    this.k = k;
    this.slack = slack;
    this.exact = exact;
    this.threshold = threshold;
    this.scorer = scorer;
    int capacity = (int) Math.min(limit, (long) k + Math.max(k, ROOM));
    this.scores = new float[capacity];
    this.positions = new int[capacity];
  }

  /**
   * Makes an empty set for approximate scores.
   *
   * @param k at least 1
   * @param slack 2m, at least 0
   * @param limit how many rows there are in all, at least k
   * @param scorer the defining score
   */
  static Candidates approximate(int k, double slack, int limit, Scorer scorer) {
    return approximate(k, slack, limit, Float.NEGATIVE_INFINITY, scorer);
  }

  /** Makes an empty set for approximate scores, none of which is below a threshold. */
  static Candidates approximate(int k, double slack, int limit, float threshold, Scorer scorer) {
    return new Candidates(k, slack, limit, false, threshold, scorer);
  }

  /**
   * Makes an empty set for scores that are the defining ones.
   *
   * @param k at least 1
   * @param limit how many rows there are in all, at least k
   */
  static Candidates exact(int k, int limit) {
    return exact(k, limit, Float.NEGATIVE_INFINITY);
  }

  /**
   * Makes an empty set for scores that are the defining ones, none of which is below a threshold.
   */
  static Candidates exact(int k, int limit, float threshold) {
    return new Candidates(k, 0, limit, true, threshold, (positions, scores, from, to) -> {});
  }

  /** Bytes that a set takes. */
  static long bytes(int k, int limit) {
    return 8 * Math.min(limit, (long) k + Math.max(k, ROOM));
  }

  @Override
  public float threshold() {
    return threshold;
  }

  @Override
  public void add(float score, int position) {
    if (size == scores.length) {
      cut();
      if (score < threshold) {
        return;
      }
    }
    scores[size] = score;
    positions[size++] = position;
  }

  /** Takes over what another set of the same query has. */
  void addAll(Candidates other) {
    for (int i = 0; i < other.size; i++) {
      if (other.scores[i] >= threshold) {
        add(other.scores[i], other.positions[i]);
      }
    }
  }

  /**
   * Ends the search.
   *
   * @return at most k rows, best first, as {@link #key}s
   */
  long[] finish() {
    if (size > k) {
      raiseThreshold();
    }
    return settle();
  }

  static float score(long key) {
    int bits = ~(int) (key >> 32);
    return Float.intBitsToFloat(bits ^ ((bits >> 31) & Integer.MAX_VALUE));
  }

  static int position(long key) {
    return (int) key;
  }

  /** Orders by score descending, then position ascending. No score is NaN or -0. */
  static long key(float score, int position) {
    int bits = Float.floatToRawIntBits(score);
    bits ^= (bits >> 31) & Integer.MAX_VALUE;
    return ((long) ~bits << 32) | position;
  }

  private void cut() {
    raiseThreshold();
    // Many near ties, duplicates for instance: only the definition can part them.
    if (size > k + (scores.length - k) / 2) {
      settle();
    }
  }

  private void raiseThreshold() {
    float[] copy = Arrays.copyOf(scores, size);
    float kth = select(copy, size - k);
    threshold = Math.max(threshold, Math.nextDown((float) (kth - slack)));
    int kept = 0;
    int keptSettled = 0;
    for (int i = 0; i < size; i++) {
      if (scores[i] >= threshold) {
        keptSettled += i < settled ? 1 : 0;
        scores[kept] = scores[i];
        positions[kept++] = positions[i];
      }
    }
    size = kept;
    settled = keptSettled;
  }

  /** Scores all by definition and keeps the k best, in their order. */
  private long[] settle() {
    if (!exact && settled < size) {
      Arrays.sort(positions, settled, size);
      scorer.score(positions, scores, settled, size);
    }
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = key(scores[i], positions[i]);
    }
    Arrays.sort(keys);
    size = Math.min(size, k);
    settled = size;
    for (int i = 0; i < size; i++) {
      scores[i] = score(keys[i]);
      positions[i] = position(keys[i]);
    }
    if (size == k) {
      threshold = Math.max(threshold, Math.nextDown((float) (scores[k - 1] - slack)));
    }
    return size == keys.length ? keys : Arrays.copyOf(keys, size);
  }

  /** The element that sorting would bring to {@code index}; reorders the array. */
  static float select(float[] values, int index) {
    int low = 0;
    int high = values.length - 1;
    while (low < high) {
      float a = values[low];
      float b = values[(low + high) >>> 1];
      float c = values[high];
      float pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
      int i = low;
      int j = high;
      while (i <= j) {
        while (values[i] < pivot) {
          i++;
        }
        while (values[j] > pivot) {
          j--;
        }
        if (i <= j) {
          float swap = values[i];
          values[i++] = values[j];
          values[j--] = swap;
        }
      }
      if (index <= j) {
        high = j;
      } else if (index >= i) {
        low = i;
      } else {
        return values[index];
      }
    }
    return values[index];
  }
}
