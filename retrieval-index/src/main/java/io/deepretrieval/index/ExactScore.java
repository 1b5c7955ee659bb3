// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import java.nio.FloatBuffer;

/**
 * The defining sums: terms and sum in double, from the first component to the last, as {@link
 * io.deepretrieval.Descriptor#dot}. Every reported score comes from here, so it does not depend on
 * the batch, the threads or the machine.
 */
final class ExactScore {
  private static final int GROUP = 4;

  private final Similarity similarity;
  private final int dimension;
  private final float[] rows;

  ExactScore(Similarity similarity, int dimension) {
    this.similarity = similarity;
    this.dimension = dimension;
    this.rows = new float[Math.multiplyExact(GROUP, dimension)];
  }

  /**
   * Computes the sums of one query with some rows: of products, of squared differences for {@link
   * Similarity#L2}, of absolute differences for {@link Similarity#L1}.
   *
   * @param query {@code [D]}
   * @param floats rows, row-major
   * @param which row numbers
   * @param from the first used entry of {@code which}
   * @param to after the last
   * @param out (modified) receives the sum for {@code which[i]} in entry i
   */
  void sums(float[] query, FloatBuffer floats, int[] which, int from, int to, double[] out) {
    int i = from;
    // Four rows at once hide the latency of the addition; each row is still summed in order.
    for (; i + GROUP <= to; i += GROUP) {
      for (int g = 0; g < GROUP; g++) {
        floats.get(which[i + g] * dimension, rows, g * dimension, dimension);
      }
      switch (similarity) {
        case INNER_PRODUCT, COSINE -> fourProducts(query, rows, dimension, out, i);
        case L2 -> fourSquares(query, rows, dimension, out, i);
        case L1 -> fourDistances(query, rows, dimension, out, i);
      }
    }
    for (; i < to; i++) {
      floats.get(which[i] * dimension, rows, 0, dimension);
      out[i] = one(similarity, query, rows, dimension);
    }
  }

  /** The sum of one query with one row. */
  static double one(Similarity similarity, float[] query, float[] row, int d) {
    double sum = 0;
    switch (similarity) {
      case INNER_PRODUCT, COSINE -> {
        for (int j = 0; j < d; j++) {
          sum += (double) query[j] * row[j];
        }
      }
      case L2 -> {
        for (int j = 0; j < d; j++) {
          double difference = (double) query[j] - row[j];
          sum += difference * difference;
        }
      }
      case L1 -> {
        for (int j = 0; j < d; j++) {
          sum += Math.abs((double) query[j] - row[j]);
        }
      }
    }
    return sum;
  }

  /** The score that a sum stands for. */
  static float score(Similarity similarity, double sum, double queryNorm, double rowNorm) {
    double score =
        switch (similarity) {
          case INNER_PRODUCT -> sum;
          case COSINE -> queryNorm * rowNorm == 0 ? 0 : sum / (queryNorm * rowNorm);
          case L2, L1 -> -sum;
        };
    return (float) score + 0f; // -0 becomes 0: they must tie.
  }

  private static void fourProducts(float[] query, float[] rows, int d, double[] out, int at) {
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

  private static void fourSquares(float[] query, float[] rows, int d, double[] out, int at) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int j = 0; j < d; j++) {
      double q = query[j];
      double d0 = q - rows[j];
      double d1 = q - rows[d + j];
      double d2 = q - rows[2 * d + j];
      double d3 = q - rows[3 * d + j];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    out[at] = s0;
    out[at + 1] = s1;
    out[at + 2] = s2;
    out[at + 3] = s3;
  }

  private static void fourDistances(float[] query, float[] rows, int d, double[] out, int at) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int j = 0; j < d; j++) {
      double q = query[j];
      s0 += Math.abs(q - rows[j]);
      s1 += Math.abs(q - rows[d + j]);
      s2 += Math.abs(q - rows[2 * d + j]);
      s3 += Math.abs(q - rows[3 * d + j]);
    }
    out[at] = s0;
    out[at + 1] = s1;
    out[at + 2] = s2;
    out[at + 3] = s3;
  }
}
