// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import java.nio.FloatBuffer;

/** Applies a {@link Preprocessing} by a table of its 256 results for each channel. */
final class PixelWriter {
  private final float[][] table = new float[3][256];
  private final boolean bgr;

  PixelWriter(Preprocessing preprocessing) {
    bgr = preprocessing.order() == Preprocessing.ChannelOrder.BGR;
    for (int c = 0; c < 3; c++) {
      double mean = preprocessing.mean().get(c);
      double std = preprocessing.std().get(c);
      for (int v = 0; v < 256; v++) {
        table[c][v] = (float) ((v * preprocessing.scale() - mean) / std);
      }
    }
  }

  /** Appends {@code [H,W,3]} values. */
  void write(RgbImage image, FloatBuffer out) {
    byte[] bytes = new byte[3 * image.width()];
    float[] floats = new float[3 * image.width()];
    int first = bgr ? 2 : 0;
    int last = bgr ? 0 : 2;
    for (int y = 0; y < image.height(); y++) {
      image.copyRowTo(y, bytes);
      for (int i = 0; i < bytes.length; i += 3) {
        floats[i] = table[0][bytes[i + first] & 0xFF];
        floats[i + 1] = table[1][bytes[i + 1] & 0xFF];
        floats[i + 2] = table[2][bytes[i + last] & 0xFF];
      }
      out.put(floats);
    }
  }
}
