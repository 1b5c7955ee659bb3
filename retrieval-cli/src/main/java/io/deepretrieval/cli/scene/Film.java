// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.image.BufferedImage;

/** What a camera does to light: white balance, contrast, blur, a dark rim and noise. */
final class Film {
  private Film() {}

  /** Shrinks an image by a whole factor and makes it a photo. */
  static BufferedImage develop(BufferedImage large, int factor, Rng rng) {
    int w = large.getWidth() / factor;
    int h = large.getHeight() / factor;
    double[][] planes = shrink(large, factor, w, h);
    if (rng.chance(0.06)) {
      for (int c = 0; c < 3; c++) {
        planes[c] = blur(planes[c], w, h);
      }
    }
    double warmth = rng.gaussian() * 0.03;
    double tint = rng.gaussian() * 0.01;
    double[] gain = {1 + warmth + tint, 1 - tint, 1 - warmth + tint};
    double contrast = rng.range(0.9, 1.1);
    double saturation = rng.chance(0.02) ? 0 : rng.range(0.8, 1.15);
    double rim = rng.range(0, 0.2);
    double grain = rng.range(0.2, 1.6);
    boolean mono = saturation == 0;
    BufferedImage out = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    int[] pixels = Raster.of(out);
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int i = y * w + x;
        double dx = 2.0 * x / w - 1;
        double dy = 2.0 * y / h - 1;
        double dark = 1 - rim * (dx * dx + dy * dy) / 2;
        double gray = 0.3 * planes[0][i] + 0.59 * planes[1][i] + 0.11 * planes[2][i];
        double speck = grain * rng.gaussian();
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          double v = gray + saturation * (planes[c][i] - gray);
          v = 118 + contrast * (v * (mono ? 1 : gain[c]) * dark - 118);
          rgb = rgb << 8 | Colors.clamp(v + speck + (mono ? 0 : 0.5 * grain * rng.gaussian()));
        }
        pixels[i] = rgb;
      }
    }
    return out;
  }

  private static double[][] shrink(BufferedImage large, int factor, int w, int h) {
    double[][] planes = new double[3][w * h];
    int[] pixels = Raster.of(large);
    double share = 1.0 / (factor * factor);
    for (int y = 0; y < h * factor; y++) {
      for (int x = 0; x < w * factor; x++) {
        int rgb = pixels[y * large.getWidth() + x];
        int i = y / factor * w + x / factor;
        planes[0][i] += share * (rgb >> 16 & 255);
        planes[1][i] += share * (rgb >> 8 & 255);
        planes[2][i] += share * (rgb & 255);
      }
    }
    return planes;
  }

  private static double[] blur(double[] plane, int w, int h) {
    double[] out = new double[plane.length];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        double sum = 0;
        double weights = 0;
        for (int dy = -1; dy <= 1; dy++) {
          for (int dx = -1; dx <= 1; dx++) {
            if (y + dy >= 0 && y + dy < h && x + dx >= 0 && x + dx < w) {
              double weight = (2 - Math.abs(dx)) * (2 - Math.abs(dy));
              sum += weight * plane[(y + dy) * w + x + dx];
              weights += weight;
            }
          }
        }
        out[y * w + x] = sum / weights;
      }
    }
    return out;
  }
}
