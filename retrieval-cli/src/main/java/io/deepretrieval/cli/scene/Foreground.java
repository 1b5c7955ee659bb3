// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;

/** Paints what stands between the camera and the building. Lengths in metres, y upwards. */
final class Foreground {
  private final Graphics2D g;
  private final Camera camera;
  private final Vec light;
  private final Vec exposure;

  Foreground(Graphics2D g, Camera camera, Vec light, Vec exposure) {
    this.g = g;
    this.camera = camera;
    this.light = light;
    this.exposure = exposure;
  }

  /** One thing at a place on the ground. */
  void paint(Kind kind, Vec foot, Rng rng) {
    double depth = camera.depth(foot);
    if (depth < 1.5) {
      return;
    }
    AffineTransform old = g.getTransform();
    g.translate(camera.column(foot), camera.row(foot));
    double scale = camera.focal() / depth;
    g.scale(scale, -scale);
    switch (kind) {
      case PERSON -> person(rng);
      case TREE -> tree(rng, rng.range(5, 12));
      case CAR -> car(rng);
      case LAMP -> lamp(rng);
      case BUS -> bus(rng);
      case BUSH -> crown(rng, 0, rng.range(0.8, 1.6), rng.range(1.2, 2.4), 22);
    }
    g.setTransform(old);
  }

  /** What can stand in front. */
  enum Kind {
    PERSON,
    TREE,
    CAR,
    LAMP,
    BUS,
    BUSH
  }

  /** The color of a thing in the light of the image. */
  private Color lit(Color c) {
    return new Color(
        channel(c.getRed(), light.x() * exposure.x()),
        channel(c.getGreen(), light.y() * exposure.y()),
        channel(c.getBlue(), light.z() * exposure.z()));
  }

  private int channel(int value, double in) {
    double linear = value / 255.0 * value / 255.0 * in;
    return Colors.clamp(255 * Landscape.tone(linear));
  }

  private void color(Color c) {
    g.setColor(lit(c));
  }

  private void person(Rng rng) {
    double h = rng.range(1.5, 1.9);
    double lean = rng.range(-0.12, 0.12);
    color(Colors.vary(rng.pick(Colors.GOODS), 0.2, rng));
    g.fill(new Rectangle2D.Double(-0.2, 0, 0.17, h * 0.48));
    g.fill(new Rectangle2D.Double(0.03 + lean, 0, 0.17, h * 0.48));
    color(Colors.vary(rng.pick(Colors.GOODS), 0.2, rng));
    g.fill(new RoundRectangle2D.Double(-0.27, h * 0.44, 0.54, h * 0.4, 0.25, 0.25));
    g.setStroke(new BasicStroke(0.13f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    g.draw(new Line2D.Double(-0.27, h * 0.78, -0.34 - lean, h * 0.5));
    g.draw(new Line2D.Double(0.27, h * 0.78, 0.38 + 2 * lean, h * rng.range(0.5, 0.95)));
    color(Colors.vary(rng.pick(new Color(0xD9A98A), new Color(0x8A5A3C)), 0.1, rng));
    g.fill(new Ellipse2D.Double(-0.12, h * 0.86, 0.24, h * 0.15));
    color(rng.pick(new Color(0x2A2018), new Color(0x6A4A28), new Color(0xB8A080)));
    g.fill(new Ellipse2D.Double(-0.13, h * 0.93, 0.26, h * 0.09));
  }

  private void tree(Rng rng, double h) {
    color(Colors.vary(new Color(0x4A3A2A), 0.2, rng));
    double t = h * 0.035;
    Path2D trunk = new Path2D.Double();
    trunk.moveTo(-t, 0);
    trunk.lineTo(t, 0);
    trunk.lineTo(t * 0.5, h * 0.6);
    trunk.lineTo(-t * 0.5, h * 0.6);
    trunk.closePath();
    g.fill(trunk);
    if (rng.chance(0.2)) {
      branches(rng, 0, h * 0.35, Math.PI / 2, h * 0.3, 5);
      return;
    }
    if (rng.chance(0.2)) {
      Color needle = Colors.vary(new Color(0x2E4A32), 0.2, rng);
      for (int i = 0; i < 6; i++) {
        double y = h * (0.15 + 0.14 * i);
        double r = h * 0.24 * (1 - i / 6.5);
        color(Colors.vary(needle, 0.15, rng));
        Path2D skirt = new Path2D.Double();
        skirt.moveTo(-r, y);
        skirt.lineTo(r, y);
        skirt.lineTo(0, y + h * 0.3);
        skirt.closePath();
        g.fill(skirt);
      }
      return;
    }
    crown(rng, h * 0.66, h * 0.3, h * 0.32, 60);
  }

  private void crown(Rng rng, double y, double ry, double rx, int leaves) {
    Color leaf =
        Colors.vary(
            rng.pick(
                new Color(0x4E6B2E),
                new Color(0x3C5A30),
                new Color(0x6B7A34),
                new Color(0xA06A28),
                new Color(0x55703C)),
            0.2,
            rng);
    for (int i = 0; i < leaves; i++) {
      double a = rng.range(0, 2 * Math.PI);
      double d = Math.sqrt(rng.range(0, 1));
      double cx = rx * d * Math.cos(a);
      double cy = y + ry * d * Math.sin(a);
      double r = rx * rng.range(0.16, 0.34);
      color(Colors.shade(leaf, 0.6 + 0.5 * (cy - y + ry) / (2 * ry) + rng.range(-0.15, 0.15)));
      g.fill(new Ellipse2D.Double(cx - r, cy - r * 0.8, 2 * r, 1.6 * r));
    }
  }

  private void branches(Rng rng, double x, double y, double angle, double length, int depth) {
    if (depth == 0) {
      return;
    }
    double x1 = x + length * Math.cos(angle);
    double y1 = y + length * Math.sin(angle);
    g.setStroke(new BasicStroke((float) (0.035 * depth)));
    g.draw(new Line2D.Double(x, y, x1, y1));
    for (int i = 0; i < 3; i++) {
      branches(rng, x1, y1, angle + rng.range(-0.8, 0.8), length * rng.range(0.55, 0.8), depth - 1);
    }
  }

  private void car(Rng rng) {
    Color body = Colors.vary(rng.pick(Colors.GOODS), 0.2, rng);
    double l = rng.range(1.9, 2.4);
    color(body);
    g.fill(new RoundRectangle2D.Double(-l, 0.3, 2 * l, 0.65, 0.4, 0.4));
    Path2D cabin = new Path2D.Double();
    cabin.moveTo(-l * 0.7, 0.9);
    cabin.lineTo(-l * 0.42, 1.45);
    cabin.lineTo(l * 0.35, 1.45);
    cabin.lineTo(l * 0.7, 0.9);
    cabin.closePath();
    g.fill(cabin);
    color(new Color(0x30383F));
    Path2D glass = new Path2D.Double();
    glass.moveTo(-l * 0.6, 0.92);
    glass.lineTo(-l * 0.38, 1.36);
    glass.lineTo(l * 0.32, 1.36);
    glass.lineTo(l * 0.58, 0.92);
    glass.closePath();
    g.fill(glass);
    color(new Color(0x151515));
    for (double x : new double[] {-l * 0.62, l * 0.62}) {
      g.fill(new Ellipse2D.Double(x - 0.33, 0, 0.66, 0.66));
    }
  }

  private void bus(Rng rng) {
    Color body = Colors.vary(rng.pick(Colors.GOODS), 0.2, rng);
    color(body);
    g.fill(new RoundRectangle2D.Double(-5.5, 0.4, 11, 2.9, 0.5, 0.5));
    color(new Color(0x2B3238));
    for (double x = -5.1; x < 4.6; x += 1.5) {
      g.fill(new Rectangle2D.Double(x, 1.7, 1.3, 1.1));
    }
    color(Colors.shade(body, 1.4));
    g.fill(new Rectangle2D.Double(-5.4, 0.9, 10.8, 0.25));
    color(new Color(0x151515));
    for (double x : new double[] {-3.6, 3.4}) {
      g.fill(new Ellipse2D.Double(x - 0.5, 0, 1, 1));
    }
  }

  private void lamp(Rng rng) {
    double h = rng.range(4.5, 7.5);
    color(new Color(0x2C2F30));
    g.fill(new Rectangle2D.Double(-0.08, 0, 0.16, h));
    g.fill(new Rectangle2D.Double(-0.2, 0, 0.4, 0.9));
    if (rng.chance(0.5)) {
      g.setStroke(new BasicStroke(0.12f));
      g.draw(new Line2D.Double(0, h, 1.3, h + 0.3));
      g.fill(new Rectangle2D.Double(0.9, h + 0.1, 0.9, 0.22));
    } else {
      g.fill(new Rectangle2D.Double(-0.3, h, 0.6, 0.15));
      color(new Color(0xE8E0C8));
      g.fill(new Ellipse2D.Double(-0.25, h + 0.1, 0.5, 0.65));
    }
  }
}
