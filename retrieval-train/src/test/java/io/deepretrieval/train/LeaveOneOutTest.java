// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LeaveOneOutTest {
  @Test
  void byHand() {
    // Query 0 finds 2 (other) before 1: trapezoid (0/1 + 1/2) / 2. Query 1: the same with 2.
    // Query 2 has no positive and does not count.
    float[][] rows = {{1, 0}, {0.6f, 0.8f}, {0.8f, 0.6f}};
    assertThat(LeaveOneOut.meanAveragePrecision(rows, new int[] {0, 0, 1})).isEqualTo(0.25);
  }

  @Test
  void perfectAndReversed() {
    float[][] rows = {{1, 0}, {1, 0}, {0, 1}, {0, 1}};
    assertThat(LeaveOneOut.meanAveragePrecision(rows, new int[] {5, 5, 9, 9})).isEqualTo(1);
    // The positive of rows 0 and 2 is second, that of rows 1 and 3 third: ties rank by position.
    assertThat(LeaveOneOut.meanAveragePrecision(rows, new int[] {5, 9, 5, 9}))
        .isCloseTo((1 / 4.0 + 1 / 6.0) / 2, within(1e-15));
  }

  @Test
  void nothingToRank() {
    assertThat(LeaveOneOut.meanAveragePrecision(new float[0][], new int[0])).isNaN();
    assertThat(LeaveOneOut.meanAveragePrecision(new float[][] {{1}}, new int[] {0})).isNaN();
    assertThat(LeaveOneOut.meanAveragePrecision(new float[][] {{1}, {1}}, new int[] {0, 1}))
        .isNaN();
  }

  @Test
  void asTheNaiveLoop() {
    long seed = 20261124;
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      int n = 2 + random.nextInt(20);
      int d = 1 + random.nextInt(9);
      float[][] rows = new float[n][d];
      int[] labels = new int[n];
      for (int i = 0; i < n; i++) {
        labels[i] = random.nextInt(4);
        for (int k = 0; k < d; k++) {
          // Few values, so that ties, zeros of both signs and zero rows occur.
          rows[i][k] = random.nextInt(5) - 2;
          rows[i][k] *= random.nextBoolean() ? 1 : -0.5f;
        }
      }
      double expected = naive(rows, labels);
      double actual = LeaveOneOut.meanAveragePrecision(rows, labels);
      if (Double.isNaN(expected)) {
        assertThat(actual).as("seed %d, round %d", seed, round).isNaN();
      } else {
        assertThat(actual).as("seed %d, round %d", seed, round).isCloseTo(expected, within(1e-12));
      }
    }
  }

  private static double naive(float[][] rows, int[] labels) {
    double sum = 0;
    int queries = 0;
    for (int q = 0; q < rows.length; q++) {
      List<Integer> ranking = new ArrayList<>();
      for (int i = 0; i < rows.length; i++) {
        if (i != q) {
          ranking.add(i);
        }
      }
      float[] query = rows[q];
      ranking.sort(
          Comparator.comparingDouble((Integer i) -> -dot(query, rows[i])).thenComparingInt(i -> i));
      int positives = 0;
      double precision = 0;
      for (int rank = 0; rank < ranking.size(); rank++) {
        if (labels[ranking.get(rank)] == labels[q]) {
          double before = rank == 0 ? 1 : (double) positives / rank;
          positives++;
          precision += (before + positives / (rank + 1.0)) / 2;
        }
      }
      if (positives > 0) {
        sum += precision / positives;
        queries++;
      }
    }
    return queries == 0 ? Double.NaN : sum / queries;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum + 0.0;
  }
}
