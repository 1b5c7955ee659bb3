// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * An image on a surface, with smaller copies of itself for when it is seen from far away. Alpha
 * below one half is a hole. Immutable.
 */
final class Texture {
  private static final class Level {
    final int width;
    final int height;
    final int[] argb;

    Level(int width, int height, int[] argb) {
      this.width = width;
      this.height = height;
      this.argb = argb;
    }
  }

  private final List<Level> levels = new ArrayList<>();
  private final boolean repeat;

  private Texture(Level base, boolean repeat) {
    this.repeat = repeat;
    Level level = base;
    levels.add(level);
    while (level.width > 1 && level.height > 1) {
      level = half(level);
      levels.add(level);
    }
  }

  /** An image that lies once on [0,1]². */
  static Texture once(BufferedImage image) {
    return new Texture(pixels(image), false);
  }

  /** An image that repeats beyond [0,1]². */
  static Texture tiled(BufferedImage image) {
    return new Texture(pixels(image), true);
  }

  private static Level pixels(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    return new Level(w, h, Raster.of(image).clone());
  }

  private static Level half(Level from) {
    int w = from.width / 2;
    int h = from.height / 2;
    int[] out = new int[w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int i = 2 * y * from.width + 2 * x;
        int a = from.argb[i];
        int b = from.argb[i + 1];
        int c = from.argb[i + from.width];
        int d = from.argb[i + from.width + 1];
        int pixel = 0;
        for (int shift = 0; shift < 32; shift += 8) {
          int sum =
              (a >>> shift & 255) + (b >>> shift & 255) + (c >>> shift & 255) + (d >>> shift & 255);
          pixel |= ((sum + 2) / 4) << shift;
        }
        out[y * w + x] = pixel;
      }
    }
    return new Level(w, h, out);
  }

  int width() {
    return levels.get(0).width;
  }

  int height() {
    return levels.get(0).height;
  }

  /** The copy in which one pixel covers so many pixels of the largest. */
  int level(double texelsPerPixel) {
    int level = (int) Math.floor(Math.log(Math.max(1, texelsPerPixel)) / Math.log(2) + 0.3);
    return Math.min(level, levels.size() - 1);
  }

  /** The bilinear color, as packed ARGB. */
  int sample(double u, double v, int levelIndex) {
    Level level = levels.get(levelIndex);
    double x = u * level.width - 0.5;
    double y = v * level.height - 0.5;
    int x0 = (int) Math.floor(x);
    int y0 = (int) Math.floor(y);
    double fx = x - x0;
    double fy = y - y0;
    int a = level.argb[index(x0, y0, level)];
    int b = level.argb[index(x0 + 1, y0, level)];
    int c = level.argb[index(x0, y0 + 1, level)];
    int d = level.argb[index(x0 + 1, y0 + 1, level)];
    int out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      double top = (a >>> shift & 255) * (1 - fx) + (b >>> shift & 255) * fx;
      double bottom = (c >>> shift & 255) * (1 - fx) + (d >>> shift & 255) * fx;
      out |= (int) (top * (1 - fy) + bottom * fy + 0.5) << shift;
    }
    return out;
  }

  private int index(int x, int y, Level level) {
    int cx = repeat ? Math.floorMod(x, level.width) : Math.max(0, Math.min(level.width - 1, x));
    int cy = repeat ? Math.floorMod(y, level.height) : Math.max(0, Math.min(level.height - 1, y));
    return cy * level.width + cx;
  }
}
