// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;

/**
 * Paints what a wall is made of.
 *
 * @param g where, in metres, y downwards from the top
 * @param style of the building
 * @param rng of the wall
 * @param w width
 * @param h height
 */
record WallPainter(Graphics2D g, FacadeStyle style, Rng rng, double w, double h) {
  /** Paints stones, timber or plaster, the pattern and the corners. */
  void paint() {
    Color base = style.wallColor();
    fill(0, 0, w, h, base);
    switch (style.wall()) {
      case BRICK -> blocks(0.95, 0.36, 0.16, 0.07, Colors.shade(base, 1.25));
      case ASHLAR -> blocks(1.7, 0.85, 0.10, 0.08, Colors.shade(base, 0.72));
      case PANELS -> blocks(style.bay(), style.storey(), 0.05, 0.12, Colors.shade(base, 0.7));
      case STRIPES -> {
        for (double y = 0; y < h; y += 1.8) {
          fill(0, y, w, 0.9, Colors.mix(base, style.accentColor(), 0.45));
        }
      }
      case TIMBER -> timber();
      case GLASS, PLASTER -> {}
    }
    pattern();
    if (style.quoins()) {
      for (double y = 0; y < h; y += 1.4) {
        for (double x : new double[] {0, w - 1.1}) {
          fill(x, y, 1.1, 0.66, style.trimColor());
          fill(x == 0 ? 0 : w - 0.7, y + 0.7, 0.7, 0.62, style.trimColor());
        }
      }
    }
  }

  private void pattern() {
    double s = style.patternSize();
    Color paint = Colors.mix(style.wallColor(), style.accentColor(), 0.7);
    g.setColor(new Color(paint.getRed(), paint.getGreen(), paint.getBlue(), 215));
    int row = 0;
    for (double y = 0; y < h; y += s, row++) {
      int column = 0;
      for (double x = 0; x < w; x += s, column++) {
        boolean even = (row + column) % 2 == 0;
        switch (style.pattern()) {
          case CHECKS -> {
            if (even) {
              g.fill(new Rectangle2D.Double(x, y, s, s));
            }
          }
          case COLUMNS -> g.fill(new Rectangle2D.Double(x, y, s * 0.45, s));
          case ROWS -> g.fill(new Rectangle2D.Double(x, y, s, s * 0.45));
          case DIAMONDS ->
              g.fill(
                  FacadeShapes.polygon(
                      x, y + s / 2, x + s / 2, y, x + s, y + s / 2, x + s / 2, y + s));
          case DISCS -> {
            if (even) {
              g.fill(new Ellipse2D.Double(x + s * 0.1, y + s * 0.1, s * 0.8, s * 0.8));
            }
          }
          case ZIGZAG ->
              g.fill(
                  FacadeShapes.polygon(
                      x,
                      y + s * 0.5,
                      x + s / 2,
                      y,
                      x + s,
                      y + s * 0.5,
                      x + s,
                      y + s * 0.9,
                      x + s / 2,
                      y + s * 0.4,
                      x,
                      y + s * 0.9));
          case NONE -> {}
        }
      }
    }
  }

  private void blocks(double bw, double bh, double jitter, double joint, Color joints) {
    fill(0, 0, w, h, joints);
    int row = 0;
    for (double y = 0; y < h; y += bh, row++) {
      for (double x = row % 2 == 0 ? 0 : -bw / 2; x < w; x += bw) {
        fill(x, y, bw - joint, bh - joint, Colors.vary(style.wallColor(), jitter, rng));
      }
    }
  }

  private void timber() {
    Color beam = Colors.shade(new Color(0x4A3626), rng.range(0.8, 1.3));
    g.setColor(beam);
    g.setStroke(new BasicStroke(0.32f));
    for (double y = 0; y < h; y += style.storey()) {
      g.draw(new Line2D.Double(0, y, w, y));
    }
    for (double x = 0; x <= w; x += style.bay() / 2) {
      g.draw(new Line2D.Double(x, 0, x, h));
    }
    boolean cross = rng.chance(0.5);
    for (double y = 0; y < h; y += style.storey()) {
      for (double x = 0; x < w; x += style.bay()) {
        g.draw(new Line2D.Double(x, y, x + style.bay() / 2, y + style.storey()));
        if (cross) {
          g.draw(new Line2D.Double(x + style.bay() / 2, y, x, y + style.storey()));
        }
      }
    }
  }

  private void fill(double x, double y, double width, double height, Color color) {
    FacadeShapes.fill(g, x, y, width, height, color);
  }
}
