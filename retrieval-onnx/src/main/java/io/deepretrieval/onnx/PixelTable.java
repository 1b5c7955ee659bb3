// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.Preprocessing;

/** What each byte of a channel becomes. Immutable. */
final class PixelTable {
  private final float[][] values = new float[3][256];
  private final boolean bgr;

  PixelTable(Preprocessing preprocessing) {
    bgr = preprocessing.order() == Preprocessing.ChannelOrder.BGR;
    for (int c = 0; c < 3; c++) {
      double mean = preprocessing.mean().get(c);
      double std = preprocessing.std().get(c);
      for (int v = 0; v < 256; v++) {
        values[c][v] = (float) ((v * preprocessing.scale() - mean) / std);
      }
    }
  }

  /** Writes one channel, as the network orders them, of a row of pixels R, G, B. */
  void write(int channel, byte[] row, float[] out, int width) {
    float[] table = values[channel];
    int at = bgr ? 2 - channel : channel;
    for (int x = 0; x < width; x++, at += 3) {
      out[x] = table[row[at] & 0xFF];
    }
  }
}
