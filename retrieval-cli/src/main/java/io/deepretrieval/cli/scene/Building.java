// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

/**
 * A building that stands on y = 0 around x = z = 0, its front towards +z.
 *
 * @param mesh its surfaces
 * @param width along x, in metres
 * @param height along y
 * @param depth along z
 */
record Building(Mesh mesh, double width, double height, double depth) {
  static Building of(Mesh mesh) {
    double w = 0;
    double h = 0;
    double d = 0;
    for (Mesh.Triangle t : mesh.triangles()) {
      for (Mesh.Vertex v : new Mesh.Vertex[] {t.a(), t.b(), t.c()}) {
        w = Math.max(w, 2 * Math.abs(v.at().x()));
        h = Math.max(h, v.at().y());
        d = Math.max(d, 2 * Math.abs(v.at().z()));
      }
    }
    return new Building(mesh, w, h, d);
  }
}
