// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.SimilarityMap;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * A share map as a small PNG to be laid over its image, one pixel a cell: dark where nothing comes
 * from, brighter the more a cell adds, blue where it takes away, relative to the largest.
 */
final class SimilarityOverlay {
  /** Above it a map is drawn coarser; the largest that 32 x 32 cells of 16 colors may take. */
  private static final int MOST_BYTES = 900;

  /** Red, green, blue and alpha: three that take away, nothing, twelve that add. */
  private static final int[][] PALETTE = {
    {80, 160, 255, 200},
    {40, 110, 220, 190},
    {20, 60, 140, 185},
    {0, 0, 8, 180},
    {28, 16, 68, 178},
    {54, 16, 106, 176},
    {81, 18, 124, 174},
    {111, 31, 129, 172},
    {140, 41, 128, 170},
    {170, 51, 125, 168},
    {200, 62, 115, 166},
    {226, 77, 101, 162},
    {244, 104, 92, 158},
    {252, 141, 98, 154},
    {254, 184, 124, 150},
    {252, 240, 176, 146}
  };

  private static final int NOTHING = 3;
  private static final int MOST = 12;

  private SimilarityOverlay() {}

  /** A data URI. */
  static String uri(SimilarityMap map) throws IOException {
    SimilarityMap drawn = map;
    byte[] png = png(drawn);
    while (png.length > MOST_BYTES && drawn.height() * drawn.width() > 1) {
      drawn = drawn.resized((drawn.height() + 1) / 2, (drawn.width() + 1) / 2);
      png = png(drawn);
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  private static byte[] png(SimilarityMap map) throws IOException {
    byte[][] channels = new byte[4][PALETTE.length];
    for (int i = 0; i < PALETTE.length; i++) {
      for (int c = 0; c < 4; c++) {
        channels[c][i] = (byte) PALETTE[i][c];
      }
    }
    IndexColorModel colors =
        new IndexColorModel(4, PALETTE.length, channels[0], channels[1], channels[2], channels[3]);
    BufferedImage image =
        new BufferedImage(map.width(), map.height(), BufferedImage.TYPE_BYTE_BINARY, colors);
    double largest = largest(map);
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        image.getRaster().setSample(x, y, 0, color(map.at(y, x), largest));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static double largest(SimilarityMap map) {
    double largest = 0;
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        largest = Math.max(largest, Math.abs(map.at(y, x)));
      }
    }
    return largest;
  }

  /** Index into the palette. */
  static int color(double share, double largest) {
    double relative = largest == 0 ? 0 : share / largest;
    return NOTHING + (int) Math.round(relative * (relative < 0 ? NOTHING : MOST));
  }

  /** Says a map in words, for who cannot see it. */
  static String words(SimilarityMap map) {
    int y = 0;
    int x = 0;
    for (int i = 0; i < map.height() * map.width(); i++) {
      if (map.at(i / map.width(), i % map.width()) > map.at(y, x)) {
        y = i / map.width();
        x = i % map.width();
      }
    }
    return String.format(
        Locale.ROOT,
        "shares of cosine %.4f on %d by %d cells, the largest %.4f at row %d, column %d",
        map.sum(),
        map.height(),
        map.width(),
        map.at(y, x),
        y + 1,
        x + 1);
  }
}
