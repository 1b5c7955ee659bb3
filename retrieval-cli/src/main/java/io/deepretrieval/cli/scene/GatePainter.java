// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Paints a wall with one or three archways that one can see through. */
final class GatePainter {
  private GatePainter() {}

  static Skin paint(FacadeStyle style, double w, double h, int arches, long salt) {
    Skin wall = FacadePainter.blank(style, w, h, salt);
    int pw = wall.color().width();
    int ph = wall.color().height();
    BufferedImage image = new BufferedImage(pw, ph, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < ph; y++) {
      for (int x = 0; x < pw; x++) {
        image.setRGB(x, y, wall.color().sample((x + 0.5) / pw, (y + 0.5) / ph, 0));
      }
    }
    Graphics2D g = FacadePainter.graphics(image, pw / w, ph / h);
    Area holes = new Area();
    for (int i = 0; i < arches; i++) {
      boolean middle = i == arches / 2;
      double aw = w / arches * (middle ? 0.62 : 0.5);
      double ah = h * (middle ? 0.72 : 0.5);
      double x = w * (i + 0.5) / arches - aw / 2;
      Area frame = arch(x - 0.6, h - ah - 0.6, aw + 1.2, ah + 0.6);
      g.setColor(style.trimColor());
      g.fill(frame);
      if (!middle) {
        g.setColor(Colors.shade(style.accentColor(), 0.9));
        g.fill(new Ellipse2D.Double(x, h * 0.14, aw, Math.min(aw, h * 0.22)));
      }
      holes.add(arch(x, h - ah, aw, ah));
    }
    g.setColor(Colors.shade(style.trimColor(), 0.9));
    g.fill(new Rectangle2D.Double(0, 0, w, h * 0.05));
    g.setComposite(java.awt.AlphaComposite.Clear);
    g.setColor(Color.BLACK);
    g.fill(holes);
    g.dispose();
    return new Skin(Texture.once(image), Optional.empty());
  }

  private static Area arch(double x, double y, double w, double h) {
    Area area = new Area(new Rectangle2D.Double(x, y + w / 2, w, h - w / 2));
    area.add(new Area(new Ellipse2D.Double(x, y, w, w)));
    return area;
  }
}
