// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Paints walls with windows, doors and ornaments. Works in metres, y downwards from the top. */
final class FacadePainter {
  /** Which wall is painted. */
  enum Role {
    FRONT,
    SIDE,
    GABLE
  }

  private static final int LONGEST = 420;

  private final FacadeStyle style;
  private final Rng rng;
  private final double w;
  private final double h;
  private final BufferedImage image;
  private final BufferedImage lights;
  private final Graphics2D g;
  private final Graphics2D glow;
  private final WallPainter wall;

  private FacadePainter(FacadeStyle style, double w, double h, long salt) {
    this.style = style;
    this.rng = Rng.of(style.seed(), salt);
    this.w = w;
    this.h = h;
    double scale = Math.min(16, LONGEST / Math.max(w, h));
    int pw = (int) Math.max(8, Math.round(w * scale));
    int ph = (int) Math.max(8, Math.round(h * scale));
    image = new BufferedImage(pw, ph, BufferedImage.TYPE_INT_ARGB);
    lights = new BufferedImage(pw, ph, BufferedImage.TYPE_INT_ARGB);
    g = graphics(image, pw / w, ph / h);
    glow = graphics(lights, pw / w, ph / h);
    wall = new WallPainter(g, style, rng, w, h);
    glow.setColor(Color.BLACK);
    glow.fill(new Rectangle2D.Double(0, 0, w, h));
  }

  static Graphics2D graphics(BufferedImage image, double sx, double sy) {
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.scale(sx, sy);
    return g;
  }

  /** Paints a wall of so many metres. The same salt gives the same wall. */
  static Skin paint(FacadeStyle style, double width, double height, Role role, long salt) {
    FacadePainter painter = new FacadePainter(style, width, height, salt);
    painter.wall.paint();
    if (role == Role.GABLE) {
      painter.gable();
    } else {
      painter.storeys(role);
    }
    painter.dirt();
    painter.g.dispose();
    painter.glow.dispose();
    return new Skin(Texture.once(painter.image), Optional.of(Texture.once(painter.lights)));
  }

  /** A wall without openings, for towers, drums and walls of castles. */
  static Skin blank(FacadeStyle style, double width, double height, long salt) {
    FacadePainter painter = new FacadePainter(style, width, height, salt);
    painter.wall.paint();
    painter.dirt();
    painter.g.dispose();
    painter.glow.dispose();
    return Skin.of(Texture.once(painter.image));
  }

  private void fill(double x, double y, double width, double height, Color color) {
    FacadeShapes.fill(g, x, y, width, height, color);
  }

  private void storeys(Role role) {
    double top = Math.min(1.4, h * 0.12);
    double ground = Math.min(h, style.storey() * 1.25);
    int floors = (int) Math.max(0, Math.round((h - top - ground) / style.storey()));
    int bays = (int) Math.max(1, Math.round(w / style.bay()));
    if (bays % 2 == 0 && role == Role.FRONT) {
      bays++;
    }
    double bay = w / bays;
    double storey = floors == 0 ? 0 : (h - top - ground) / floors;
    if (style.wall() == FacadeStyle.Wall.GLASS) {
      curtain(bays, floors + 1, bay, (h - top) / (floors + 1), top);
    } else {
      for (int floor = 0; floor < floors; floor++) {
        double y = top + floor * storey;
        for (int i = 0; i < bays; i++) {
          window(i * bay, y, bay, storey);
        }
        if (style.bands()) {
          fill(0, y + storey - 0.2, w, 0.4, style.trimColor());
          fill(0, y + storey + 0.2, w, 0.15, Colors.shade(style.wallColor(), 0.6));
        }
      }
      groundFloor(role, bays, bay, h - ground, ground);
      if (style.pilasters()) {
        for (int i = 0; i <= bays; i++) {
          double x = Math.min(w - 0.6, Math.max(0, i * bay - 0.3));
          pilaster(x, top, 0.6, h - top);
        }
      }
    }
    cornice(top);
    if (role == Role.FRONT && style.emblem() > 0 && h > 7) {
      double r = Math.min(Math.min(w / 7, 2.6), h / 7);
      emblem(w / 2, top + r + 0.8, r);
    }
  }

  private void pilaster(double x, double y, double width, double height) {
    g.setPaint(
        new GradientPaint(
            (float) x,
            0,
            Colors.shade(style.trimColor(), 1.08),
            (float) (x + width),
            0,
            Colors.shade(style.trimColor(), 0.66)));
    g.fill(new Rectangle2D.Double(x, y, width, height));
    fill(x - 0.12, y, width + 0.24, 0.4, style.trimColor());
  }

  private void curtain(int bays, int floors, double bay, double storey, double top) {
    for (int floor = 0; floor < floors; floor++) {
      for (int i = 0; i < bays; i++) {
        double x = i * bay + 0.12;
        double y = top + floor * storey + 0.2;
        Color pane = Colors.vary(style.wallColor(), 0.22, rng);
        g.setPaint(
            new GradientPaint(
                0, (float) y, Colors.shade(pane, 1.25), 0, (float) (y + storey), pane.darker()));
        Rectangle2D glass = new Rectangle2D.Double(x, y, bay - 0.24, storey - 0.4);
        g.fill(glass);
        light(glass, 0.45);
      }
    }
    fill(0, 0, w, top, style.trimColor());
  }

  private void light(Shape glass, double chance) {
    if (rng.chance(chance)) {
      Color warm = rng.pick(new Color(0xFFD98A), new Color(0xFFE9C0), new Color(0xFFC061));
      glow.setColor(Colors.shade(warm, rng.range(0.5, 1)));
      glow.fill(glass);
    }
  }

  private void window(double x, double y, double bay, double storey) {
    double ww = bay * style.windowWidth();
    double wh = storey * style.windowHeight();
    double wx = x + (bay - ww) / 2;
    double wy = y + (storey - wh) * 0.55;
    if (style.window() == FacadeStyle.Window.PAIR) {
      opening(wx, wy, ww * 0.44, wh, FacadeStyle.Window.ROUND);
      opening(wx + ww * 0.56, wy, ww * 0.44, wh, FacadeStyle.Window.ROUND);
    } else {
      opening(wx, wy, ww, wh, style.window());
    }
    if (style.shutters()) {
      for (double sx : new double[] {wx - ww * 0.42, wx + ww * 1.04}) {
        fill(sx, wy, ww * 0.38, wh, style.accentColor());
        g.setColor(style.accentColor().darker());
        g.setStroke(new BasicStroke(0.06f));
        for (double sy = wy + 0.2; sy < wy + wh; sy += 0.3) {
          g.draw(new Line2D.Double(sx, sy, sx + ww * 0.38, sy));
        }
      }
    }
    hood(wx, wy, ww);
  }

  private void hood(double x, double y, double width) {
    g.setColor(style.trimColor());
    double a = x - 0.3;
    double b = x + width + 0.3;
    switch (style.hoods()) {
      case 1 -> fill(a, y - 0.45, b - a, 0.3, style.trimColor());
      case 2 -> g.fill(FacadeShapes.polygon(a, y - 0.25, b, y - 0.25, x + width / 2, y - 0.95));
      case 3 -> g.fill(new Arc2D.Double(a, y - 0.95, b - a, 1.4, 0, 180, Arc2D.CHORD));
      default -> {}
    }
  }

  private void opening(double x, double y, double ww, double wh, FacadeStyle.Window shape) {
    double f = Math.min(0.22, ww * 0.15);
    g.setColor(style.trimColor());
    g.fill(FacadeShapes.outline(x - f, y - f, ww + 2 * f, wh + 2 * f, shape));
    Shape glass = FacadeShapes.outline(x, y, ww, wh, shape);
    Color pane = Colors.vary(new Color(0x39434C), 0.25, rng);
    g.setPaint(
        new GradientPaint(
            (float) x,
            (float) y,
            pane.darker(),
            (float) (x + ww),
            (float) (y + wh),
            Colors.shade(pane, 1.5)));
    g.fill(glass);
    g.setPaint(new Color(0, 0, 0, 110));
    g.fill(new Rectangle2D.Double(x, y + wh * 0.02, ww * 0.12, wh * 0.98));
    Shape old = g.getClip();
    g.clip(glass);
    g.setColor(style.trimColor());
    g.setStroke(new BasicStroke(0.1f));
    for (int i = 1; i < style.bars() + 1; i++) {
      double bx = x + ww * i / (style.bars() + 1);
      double by = y + wh * i / (style.bars() + 1);
      g.draw(new Line2D.Double(bx, y, bx, y + wh));
      g.draw(new Line2D.Double(x, by, x + ww, by));
    }
    g.setClip(old);
    light(glass, 0.4);
    fill(x - f * 1.5, y + wh + f, ww + 3 * f, 0.2, Colors.shade(style.trimColor(), 0.85));
  }

  private void groundFloor(Role role, int bays, double bay, double y, double height) {
    if (style.bands()) {
      fill(0, y - 0.25, w, 0.5, style.trimColor());
    }
    for (int i = 0; i < bays; i++) {
      boolean door = role == Role.FRONT && i == bays / 2;
      double x = i * bay;
      if (door) {
        double dw = bay * 0.62;
        double dh = height * 0.8;
        Shape frame =
            FacadeShapes.outline(
                x + (bay - dw) / 2 - 0.35, h - dh - 0.35, dw + 0.7, dh + 0.35, doorShape());
        g.setColor(style.trimColor());
        g.fill(frame);
        Shape leaf = FacadeShapes.outline(x + (bay - dw) / 2, h - dh, dw, dh, doorShape());
        g.setColor(Colors.shade(style.accentColor(), 0.55));
        g.fill(leaf);
        g.setColor(Color.BLACK);
        g.setStroke(new BasicStroke(0.08f));
        g.draw(new Line2D.Double(x + bay / 2, h - dh, x + bay / 2, h));
      } else if (style.arcade()) {
        double aw = bay * 0.74;
        double ah = height * 0.84;
        Shape arch = FacadeShapes.outline(x + (bay - aw) / 2, h - ah, aw, ah, doorShape());
        g.setPaint(
            new GradientPaint(
                0,
                (float) (h - ah),
                new Color(0x18, 0x16, 0x16),
                0,
                (float) h,
                Colors.shade(style.wallColor(), 0.42)));
        g.fill(arch);
        g.setColor(style.trimColor());
        g.setStroke(new BasicStroke(0.25f));
        g.draw(arch);
        light(arch, 0.8);
      } else {
        window(x, y, bay, height * 0.92);
      }
    }
    fill(0, h - 0.6, w, 0.6, Colors.shade(style.trimColor(), 0.7));
  }

  private FacadeStyle.Window doorShape() {
    return style.window() == FacadeStyle.Window.POINTED
        ? FacadeStyle.Window.POINTED
        : style.window() == FacadeStyle.Window.SQUARE
            ? FacadeStyle.Window.SQUARE
            : FacadeStyle.Window.ROUND;
  }

  private void cornice(double height) {
    Color trim = style.trimColor();
    fill(0, 0, w, height * 0.6, trim);
    fill(0, height * 0.55, w, height * 0.15, Colors.shade(trim, 0.55));
    g.setColor(Colors.mix(style.accentColor(), trim, 0.25));
    double step = Math.max(0.9, height * 0.8);
    double s = height * 0.45;
    for (double x = step / 4; x < w; x += step) {
      double y = height * 0.06;
      switch (style.frieze()) {
        case 1 -> g.fill(FacadeShapes.polygon(x, y + s, x + s, y + s, x + s / 2, y));
        case 2 ->
            g.fill(
                FacadeShapes.polygon(
                    x, y + s / 2, x + s / 2, y, x + s, y + s / 2, x + s / 2, y + s));
        case 3 -> g.fill(new Ellipse2D.Double(x, y, s, s));
        case 4 -> g.fill(new Rectangle2D.Double(x, y, s * 0.7, s));
        default -> {}
      }
    }
    fill(0, height * 0.7, w, height * 0.12, Colors.shade(style.wallColor(), 0.62));
  }

  private void gable() {
    g.setColor(style.trimColor());
    g.setStroke(new BasicStroke((float) Math.min(1.2, w / 14)));
    g.draw(FacadeShapes.polygon(0, h, w, h, w / 2, 0));
    double r = Math.min(w / 9, h / 4.2);
    emblem(w / 2, h * 0.66, r);
  }

  /** A round ornament that only this building has. */
  private void emblem(double x, double y, double r) {
    Rng own = Rng.of(style.seed(), 77);
    int petals = own.between(4, 12);
    g.setColor(style.trimColor());
    g.fill(new Ellipse2D.Double(x - r * 1.15, y - r * 1.15, 2.3 * r, 2.3 * r));
    Shape disc = new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r);
    boolean clock = style.emblem() == 2;
    g.setColor(clock ? new Color(0xF1EBD8) : Colors.shade(style.accentColor(), 0.5));
    g.fill(disc);
    if (clock) {
      g.setColor(Color.BLACK);
      g.setStroke(new BasicStroke((float) (r * 0.1)));
      for (int i = 0; i < 12; i++) {
        double a = Math.PI * i / 6;
        g.draw(
            new Line2D.Double(
                x + 0.78 * r * Math.sin(a),
                y - 0.78 * r * Math.cos(a),
                x + 0.92 * r * Math.sin(a),
                y - 0.92 * r * Math.cos(a)));
      }
      g.draw(new Line2D.Double(x, y, x + 0.5 * r, y - 0.3 * r));
      g.draw(new Line2D.Double(x, y, x - 0.1 * r, y - 0.75 * r));
      light(disc, 1);
      return;
    }
    for (int ring = 0; ring < (style.emblem() == 3 ? 2 : 1); ring++) {
      double reach = r * (ring == 0 ? 0.62 : 0.3);
      double size = r * (ring == 0 ? 0.26 : 0.16) * 6 / Math.max(5, petals) * 1.4;
      g.setColor(Colors.vary(own.pick(Colors.ACCENTS), 0.2, own).brighter());
      for (int i = 0; i < petals; i++) {
        double a = 2 * Math.PI * i / petals + ring * 0.3;
        g.fill(
            new Ellipse2D.Double(
                x + reach * Math.sin(a) - size,
                y - reach * Math.cos(a) - size,
                2 * size,
                2 * size));
      }
    }
    g.setColor(style.trimColor());
    g.fill(new Ellipse2D.Double(x - r * 0.16, y - r * 0.16, r * 0.32, r * 0.32));
    light(disc, style.emblem() == 1 ? 0.7 : 0);
  }

  /** Streaks and stains, which also keep plain walls from being flat. */
  private void dirt() {
    Noise noise = new Noise(rng.bits());
    int[] pixels = Raster.of(image);
    int pw = image.getWidth();
    int ph = image.getHeight();
    for (int y = 0; y < ph; y++) {
      for (int x = 0; x < pw; x++) {
        int argb = pixels[y * pw + x];
        double mx = x * w / pw;
        double my = y * h / ph;
        double k =
            0.82
                + 0.22 * noise.fractal(mx * 0.35, my * 0.35)
                + 0.10 * noise.at(mx * 2.6, my * 0.3)
                + 0.06 * noise.at(mx * 9, my * 9)
                - 0.05;
        pixels[y * pw + x] =
            (argb & 0xFF000000)
                | Colors.clamp((argb >> 16 & 255) * k) << 16
                | Colors.clamp((argb >> 8 & 255) * k) << 8
                | Colors.clamp((argb & 255) * k);
      }
    }
  }
}
