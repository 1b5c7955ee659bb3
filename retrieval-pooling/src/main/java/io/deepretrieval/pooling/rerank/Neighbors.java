// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import java.util.Arrays;

/**
 * The k nearest of each row among the other rows, by inner product, best first, ties by the smaller
 * number of the row. With k others or fewer, all of them.
 *
 * <p>Cost: n² D / 2 multiplications, n k places. RankedRows are compared tile by tile, so that a
 * tile stays in the cache; each inner product is one sum in order, as in {@link
 * RankedRows#dot(float[], float[])}.
 */
final class Neighbors {
  private static final int TILE = 16;

  private final int[][] rows;
  private final double[][] similarities;
  private final int[] filled;

  private Neighbors(int n, int k) {
    int kept = Math.max(0, Math.min(k, n - 1));
    rows = new int[n][kept];
    similarities = new double[n][kept];
    filled = new int[n];
  }

  static Neighbors among(float[][] vectors, int k) {
    Neighbors found = new Neighbors(vectors.length, k);
    for (int first = 0; first < vectors.length; first += TILE) {
      for (int second = first; second < vectors.length; second += TILE) {
        found.compare(vectors, first, second);
      }
    }
    return found;
  }

  int size() {
    return rows.length;
  }

  /** How many neighbors each row has. */
  int count() {
    return rows.length == 0 ? 0 : rows[0].length;
  }

  int row(int of, int rank) {
    return rows[of][rank];
  }

  double similarity(int of, int rank) {
    return similarities[of][rank];
  }

  boolean contains(int of, int row) {
    return Arrays.stream(rows[of]).anyMatch(r -> r == row);
  }

  private void compare(float[][] vectors, int firstTile, int secondTile) {
    int firstEnd = Math.min(firstTile + TILE, vectors.length);
    int secondEnd = Math.min(secondTile + TILE, vectors.length);
    for (int i = firstTile; i < firstEnd; i++) {
      int j = Math.max(secondTile, i + 1);
      for (; j + 4 <= secondEnd; j += 4) {
        compareFour(vectors, i, j);
      }
      for (; j < secondEnd; j++) {
        offerBoth(i, j, RankedRows.dot(vectors[i], vectors[j]));
      }
    }
  }

  /** Four sums side by side: each has to wait for its last addition, the four need not. */
  private void compareFour(float[][] vectors, int i, int j) {
    float[] a = vectors[i];
    float[] b0 = vectors[j];
    float[] b1 = vectors[j + 1];
    float[] b2 = vectors[j + 2];
    float[] b3 = vectors[j + 3];
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    for (int d = 0; d < a.length; d++) {
      double value = a[d];
      sum0 += value * b0[d];
      sum1 += value * b1[d];
      sum2 += value * b2[d];
      sum3 += value * b3[d];
    }
    offerBoth(i, j, sum0);
    offerBoth(i, j + 1, sum1);
    offerBoth(i, j + 2, sum2);
    offerBoth(i, j + 3, sum3);
  }

  private void offerBoth(int a, int b, double similarity) {
    offer(a, b, similarity);
    offer(b, a, similarity);
  }

  private void offer(int of, int row, double similarity) {
    int[] places = rows[of];
    double[] values = similarities[of];
    int at = filled[of];
    if (at == places.length) {
      if (at == 0 || !before(similarity, row, values[at - 1], places[at - 1])) {
        return;
      }
      at--;
    } else {
      filled[of]++;
    }
    while (at > 0 && before(similarity, row, values[at - 1], places[at - 1])) {
      places[at] = places[at - 1];
      values[at] = values[at - 1];
      at--;
    }
    places[at] = row;
    values[at] = similarity;
  }

  private static boolean before(double similarity, int row, double thanSimilarity, int thanRow) {
    return similarity > thanSimilarity || (similarity == thanSimilarity && row < thanRow);
  }
}
