// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import io.deepretrieval.cli.scene.FacadePainter.Role;

/** Designs buildings of a dozen kinds by chance; the same chance gives the same building. */
final class Architect {
  /** The kinds of building, which are the first part of a landmark's name too. */
  enum Kind {
    CHURCH,
    DOME,
    TOWER,
    CASTLE,
    PALACE,
    GATE,
    PAGODA,
    HIGH_RISE,
    TEMPLE,
    ROTUNDA,
    HALL,
    MINSTER
  }

  private final BuildingParts parts;
  private final Rng rng;
  private final FacadeStyle style;
  private final Skin roof;
  private final Skin trim;
  private final Skin plain;
  private final Skin metal;
  private final Mesh mesh;

  private Architect(Rng rng, boolean modern) {
    this.rng = rng;
    parts = new BuildingParts(rng, modern);
    style = parts.style;
    roof = parts.roof;
    trim = parts.trim;
    plain = parts.plain;
    metal = parts.metal;
    mesh = parts.mesh;
  }

  /** A building that people photograph. */
  static Building landmark(Kind kind, Rng rng) {
    Architect a = new Architect(rng, kind == Kind.HIGH_RISE);
    switch (kind) {
      case CHURCH -> a.church();
      case DOME -> a.domed();
      case TOWER -> a.tower();
      case CASTLE -> a.castle();
      case PALACE -> a.palace();
      case GATE -> a.gate();
      case PAGODA -> a.pagoda();
      case HIGH_RISE -> a.highRise();
      case TEMPLE -> a.temple();
      case ROTUNDA -> a.rotunda();
      case HALL -> a.hall();
      case MINSTER -> a.minster();
    }
    return Building.of(a.mesh);
  }

  /** A house of the street, for the background. */
  static Building house(Rng rng) {
    Architect a = new Architect(rng, rng.chance(0.3));
    double w = rng.range(9, 24);
    double h = rng.range(7, 22);
    double d = rng.range(9, 16);
    a.parts.body(0, 0, 0, w, h, d);
    if (rng.chance(0.6)) {
      a.mesh.hip(0, h, 0, w + 0.6, rng.range(2, 5), d + 0.6, rng.range(2, 6), a.roof);
    }
    return Building.of(a.mesh);
  }

  private void church() {
    double w = rng.range(11, 16);
    double h = rng.range(9, 15);
    double d = rng.range(20, 30);
    parts.body(0, 0, 0, w, h, d);
    parts.gableRoof(0, h, 0, w, rng.range(5, 9), d);
    int top = rng.between(0, 3);
    double t = rng.range(4.5, 6.5);
    double th = rng.range(18, 30);
    int steps = rng.between(2, 4);
    if (rng.chance(0.5)) {
      parts.shaft(0, d / 2 + t / 2 - 1.5, t, th, steps, top);
    } else {
      double side = rng.pick(-1, 1);
      parts.shaft(side * (w / 2 + t / 2 - 0.6), d / 2 - t / 2, t, th, steps, top);
    }
    if (rng.chance(0.5)) {
      double aisle = rng.range(3, 5);
      for (int s = -1; s <= 1; s += 2) {
        parts.body(s * (w / 2 + aisle / 2), 0, -2, aisle, h * 0.55, d - 6);
      }
    }
  }

  private void minster() {
    double w = rng.range(12, 17);
    double h = rng.range(16, 24);
    double d = rng.range(22, 34);
    parts.body(0, 0, 0, w, h, d);
    parts.gableRoof(0, h, 0, w, rng.range(5, 10), d);
    double t = rng.range(5, 7.5);
    double th = rng.range(26, 40);
    int steps = rng.between(2, 4);
    int top = rng.between(0, 3);
    parts.shaft(-(w / 2 + t / 2 - 0.5), d / 2 - t / 2 + 1, t, th, steps, top);
    parts.shaft(
        w / 2 + t / 2 - 0.5,
        d / 2 - t / 2 + 1,
        t,
        rng.chance(0.3) ? th * 0.7 : th,
        steps,
        rng.chance(0.2) ? 2 : top);
    if (rng.chance(0.4)) {
      double r = w * 0.3;
      mesh.frustum(0, h, -d / 5, r, r, 8, 12, parts.bare(2 * r * 3, 8), 1);
      mesh.dome(0, h + 8, -d / 5, r * 1.05, r * rng.range(1, 1.5), 1.1, metal, 12);
    }
  }

  private void domed() {
    double w = rng.range(22, 38);
    double h = rng.range(9, 16);
    double d = rng.range(16, 26);
    parts.body(0, 0, 0, w, h, d);
    double r = rng.range(4.5, Math.min(9, d / 2.4));
    double drum = rng.range(3, 8);
    mesh.block(0, h, 0, r * 2.3, 1.2, r * 2.3, trim, trim, trim);
    int sides = rng.pick(8, 16, 20);
    Skin ring = parts.wall(2 * Math.PI * r, drum, Role.SIDE);
    mesh.frustum(0, h + 1.2, 0, r, r, drum, sides, ring, 1);
    double dome = r * rng.range(0.8, 1.4);
    mesh.dome(0, h + 1.2 + drum, 0, r * 1.04, dome, rng.pick(1.0, 1.0, 1.5), metal, 16);
    parts.finial(0, h + drum + dome + 1, 0, r * 0.6);
    if (rng.chance(0.55)) {
      parts.portico(d / 2, w * rng.range(0.3, 0.5), h * 0.85);
    }
    if (rng.chance(0.5)) {
      double t = rng.range(2.2, 3.6);
      double th = h + drum + rng.range(4, 14);
      for (int s = -1; s <= 1; s += 2) {
        double x = s * (w / 2 + t / 2 + rng.range(0, 0.1));
        mesh.frustum(x, 0, d / 2 - t, t / 2, t / 2.6, th, 12, parts.bare(t * 3, th), 1);
        mesh.frustum(x, th * 0.7, d / 2 - t, t * 0.75, t * 0.75, 0.8, 12, trim, 1);
        mesh.dome(x, th, d / 2 - t, t / 2, t * 0.9, 1.3, metal, 8);
      }
    }
  }

  private void tower() {
    double w = rng.range(9, 14);
    double h = w * rng.range(2, 3.4);
    double base = rng.range(6, 10);
    if (rng.chance(0.75)) {
      parts.body(0, 0, -1, w * rng.range(1.8, 3), base, w * 1.5);
    }
    if (rng.chance(0.25)) {
      int sides = rng.pick(8, 12, 20);
      Skin side = parts.wall(w * 3, h / 2, Role.SIDE);
      mesh.frustum(0, 0, 0, w / 2, w / 2.2, h / 2, sides, side, 1);
      mesh.frustum(0, h / 2, 0, w / 1.8, w / 1.8, 1, sides, trim, 1);
      mesh.frustum(
          0,
          h / 2 + 1,
          0,
          w / 2.4,
          w / 2.8,
          h / 2,
          sides,
          parts.wall(w * 2.6, h / 2, Role.SIDE),
          1);
      mesh.dome(0, h + 1, 0, w / 2.4, w * 0.6, rng.pick(1.0, 1.4), metal, 12);
      parts.finial(0, h + 1 + w * 0.6, 0, 3);
    } else {
      parts.shaft(0, 0, w, h, rng.between(2, 5), rng.between(0, 3));
    }
  }

  private void castle() {
    double w = rng.range(22, 36);
    double h = rng.range(8, 14);
    double d = rng.range(16, 24);
    mesh.block(0, 0, 0, w, h, d, parts.wall(w, h, Role.FRONT), parts.wall(d, h, Role.SIDE), roof);
    parts.battlements(0, h, 0, w, d);
    double r = rng.range(2.6, 4.4);
    double th = h * rng.range(1.3, 2);
    boolean cones = rng.chance(0.6);
    Skin round = parts.bare(2 * Math.PI * r, th);
    double[] xs = rng.chance(0.4) ? new double[] {-1, -0.3, 0.3, 1} : new double[] {-1, 1};
    for (double s : xs) {
      double x = s * w / 2;
      double height = Math.abs(s) < 1 ? th * 0.9 : th;
      mesh.frustum(x, 0, d / 2, r, r * 0.96, height, 16, round, 1);
      if (cones) {
        mesh.frustum(x, height, d / 2, r * 1.2, 0.05, r * rng.range(1.6, 2.8), 16, roof, 6);
      } else {
        Skin merlons = Surfaces.merlons(style.wallColor(), rng);
        mesh.frustum(x, height, d / 2, r * 1.12, r * 1.12, 1.6, 16, merlons, 8);
      }
    }
    if (rng.chance(0.6)) {
      parts.shaft(
          rng.range(-0.25, 0.25) * w, -d / 5, rng.range(7, 10), h * rng.range(1.7, 2.6), 1, 2);
    }
  }

  private void palace() {
    double w = rng.range(34, 54);
    double h = rng.range(10, 17);
    double d = rng.range(14, 20);
    parts.body(0, 0, 0, w, h, d);
    double mansard = rng.range(2.5, 6);
    mesh.hip(0, h, 0, w + 0.8, mansard, d + 0.8, rng.range(1.5, 6), roof);
    double cw = w * rng.range(0.2, 0.34);
    double ch = h + rng.range(1, 6);
    parts.body(0, 0, 1, cw, ch, d + 3);
    switch (rng.between(0, 2)) {
      case 0 -> parts.gableRoof(0, ch, 1, cw + 1, cw * 0.25, d + 3);
      case 1 -> mesh.hip(0, ch, 1, cw + 1, cw * 0.55, d + 4, cw * 0.3, roof);
      default -> {
        mesh.frustum(
            0, ch, 0, cw * 0.36, cw * 0.36, 3.5, 12, parts.wall(cw * 2, 3.5, Role.SIDE), 1);
        mesh.dome(0, ch + 3.5, 0, cw * 0.38, cw * 0.42, 1, metal, 12);
      }
    }
    if (rng.chance(0.6)) {
      double pw = w * rng.range(0.12, 0.18);
      double ph = h + rng.range(0.5, 4);
      for (int s = -1; s <= 1; s += 2) {
        parts.body(s * (w - pw) / 2, 0, 1, pw, ph, d + 3);
        mesh.hip(s * (w - pw) / 2, ph, 1, pw + 1, pw * rng.range(0.6, 0.61), d + 4, pw / 2, roof);
      }
    }
    if (rng.chance(0.4)) {
      parts.portico(d / 2 + 2.5, cw * 0.9, h * 0.7);
    }
  }

  private void gate() {
    double w = rng.range(16, 28);
    double h = rng.range(13, 22);
    double d = rng.range(6, 10);
    int arches = rng.pick(1, 3, 3);
    Skin front = GatePainter.paint(style, w, h, arches, parts.nextSalt());
    mesh.block(0, 0, 0, w, h, d, front, parts.bare(d, h), roof);
    mesh.block(0, h, 0, w + 1.6, 1, d + 1.6, trim, trim, trim);
    double attic = rng.range(2.5, 5);
    Skin band = parts.bare(w, attic);
    mesh.block(
        0, h + 1, 0, w * rng.range(0.6, 0.95), attic, d * 0.9, band, parts.bare(d, attic), trim);
    int n = arches + 1;
    for (int i = 0; i < n; i++) {
      parts.column(-w * 0.46 + i * w * 0.92 / (n - 1), 0, d / 2 + 0.9, 0.75, h);
    }
    if (rng.chance(0.6)) {
      double y = h + 1 + attic;
      Skin bronze = Surfaces.plain(style.accentColor(), rng);
      mesh.block(0, y, 0, 4, 1, 3, trim, trim, trim);
      for (int i = -1; i <= 1; i++) {
        mesh.dome(i * 1.4, y + 1, 0, 0.8, 2.6, 1.3, bronze, 4);
      }
    }
  }

  private void pagoda() {
    int n = rng.between(3, 7);
    double w = rng.range(10, 16);
    double storey = rng.range(3.6, 5.4);
    double y = 1.2;
    mesh.block(0, 0, 0, w * 1.5, 1.2, w * 1.5, trim, trim, trim);
    double taper = rng.range(0.84, 0.93);
    double eaves = rng.range(1.2, 2.4);
    for (int i = 0; i < n; i++) {
      Skin side = parts.wall(w, storey, i == 0 ? Role.FRONT : Role.SIDE);
      mesh.block(0, y, 0, w, storey, w, side, side, roof);
      y += storey;
      double rise = i == n - 1 ? w * 0.5 : 1.5;
      double r = (w / 2 + eaves) * Math.sqrt(2);
      double up = i == n - 1 ? 0.1 : w * taper / 2 * Math.sqrt(2);
      mesh.frustum(0, y - 0.5, 0, r, (r + up) / 2 * 0.9, rise * 0.35 + 0.5, 4, roof, 4);
      mesh.frustum(0, y + rise * 0.35, 0, (r + up) / 2 * 0.9, up, rise * 0.65, 4, roof, 4);
      y += i == n - 1 ? rise : rise * 0.8;
      w *= taper;
    }
    parts.finial(0, y - 0.5, 0, rng.range(3, 7));
  }

  private void highRise() {
    double w = rng.range(13, 22);
    double y = 0;
    int steps = rng.between(1, 4);
    double total = rng.range(38, 70);
    double shift = rng.range(-0.14, 0.14);
    boolean round = rng.chance(0.25);
    for (int i = 0; i < steps; i++) {
      double part = total / steps * rng.range(0.7, 1.3);
      if (round) {
        mesh.frustum(0, y, 0, w / 2, w / 2, part, 20, parts.wall(w * 3, part, Role.SIDE), 1);
        mesh.frustum(0, y + part, 0, w / 2, 0.1, 0.2, 20, trim, 1);
      } else {
        parts.body(i * shift * w, y, 0, w, part, w * 0.8);
      }
      y += part;
      w *= rng.range(0.66, 0.92);
    }
    if (rng.chance(0.5)) {
      mesh.frustum(0, y, 0, w / 1.6, 0.1, w * rng.range(0.6, 2), 4, metal, 8);
    } else if (rng.chance(0.6)) {
      mesh.frustum(0, y, 0, 0.5, 0.1, rng.range(6, 14), 6, trim, 1);
    }
    mesh.block(
        0,
        0,
        2,
        30,
        rng.range(4, 7),
        24,
        parts.wall(30, 5, Role.FRONT),
        parts.wall(24, 5, Role.SIDE),
        trim);
  }

  private void temple() {
    double w = rng.range(16, 26);
    double d = rng.range(22, 32);
    double h = rng.range(7, 11);
    double y = 0;
    for (int i = 0; i < 3; i++) {
      mesh.block(0, y, 0, w + 5 - 1.4 * i, 0.6, d + 5 - 1.4 * i, trim, trim, trim);
      y += 0.6;
    }
    double cw = w * 0.68;
    mesh.block(
        0,
        y,
        0,
        cw,
        h,
        d * 0.8,
        parts.wall(cw, h, Role.FRONT),
        parts.wall(d * 0.8, h, Role.SIDE),
        plain);
    int n = rng.between(5, 9);
    double r = rng.range(0.55, 0.9);
    int m = (int) Math.round(n * d / w);
    for (int i = 0; i < n; i++) {
      parts.column(-w / 2 + r + i * (w - 2 * r) / (n - 1), y, d / 2 - r, r, h);
    }
    for (int i = 1; i < m; i++) {
      for (int s = -1; s <= 1; s += 2) {
        parts.column(s * (w / 2 - r), y, d / 2 - r - i * (d - 2 * r) / (m - 1), r, h);
      }
    }
    double beam = rng.range(1.2, 2.2);
    mesh.block(
        0,
        y + h,
        0,
        w + 1,
        beam,
        d + 1,
        parts.wall(w, beam, Role.SIDE),
        parts.wall(d, beam, Role.SIDE),
        roof);
    parts.gableRoof(0, y + h + beam, 0, w + 1, w * rng.range(0.16, 0.3), d + 1);
  }

  private void rotunda() {
    double r = rng.range(9, 15);
    int rings = rng.between(1, 4);
    double y = 0;
    int sides = rng.pick(12, 20, 24);
    for (int i = 0; i < rings; i++) {
      double h = rng.range(4.5, 7.5);
      Skin ring = parts.wall(2 * Math.PI * r / 2, h, Role.SIDE);
      mesh.frustum(0, y, 0, r, r, h, sides, ring, 2);
      mesh.frustum(0, y + h, 0, r + 0.5, r + 0.5, 0.6, sides, trim, 1);
      mesh.frustum(0, y + h + 0.6, 0, r + 0.5, r * 0.7, 0.3, sides, roof, 8);
      y += h + 0.6;
      r *= rng.range(0.75, 1);
    }
    switch (rng.between(0, 2)) {
      case 0 -> mesh.dome(0, y, 0, r, r * rng.range(0.5, 0.9), 1, metal, 20);
      case 1 -> mesh.frustum(0, y, 0, r * 1.1, 0.1, r * rng.range(0.5, 1.1), sides, roof, 12);
      default -> {
        Skin merlons = Surfaces.merlons(style.wallColor(), rng);
        mesh.frustum(0, y, 0, r, r, 1.6, sides, merlons, 24);
      }
    }
    if (rng.chance(0.5)) {
      parts.portico(r * 0.9, r * 1.1, 8);
    }
  }

  private void hall() {
    double w = rng.range(20, 34);
    double h = rng.range(10, 18);
    double d = rng.range(14, 20);
    parts.body(0, 0, 0, w, h, d);
    if (rng.chance(0.5)) {
      int n = rng.between(1, 4);
      for (int i = 0; i < n; i++) {
        double gw = w / n;
        parts.gableRoof(-w / 2 + gw * (i + 0.5), h, 0, gw, gw * rng.range(0.5, 0.8), d);
      }
    } else {
      mesh.hip(0, h, 0, w + 1, rng.range(4, 8), d + 1, rng.range(5, 9), roof);
    }
    if (rng.chance(0.7)) {
      double x = rng.pick(0.0, -0.38, 0.38) * w;
      parts.shaft(
          x,
          d / 4,
          rng.range(4, 6.5),
          h * rng.range(1.6, 2.5),
          rng.between(1, 3),
          rng.between(0, 3));
    }
    if (rng.chance(0.4)) {
      int n = rng.between(4, 7);
      for (int i = 0; i < n; i++) {
        parts.column(-w / 2 + 1 + i * (w - 2) / (n - 1), 0, d / 2 + 0.7, 0.6, h * 0.9);
      }
    }
  }
}
