// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import java.util.Arrays;

/**
 * The graph of mutual neighbors, S = D^-1/2 A D^-1/2, in compressed rows, and the solver of (I -
 * αS) f = y.
 *
 * <p>S is symmetric with eigenvalues in [-1, 1], so for α in [0, 1) the matrix is positive definite
 * and conjugate gradients converge. A node without edges has a row of zeros: there f = y.
 */
final class DiffusionGraph {
  private final int[] offsets;
  private final int[] columns;
  private final double[] values;

  private DiffusionGraph(int[] offsets, int[] columns, double[] values) {
    this.offsets = offsets;
    this.columns = columns;
    this.values = values;
  }

  /** A_ij = max(s_ij, 0)^γ where i and j are neighbors of each other, else 0. */
  static DiffusionGraph mutual(Neighbors neighbors, double gamma) {
    int n = neighbors.size();
    int[] offsets = new int[n + 1];
    int[] columns = new int[Math.multiplyExact(n, neighbors.count())];
    double[] values = new double[columns.length];
    int edges = 0;
    for (int i = 0; i < n; i++) {
      for (int rank = 0; rank < neighbors.count(); rank++) {
        int j = neighbors.row(i, rank);
        double similarity = neighbors.similarity(i, rank);
        // The check of the sign is for γ = 0, where 0^0 would be an edge.
        double weight = similarity > 0 ? Math.pow(similarity, gamma) : 0;
        if (weight > 0 && neighbors.contains(j, i)) {
          columns[edges] = j;
          values[edges++] = weight;
        }
      }
      offsets[i + 1] = edges;
    }
    return normalized(offsets, Arrays.copyOf(columns, edges), Arrays.copyOf(values, edges));
  }

  /** Takes positive weights of a symmetric A over; the arrays are changed. */
  static DiffusionGraph normalized(int[] offsets, int[] columns, double[] values) {
    double[] roots = new double[offsets.length - 1];
    for (int i = 0; i < roots.length; i++) {
      double degree = 0;
      for (int e = offsets[i]; e < offsets[i + 1]; e++) {
        degree += values[e];
      }
      roots[i] = Math.sqrt(degree);
    }
    for (int i = 0; i < roots.length; i++) {
      for (int e = offsets[i]; e < offsets[i + 1]; e++) {
        values[e] = values[e] / roots[i] / roots[columns[e]];
      }
    }
    return new DiffusionGraph(offsets, columns, values);
  }

  int size() {
    return offsets.length - 1;
  }

  /** The non-zero numbers of A: each edge counts twice. */
  int edges() {
    return columns.length;
  }

  /** S_ij. */
  double at(int i, int j) {
    for (int e = offsets[i]; e < offsets[i + 1]; e++) {
      if (columns[e] == j) {
        return values[e];
      }
    }
    return 0;
  }

  /** Solves (I - αS) f = y from f = 0, until ‖r‖ ≤ tolerance ‖y‖ or the iterations are used up. */
  double[] solve(double[] y, double alpha, int iterations, double tolerance) {
    int n = size();
    double[] f = new double[n];
    double[] residual = y.clone();
    double[] direction = y.clone();
    double[] image = new double[n];
    double squares = RankedRows.squares(residual);
    double enough = tolerance * tolerance * squares;
    for (int it = 0; it < iterations && squares > enough; it++) {
      apply(direction, alpha, image);
      double curvature = 0;
      for (int i = 0; i < n; i++) {
        curvature += direction[i] * image[i];
      }
      // Rounding can end it: the residual is then as small as doubles allow.
      if (!(curvature > 0)) {
        break;
      }
      double step = squares / curvature;
      for (int i = 0; i < n; i++) {
        f[i] += step * direction[i];
        residual[i] -= step * image[i];
      }
      double next = RankedRows.squares(residual);
      double turn = next / squares;
      for (int i = 0; i < n; i++) {
        direction[i] = residual[i] + turn * direction[i];
      }
      squares = next;
    }
    return f;
  }

  private void apply(double[] x, double alpha, double[] out) {
    for (int i = 0; i < out.length; i++) {
      double sum = 0;
      for (int e = offsets[i]; e < offsets[i + 1]; e++) {
        sum += values[e] * x[columns[e]];
      }
      out[i] = x[i] - alpha * sum;
    }
  }
}
