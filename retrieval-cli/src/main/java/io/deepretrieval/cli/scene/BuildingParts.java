// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import io.deepretrieval.cli.scene.FacadePainter.Role;
import java.awt.Color;

/** The parts that buildings are put together of, in the style of one building. */
final class BuildingParts {
  final FacadeStyle style;
  final Skin roof;
  final Skin trim;
  final Skin plain;
  final Skin metal;
  final Mesh mesh = new Mesh();
  private final Rng rng;
  private long salt;

  BuildingParts(Rng rng, boolean modern) {
    this.rng = rng;
    style = FacadeStyle.random(rng, modern);
    Color roofColor = Colors.vary(rng.pick(Colors.ROOFS), 0.15, rng);
    roof = Surfaces.roof(roofColor, rng);
    trim = Surfaces.plain(style.trimColor(), rng);
    plain = Surfaces.plain(style.wallColor(), rng);
    metal = Surfaces.rib(rng.chance(0.3) ? style.accentColor() : roofColor, rng);
  }

  /** Tells the walls of a building apart. */
  long nextSalt() {
    return ++salt;
  }

  /** A wall with openings. */
  Skin wall(double w, double h, Role role) {
    return FacadePainter.paint(style, w, h, role, nextSalt());
  }

  /** A wall without openings. */
  Skin bare(double w, double h) {
    return FacadePainter.blank(style, w, h, nextSalt());
  }

  /** A block with windows and doors. */
  void body(double x, double y, double z, double w, double h, double d) {
    mesh.block(x, y, z, w, h, d, wall(w, h, Role.FRONT), wall(d, h, Role.SIDE), roof);
  }

  /** A column with base and capital. */
  void column(double x, double y, double z, double r, double h) {
    mesh.frustum(x, y, z, r, r * 0.84, h, 8, trim, 1);
    mesh.block(x, y, z, 2.6 * r, 0.4, 2.6 * r, trim, trim, trim);
    mesh.block(x, y + h - 0.5, z, 2.6 * r, 0.5, 2.6 * r, trim, trim, trim);
  }

  /** What a roof ends in. */
  void finial(double x, double y, double z, double h) {
    Skin gold = Surfaces.plain(style.accentColor(), rng);
    mesh.frustum(x, y, z, 0.22, 0.06, h, 6, gold, 1);
    mesh.dome(x, y + h * 0.35, z, h * 0.13, h * 0.2, 1, gold, 1);
  }

  /** A tower of one to four steps under a spire, a dome, battlements or a flat roof. */
  double shaft(double x, double z, double w, double h, int steps, int top) {
    double y = 0;
    double width = w;
    for (int i = 0; i < steps; i++) {
      double part = h / steps;
      Skin side = wall(width, part, i == 0 ? Role.FRONT : Role.SIDE);
      mesh.block(x, y, z, width, part, width, side, side, roof);
      mesh.block(x, y + part - 0.4, z, width + 0.8, 0.7, width + 0.8, trim, trim, trim);
      y += part + 0.3;
      width *= 0.86;
    }
    double r = width / 0.86 / 2;
    switch (top) {
      case 0 -> {
        double spire = w * rng.range(1.2, 2.6);
        mesh.frustum(x, y, z, r * 1.3, 0.05, spire, 4, roof, 4);
        finial(x, y + spire, z, w * 0.35);
        y += spire;
      }
      case 1 -> {
        mesh.frustum(x, y, z, r, r, w * 0.3, 12, trim, 1);
        mesh.dome(x, y + w * 0.3, z, r * 1.05, w * rng.range(0.5, 0.9), 1.4, metal, 12);
        y += w * 1.1;
        finial(x, y - 0.3, z, w * 0.4);
      }
      case 2 -> {
        battlements(x, y, z, 2 * r + 0.8, 2 * r + 0.8);
        y += 1.4;
      }
      default -> {
        mesh.frustum(x, y, z, r * 1.15, 0.05, w * rng.range(0.9, 1.8), 8, roof, 8);
        y += w * 1.3;
      }
    }
    return y;
  }

  /** Merlons around a roof. */
  void battlements(double x, double y, double z, double w, double d) {
    Skin skin = Surfaces.merlons(style.wallColor(), rng);
    double n = Math.max(2, Math.rint(w / 1.6));
    double m = Math.max(2, Math.rint(d / 1.6));
    double x0 = x - w / 2;
    double x1 = x + w / 2;
    double z0 = z - d / 2;
    double z1 = z + d / 2;
    double h = y + 1.5;
    mesh.quad(v(x0, y, z1), v(x1, y, z1), v(x1, h, z1), v(x0, h, z1), skin, 0, n, 0, 1);
    mesh.quad(v(x1, y, z0), v(x0, y, z0), v(x0, h, z0), v(x1, h, z0), skin, 0, n, 0, 1);
    mesh.quad(v(x1, y, z1), v(x1, y, z0), v(x1, h, z0), v(x1, h, z1), skin, 0, m, 0, 1);
    mesh.quad(v(x0, y, z0), v(x0, y, z1), v(x0, h, z1), v(x0, h, z0), skin, 0, m, 0, 1);
  }

  private static Vec v(double x, double y, double z) {
    return new Vec(x, y, z);
  }

  /** A roof with two gables. */
  void gableRoof(double x, double y, double z, double w, double h, double d) {
    mesh.gable(x, y, z, w, h, d, wall(w, h, Role.GABLE), roof, 0.5);
  }

  /** Columns under a gable before a wall. */
  void portico(double z, double w, double h) {
    int n = rng.between(4, 8);
    double depth = rng.range(3, 5);
    double r = Math.min(0.7, w / n / 4);
    for (int i = 0; i < n; i++) {
      column(-w / 2 + r + i * (w - 2 * r) / (n - 1), 0, z + depth - r, r, h);
    }
    Skin beam = bare(w, 1.6);
    mesh.block(0, h, z + depth / 2, w + 1, 1.6, depth + 0.6, beam, trim, trim);
    gableRoof(0, h + 1.6, z + depth / 2, w + 1, w * rng.range(0.14, 0.24), depth);
    mesh.block(0, 0, z + depth / 2 + 0.6, w + 2, 0.5, depth + 2, trim, trim, trim);
  }
}
