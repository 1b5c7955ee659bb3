// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.nio.FloatBuffer;

/**
 * Rows in one byte a component: x ≈ s·c with s = max |x_i| / 127 and c_i = x_i / s rounded. A
 * search reads a quarter of the memory, and the known length of what is lost, ‖x - s·c‖, bounds how
 * far a product with any query is off: by at most that length times ‖q‖ (Cauchy-Schwarz).
 */
final class Int8Codes {
  final byte[] bytes;
  final float[] scales;

  /** The greatest ‖x - s·c‖. */
  final double loss;

  /** The greatest ‖x - s·c‖ / ‖x‖ of a row that is not zero. */
  final double relativeLoss;

  private Int8Codes(byte[] bytes, float[] scales, double loss, double relativeLoss) {
    this.bytes = bytes;
    this.scales = scales;
    this.loss = loss;
    this.relativeLoss = relativeLoss;
  }

  static Int8Codes of(FloatBuffer floats, int rows, int d, double[] norms) {
    byte[] bytes = new byte[rows * d];
    float[] scales = new float[rows];
    float[] row = new float[d];
    double loss = 0;
    double relative = 0;
    for (int r = 0; r < rows; r++) {
      floats.get(r * d, row);
      float greatest = 0;
      for (float value : row) {
        greatest = Math.max(greatest, Math.abs(value));
      }
      float scale = greatest / 127;
      scales[r] = scale;
      double sum = 0;
      for (int j = 0; j < d; j++) {
        int code = scale == 0 ? 0 : Math.max(-127, Math.min(127, Math.round(row[j] / scale)));
        bytes[r * d + j] = (byte) code;
        double lost = row[j] - (double) scale * code;
        sum += lost * lost;
      }
      // A little more than the sum in double can be off.
      double length = 1.000001 * Math.sqrt(sum);
      loss = Math.max(loss, length);
      relative = norms[r] == 0 ? relative : Math.max(relative, length / norms[r]);
    }
    return new Int8Codes(bytes, scales, loss, relative);
  }
}
