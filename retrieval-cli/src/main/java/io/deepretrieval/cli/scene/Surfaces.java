// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.geom.Arc2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;

/** Paints roofs, columns and other surfaces without windows. */
final class Surfaces {
  private static final int SIZE = 128;

  private Surfaces() {}

  /** Roof tiles, slates or sheet metal: six metres square, repeats. */
  static Skin roof(Color color, Rng rng) {
    BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = FacadePainter.graphics(image, SIZE / 8.0, SIZE / 8.0);
    g.setColor(color.darker());
    g.fill(new Rectangle2D.Double(0, 0, 8, 8));
    int kind = rng.between(0, 2);
    for (int row = 0; row < 8; row++) {
      for (int i = -1; i < 8; i++) {
        double x = i + (row % 2) * 0.5;
        g.setColor(Colors.vary(color, 0.14, rng));
        if (kind == 0) {
          g.fill(new Rectangle2D.Double(x, row, 0.94, 0.84));
        } else if (kind == 1) {
          g.fill(new Rectangle2D.Double(x, row, 0.97, 0.5));
          g.fill(new Arc2D.Double(x, row, 0.97, 0.94, 180, 180, Arc2D.CHORD));
        } else {
          g.setColor(Colors.vary(color, 0.05, rng));
          g.fill(new Rectangle2D.Double(i, row, 0.82, 1.02));
        }
      }
    }
    g.dispose();
    return Skin.of(Texture.tiled(image));
  }

  /** One rib of a dome: light in the middle, dark at its sides. */
  static Skin rib(Color color, Rng rng) {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = FacadePainter.graphics(image, 32, 32);
    double lift = rng.range(1.1, 1.3);
    g.setPaint(
        new GradientPaint(
            0, 0, Colors.shade(color, 0.7), 0.5f, 0, Colors.shade(color, lift), true));
    g.fill(new Rectangle2D.Double(0, 0, 1, 1));
    g.dispose();
    return Skin.of(Texture.tiled(image));
  }

  /** One color with a little dirt. */
  static Skin plain(Color color, Rng rng) {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        image.setRGB(x, y, Colors.vary(color, 0.06, rng).getRGB());
      }
    }
    return Skin.of(Texture.tiled(image));
  }

  /** Merlons and gaps of a castle wall, repeats across. */
  static Skin merlons(Color color, Rng rng) {
    BufferedImage image = new BufferedImage(32, 16, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 32; x++) {
        boolean stone = y >= 9 || (x >= 4 && x < 22);
        image.setRGB(x, y, stone ? Colors.vary(color, 0.08, rng).getRGB() : 0);
      }
    }
    return Skin.of(Texture.tiled(image));
  }
}
