// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.testkit.Randoms;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DiffusionGraphTest {
  @Test
  void chainOfThreeIsHandComputed() {
    // 0 - 1 - 2 with equal weights: S_01 = S_12 = 1/√2.
    DiffusionGraph graph =
        DiffusionGraph.normalized(
            new int[] {0, 1, 3, 4}, new int[] {1, 0, 2, 1}, new double[] {5, 5, 5, 5});
    assertThat(graph.at(0, 1)).isCloseTo(Math.sqrt(0.5), within(1e-15));
    assertThat(graph.at(2, 1)).isCloseTo(Math.sqrt(0.5), within(1e-15));
    assertThat(graph.at(0, 2)).isZero();

    double[] f = graph.solve(new double[] {1, 0, 0}, 0.5, 100, 0);

    // f1 = (√½ / 2) (f0 + f2), f2 = (√½ / 2) f1, f0 = 1 + f2: f1 = √2 / 3, f2 = 1 / 6.
    assertThat(f[0]).isCloseTo(7.0 / 6, within(1e-14));
    assertThat(f[1]).isCloseTo(Math.sqrt(2) / 3, within(1e-14));
    assertThat(f[2]).isCloseTo(1.0 / 6, within(1e-14));
  }

  @Test
  void solvesAsEliminationDoes() {
    for (long seed = 1; seed <= 30; seed++) {
      Randoms randoms = Randoms.ofSeed(seed);
      int n = 2 + randoms.generator().nextInt(60);
      int k = 1 + randoms.generator().nextInt(6);
      float[][] rows = Vectors.rows(randoms.descriptors(n, 4));
      DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(rows, k), 3);
      double[] y = randoms.wideGaussians(n);
      double[][] matrix = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          matrix[i][j] = (i == j ? 1 : 0) - 0.99 * graph.at(i, j);
          assertThat(graph.at(i, j)).isCloseTo(graph.at(j, i), within(1e-15));
        }
      }
      double[] expected = eliminate(matrix, y.clone());
      double[] f = graph.solve(y, 0.99, 10 * n, 1e-14);
      double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < n; i++) {
        assertThat(f[i])
            .as(randoms.note("n=" + n + " k=" + k))
            .isCloseTo(expected[i], within(1e-10 * scale));
      }
    }
  }

  @Test
  void nodeWithoutEdgesKeepsItsValue() {
    // 2 is at an obtuse angle to the others.
    float[][] rows = {{1, 0}, {0.8f, 0.6f}, {-1, 0}};
    DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(rows, 2), 0);
    assertThat(graph.edges()).isEqualTo(2);
    double[] f = graph.solve(new double[] {0, 0, 7}, 0.99, 20, 1e-6);
    assertThat(f).containsExactly(0, 0, 7);
  }

  @Test
  void graphWithoutEdgesGivesY() {
    float[][] rows = {{1, 0}, {0, 1}, {-1, 0}};
    DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(rows, 2), 3);
    assertThat(graph.edges()).isZero();
    assertThat(graph.solve(new double[] {3, 2, 0}, 0.99, 20, 1e-6)).containsExactly(3, 2, 0);
  }

  @Test
  void emptyGraphGivesNothing() {
    DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(new float[0][], 2), 3);
    assertThat(graph.size()).isZero();
    assertThat(graph.solve(new double[0], 0.99, 20, 1e-6)).isEmpty();
  }

  @Test
  void edgeMustBeMutual() {
    // The nearest of 2 is 1, but the nearest of 1 is 0.
    float[][] rows = {{1, 0}, {0.9f, 0.1f}, {0.6f, 0.4f}};
    DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(rows, 1), 1);
    assertThat(graph.edges()).isEqualTo(2);
    assertThat(graph.at(0, 1)).isCloseTo(1, within(1e-15));
    assertThat(graph.at(1, 2)).isZero();
    assertThat(graph.at(2, 1)).isZero();
  }

  @Test
  void zeroRightSideGivesZero() {
    float[][] rows = {{1, 0}, {0.8f, 0.6f}};
    DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(rows, 1), 3);
    assertThat(graph.solve(new double[2], 0.99, 20, 1e-6)).containsExactly(0, 0);
  }

  @Test
  void doesNotChangeItsArgument() {
    float[][] rows = {{1, 0}, {0.8f, 0.6f}};
    double[] y = {1, 0};
    DiffusionGraph.mutual(Neighbors.among(rows, 1), 3).solve(y, 0.99, 20, 1e-6);
    assertThat(y).containsExactly(1, 0);
  }

  /** Gaussian elimination with row exchange. */
  private static double[] eliminate(double[][] a, double[] b) {
    int n = b.length;
    for (int c = 0; c < n; c++) {
      int pivot = c;
      for (int r = c + 1; r < n; r++) {
        if (Math.abs(a[r][c]) > Math.abs(a[pivot][c])) {
          pivot = r;
        }
      }
      double[] row = a[c];
      a[c] = a[pivot];
      a[pivot] = row;
      double value = b[c];
      b[c] = b[pivot];
      b[pivot] = value;
      for (int r = c + 1; r < n; r++) {
        double factor = a[r][c] / a[c][c];
        for (int j = c; j < n; j++) {
          a[r][j] -= factor * a[c][j];
        }
        b[r] -= factor * b[c];
      }
    }
    for (int r = n - 1; r >= 0; r--) {
      for (int j = r + 1; j < n; j++) {
        b[r] -= a[r][j] * b[j];
      }
      b[r] /= a[r][r];
    }
    return b;
  }
}
