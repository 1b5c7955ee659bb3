// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.Arrays;

/**
 * The mean average precision of embeddings by their labels: each is the query once, all others are
 * the database, those of its class the positives. Average precision is the trapezoid of the Oxford
 * protocol; ties rank by position; a query without positives does not count.
 */
final class LeaveOneOut {
  private LeaveOneOut() {}

  static double meanAveragePrecision(float[][] embeddings, int[] labels) {
    double sum = 0;
    int queries = 0;
    int n = embeddings.length;
    long[] keys = new long[Math.max(0, n - 1)];
    for (int q = 0; q < n; q++) {
      int positives = 0;
      int at = 0;
      for (int i = 0; i < n; i++) {
        if (i == q) {
          continue;
        }
        positives += labels[i] == labels[q] ? 1 : 0;
        keys[at++] = key(ProjectionHead.dot(0, embeddings[q], 0, embeddings[i]), i);
      }
      if (positives == 0) {
        continue;
      }
      Arrays.sort(keys);
      double precision = 0;
      int found = 0;
      for (int rank = 0; found < positives; rank++) {
        if (labels[(int) keys[rank]] == labels[q]) {
          double before = rank == 0 ? 1 : (double) found / rank;
          found++;
          precision += (before + (double) found / (rank + 1)) / 2;
        }
      }
      sum += precision / positives;
      queries++;
    }
    return queries == 0 ? Double.NaN : sum / queries;
  }

  /** Sorts by score descending, then position ascending. */
  private static long key(float score, int position) {
    int bits = Float.floatToIntBits(score + 0f);
    bits ^= (bits >> 31) & Integer.MAX_VALUE;
    return ((long) ~bits << 32) | position;
  }
}
