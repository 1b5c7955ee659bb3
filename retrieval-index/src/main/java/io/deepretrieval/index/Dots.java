// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.nio.FloatBuffer;

/**
 * The defining inner product: products and sum in double, from the first component to the last, as
 * {@link io.deepretrieval.Descriptor#dot}. Every reported score comes from here, so it does not
 * depend on the batch, the threads or the machine.
 */
final class Dots {
  private static final int GROUP = 4;

  private final int dimension;
  private final float[] rows;

  Dots(int dimension) {
    this.dimension = dimension;
    this.rows = new float[Math.multiplyExact(GROUP, dimension)];
  }

  /**
   * Computes the products of one query with some rows.
   *
   * @param query {@code [D]}
   * @param floats rows, row-major
   * @param which row numbers
   * @param from the first used entry of {@code which}
   * @param to after the last
   * @param out (modified) receives the product for {@code which[i]} in entry i
   */
  void products(float[] query, FloatBuffer floats, int[] which, int from, int to, double[] out) {
    int i = from;
    // Four rows at once hide the latency of the addition; each row is still summed in order.
    for (; i + GROUP <= to; i += GROUP) {
      for (int g = 0; g < GROUP; g++) {
        floats.get(which[i + g] * dimension, rows, g * dimension, dimension);
      }
      four(query, rows, dimension, out, i);
    }
    for (; i < to; i++) {
      floats.get(which[i] * dimension, rows, 0, dimension);
      double sum = 0;
      for (int j = 0; j < dimension; j++) {
        sum += (double) query[j] * rows[j];
      }
      out[i] = sum;
    }
  }

  private static void four(float[] query, float[] rows, int d, double[] out, int at) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int j = 0; j < d; j++) {
      double q = query[j];
      s0 += q * rows[j];
      s1 += q * rows[d + j];
      s2 += q * rows[2 * d + j];
      s3 += q * rows[3 * d + j];
    }
    out[at] = s0;
    out[at + 1] = s1;
    out[at + 2] = s2;
    out[at + 3] = s3;
  }
}
