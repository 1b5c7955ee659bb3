// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** Shapes that facades are drawn with. */
final class FacadeShapes {
  private FacadeShapes() {}

  static void fill(Graphics2D g, double x, double y, double width, double height, Color color) {
    g.setColor(color);
    g.fill(new Rectangle2D.Double(x, y, width, height));
  }

  /** A closed path through points, x and y in turn. */
  static Path2D polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }

  /** The outline of a window or door. */
  static Shape outline(double x, double y, double w, double h, FacadeStyle.Window shape) {
    switch (shape) {
      case ROUND, PAIR -> {
        double r = Math.min(w / 2, h);
        Area area = new Area(new Rectangle2D.Double(x, y + r, w, h - r));
        area.add(new Area(new Ellipse2D.Double(x, y, w, 2 * r)));
        return area;
      }
      case POINTED -> {
        double r = Math.min(w * 0.9, h);
        Path2D path = new Path2D.Double();
        path.moveTo(x, y + h);
        path.lineTo(x, y + r);
        path.quadTo(x + w * 0.02, y + r * 0.35, x + w / 2, y);
        path.quadTo(x + w * 0.98, y + r * 0.35, x + w, y + r);
        path.lineTo(x + w, y + h);
        path.closePath();
        return path;
      }
      case OCULUS -> {
        double r = Math.min(w, h) / 2;
        return new Ellipse2D.Double(x + w / 2 - r, y + h / 2 - r, 2 * r, 2 * r);
      }
      case SQUARE -> {
        return new Rectangle2D.Double(x, y, w, h);
      }
    }
    throw new AssertionError(shape);
  }
}
