// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

/** Sums over plain vectors, in double and in order, so that they do not depend on how they run. */
final class RankedRows {
  private RankedRows() {}

  static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += (double) a[d] * b[d];
    }
    return sum;
  }

  static double dot(double[] a, float[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  static void add(double[] sum, double weight, float[] row) {
    for (int d = 0; d < sum.length; d++) {
      sum[d] += weight * row[d];
    }
  }

  static double squares(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }
}
