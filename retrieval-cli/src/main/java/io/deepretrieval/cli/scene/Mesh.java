// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** Textured triangles. Grows while a building is designed; read-only afterwards. */
final class Mesh {
  /** A corner and its place in the texture; v grows downwards. */
  record Vertex(Vec at, double u, double v) {}

  /** A triangle; its normal points out of the body. */
  record Triangle(Vertex a, Vertex b, Vertex c, Skin skin, Vec normal) {}

  private final List<Triangle> triangles = new ArrayList<>();

  List<Triangle> triangles() {
    return Collections.unmodifiableList(triangles);
  }

  /** Adds every triangle of the other mesh, moved. */
  Mesh add(Mesh other, UnaryOperator<Vec> move) {
    for (Triangle t : other.triangles) {
      Vec a = move.apply(t.a.at);
      Vec b = move.apply(t.b.at);
      Vec c = move.apply(t.c.at);
      triangle(
          new Vertex(a, t.a.u, t.a.v),
          new Vertex(b, t.b.u, t.b.v),
          new Vertex(c, t.c.u, t.c.v),
          t.skin);
    }
    return this;
  }

  Mesh triangle(Vertex a, Vertex b, Vertex c, Skin skin) {
    Vec normal = b.at.minus(a.at).cross(c.at.minus(a.at));
    if (normal.length() > 1e-9) {
      triangles.add(new Triangle(a, b, c, skin, normal.unit()));
    }
    return this;
  }

  /** A quadrilateral by its corners as seen from outside: lower left, lower right, and so on. */
  Mesh quad(Vec ll, Vec lr, Vec ur, Vec ul, Skin skin, double u0, double u1, double v0, double v1) {
    Vertex a = new Vertex(ll, u0, v1);
    Vertex b = new Vertex(lr, u1, v1);
    Vertex c = new Vertex(ur, u1, v0);
    Vertex d = new Vertex(ul, u0, v0);
    return triangle(a, b, c, skin).triangle(a, c, d, skin);
  }

  Mesh quad(Vec ll, Vec lr, Vec ur, Vec ul, Skin skin) {
    return quad(ll, lr, ur, ul, skin, 0, 1, 0, 1);
  }

  /** A block that stands on y with its front at z + depth/2. */
  Mesh block(
      double x, double y, double z, double w, double h, double d, Skin front, Skin side, Skin top) {
    double x0 = x - w / 2;
    double x1 = x + w / 2;
    double z0 = z - d / 2;
    double z1 = z + d / 2;
    double y1 = y + h;
    quad(v(x0, y, z1), v(x1, y, z1), v(x1, y1, z1), v(x0, y1, z1), front);
    quad(v(x1, y, z0), v(x0, y, z0), v(x0, y1, z0), v(x1, y1, z0), front);
    quad(v(x1, y, z1), v(x1, y, z0), v(x1, y1, z0), v(x1, y1, z1), side);
    quad(v(x0, y, z0), v(x0, y, z1), v(x0, y1, z1), v(x0, y1, z0), side);
    quad(
        v(x0, y1, z1),
        v(x1, y1, z1),
        v(x1, y1, z0),
        v(x0, y1, z0),
        top,
        0,
        Math.max(1, Math.rint(w / 6)),
        0,
        Math.max(1, Math.rint(d / 6)));
    return this;
  }

  /** A saddle roof whose ridge runs along z, with gables in front and behind. */
  Mesh gable(
      double x, double y, double z, double w, double h, double d, Skin front, Skin roof, double o) {
    double x0 = x - w / 2;
    double x1 = x + w / 2;
    double z0 = z - d / 2;
    double z1 = z + d / 2;
    Vec top1 = v(x, y + h, z1);
    Vec top0 = v(x, y + h, z0);
    triangle(
        new Vertex(v(x0, y, z1), 0, 1),
        new Vertex(v(x1, y, z1), 1, 1),
        new Vertex(top1, 0.5, 0),
        front);
    triangle(
        new Vertex(v(x1, y, z0), 0, 1),
        new Vertex(v(x0, y, z0), 1, 1),
        new Vertex(top0, 0.5, 0),
        front);
    double k = o / w * 2 * h;
    double length = Math.max(1, Math.rint(d / 6));
    double rise = Math.max(1, Math.rint(Math.hypot(w / 2, h) / 6));
    quad(
        v(x1 + o, y - k, z1 + o),
        v(x1 + o, y - k, z0 - o),
        v(x, y + h, z0 - o),
        v(x, y + h, z1 + o),
        roof,
        0,
        length,
        0,
        rise);
    quad(
        v(x0 - o, y - k, z0 - o),
        v(x0 - o, y - k, z1 + o),
        v(x, y + h, z1 + o),
        v(x, y + h, z0 - o),
        roof,
        0,
        length,
        0,
        rise);
    return this;
  }

  /** A roof with four slopes up to a ridge (or a flat, if inset is small) along x. */
  Mesh hip(double x, double y, double z, double w, double h, double d, double inset, Skin roof) {
    double x0 = x - w / 2;
    double x1 = x + w / 2;
    double z0 = z - d / 2;
    double z1 = z + d / 2;
    double ix = Math.min(inset, w / 2);
    double iz = Math.min(inset, d / 2);
    Vec a = v(x0 + ix, y + h, z1 - iz);
    Vec b = v(x1 - ix, y + h, z1 - iz);
    Vec c = v(x1 - ix, y + h, z0 + iz);
    Vec e = v(x0 + ix, y + h, z0 + iz);
    double n = Math.max(1, Math.rint(w / 6));
    double m = Math.max(1, Math.rint(d / 6));
    quad(v(x0, y, z1), v(x1, y, z1), b, a, roof, 0, n, 0, 1);
    quad(v(x1, y, z0), v(x0, y, z0), e, c, roof, 0, n, 0, 1);
    quad(v(x1, y, z1), v(x1, y, z0), c, b, roof, 0, m, 0, 1);
    quad(v(x0, y, z0), v(x0, y, z1), a, e, roof, 0, m, 0, 1);
    return quad(a, b, c, e, roof, 0, n, 0, m);
  }

  /** A cone, cylinder or their middle thing, over a regular polygon. */
  Mesh frustum(
      double x,
      double y,
      double z,
      double r0,
      double r1,
      double h,
      int sides,
      Skin skin,
      int turns) {
    double phase = Math.PI / sides;
    for (int i = 0; i < sides; i++) {
      double a = 2 * Math.PI * i / sides + phase;
      double b = 2 * Math.PI * (i + 1) / sides + phase;
      double u0 = (double) turns * i / sides;
      double u1 = (double) turns * (i + 1) / sides;
      quad(
          v(x + r0 * Math.sin(a), y, z + r0 * Math.cos(a)),
          v(x + r0 * Math.sin(b), y, z + r0 * Math.cos(b)),
          v(x + r1 * Math.sin(b), y + h, z + r1 * Math.cos(b)),
          v(x + r1 * Math.sin(a), y + h, z + r1 * Math.cos(a)),
          skin,
          u0,
          u1,
          0,
          1);
    }
    return this;
  }

  /** A dome; bulge 1 is half a sphere, more is an onion. */
  Mesh dome(double x, double y, double z, double r, double h, double bulge, Skin skin, int turns) {
    int rings = 9;
    double below = r;
    for (int i = 1; i <= rings; i++) {
      double t = (double) i / rings;
      double above = r * (Math.sqrt(1 - t * t) + (bulge - 1) * Math.sin(Math.PI * t) * (1 - t));
      frustum(x, y + h * (t - 1.0 / rings), z, below, above, h / rings, 20, skin, turns);
      below = above;
    }
    return this;
  }

  static Vec v(double x, double y, double z) {
    return new Vec(x, y, z);
  }
}
