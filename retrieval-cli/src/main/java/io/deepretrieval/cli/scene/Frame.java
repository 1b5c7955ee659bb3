// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import org.jspecify.annotations.Nullable;

/** The nearest surface behind each pixel. Not thread-safe. */
final class Frame {
  /** No surface. */
  static final byte NOTHING = 0;

  /** The building that the image is about. */
  static final byte SUBJECT = 1;

  /** Any other building. */
  static final byte OTHER = 2;

  private static final double NEAR = 0.3;

  final int width;
  final int height;
  final Camera camera;
  final byte[] owner;
  final float[] depth;
  final int[] color;
  final int[] glow;
  final float[] normal;
  final boolean[] groundShadow;

  Frame(int width, int height, Camera camera) {
    this.width = width;
    this.height = height;
    this.camera = camera;
    int n = width * height;
    owner = new byte[n];
    depth = new float[n];
    color = new int[n];
    glow = new int[n];
    normal = new float[3 * n];
    groundShadow = new boolean[n];
  }

  int count(byte who) {
    int n = 0;
    for (byte o : owner) {
      if (o == who) {
        n++;
      }
    }
    return n;
  }

  void draw(Mesh mesh, byte who) {
    for (Mesh.Triangle t : mesh.triangles()) {
      double[] a = project(t.a());
      double[] b = project(t.b());
      double[] c = project(t.c());
      if (a[2] < NEAR || b[2] < NEAR || c[2] < NEAR) {
        continue;
      }
      fill(a, b, c, t, who);
    }
  }

  /** Marks the ground that a mesh keeps the sun from. */
  void castShadow(Mesh mesh, Vec sun) {
    for (Mesh.Triangle t : mesh.triangles()) {
      double[] a = project(onGround(t.a(), sun));
      double[] b = project(onGround(t.b(), sun));
      double[] c = project(onGround(t.c(), sun));
      if (a[2] < NEAR || b[2] < NEAR || c[2] < NEAR) {
        continue;
      }
      double area = edge(a, b, c[0], c[1]);
      if (Math.abs(area) < 1e-9) {
        continue;
      }
      for (int y = top(a, b, c); y <= bottom(a, b, c); y++) {
        for (int x = left(a, b, c); x <= right(a, b, c); x++) {
          double w0 = edge(b, c, x + 0.5, y + 0.5) / area;
          double w1 = edge(c, a, x + 0.5, y + 0.5) / area;
          if (w0 >= 0 && w1 >= 0 && w0 + w1 <= 1) {
            groundShadow[y * width + x] = true;
          }
        }
      }
    }
  }

  private static Mesh.Vertex onGround(Mesh.Vertex v, Vec sun) {
    Vec p = v.at();
    double t = p.y() / sun.y();
    return new Mesh.Vertex(new Vec(p.x() - t * sun.x(), 0, p.z() - t * sun.z()), 0, 0);
  }

  /** Column, row, depth, u/depth, v/depth. */
  private double[] project(Mesh.Vertex v) {
    double z = camera.depth(v.at());
    return new double[] {
      camera.column(v.at()), camera.row(v.at()), z, v.u() / z, v.v() / z,
    };
  }

  private static double edge(double[] a, double[] b, double x, double y) {
    return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
  }

  private static double min(double a, double b, double c) {
    return Math.min(a, Math.min(b, c));
  }

  private static double max(double a, double b, double c) {
    return Math.max(a, Math.max(b, c));
  }

  private int left(double[] a, double[] b, double[] c) {
    return (int) Math.max(0, Math.floor(min(a[0], b[0], c[0])));
  }

  private int right(double[] a, double[] b, double[] c) {
    return (int) Math.min(width - 1, Math.floor(max(a[0], b[0], c[0])));
  }

  private int top(double[] a, double[] b, double[] c) {
    return (int) Math.max(0, Math.floor(min(a[1], b[1], c[1])));
  }

  private int bottom(double[] a, double[] b, double[] c) {
    return (int) Math.min(height - 1, Math.floor(max(a[1], b[1], c[1])));
  }

  private void fill(double[] a, double[] b, double[] c, Mesh.Triangle t, byte who) {
    double area = edge(a, b, c[0], c[1]);
    if (Math.abs(area) < 1e-9) {
      return;
    }
    Texture texture = t.skin().color();
    @Nullable Texture lamp = t.skin().glow().orElse(null);
    double texels =
        Math.abs(
                (t.b().u() - t.a().u()) * (t.c().v() - t.a().v())
                    - (t.b().v() - t.a().v()) * (t.c().u() - t.a().u()))
            * texture.width()
            * texture.height();
    int level = texture.level(Math.sqrt(texels / Math.abs(area)));
    // Seen from behind, a surface is lit as its other side.
    double sign = t.normal().dot(t.a().at().minus(camera.at())) > 0 ? -1 : 1;
    int right = right(a, b, c);
    int bottom = bottom(a, b, c);
    for (int y = top(a, b, c); y <= bottom; y++) {
      for (int x = left(a, b, c); x <= right; x++) {
        double w0 = edge(b, c, x + 0.5, y + 0.5) / area;
        double w1 = edge(c, a, x + 0.5, y + 0.5) / area;
        double w2 = 1 - w0 - w1;
        if (w0 < 0 || w1 < 0 || w2 < 0) {
          continue;
        }
        double z = 1 / (w0 / a[2] + w1 / b[2] + w2 / c[2]);
        int i = y * width + x;
        if (owner[i] != NOTHING && z >= depth[i]) {
          continue;
        }
        double u = z * (w0 * a[3] + w1 * b[3] + w2 * c[3]);
        double v = z * (w0 * a[4] + w1 * b[4] + w2 * c[4]);
        int argb = texture.sample(u, v, level);
        if (argb >>> 24 < 128) {
          continue;
        }
        owner[i] = who;
        depth[i] = (float) z;
        color[i] = argb;
        glow[i] = lamp == null ? 0 : lamp.sample(u, v, level);
        normal[3 * i] = (float) (sign * t.normal().x());
        normal[3 * i + 1] = (float) (sign * t.normal().y());
        normal[3 * i + 2] = (float) (sign * t.normal().z());
      }
    }
  }
}
