// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

/** Smooth value noise over the plane, in [0, 1]. */
final class Noise {
  private final long seed;

  Noise(long seed) {
    this.seed = seed;
  }

  private double lattice(int x, int y) {
    long h = seed + x * 0x9E3779B97F4A7C15L + y * 0xC2B2AE3D27D4EB4FL;
    h = (h ^ (h >>> 31)) * 0xBF58476D1CE4E5B9L;
    h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
    return ((h ^ (h >>> 31)) >>> 11) * 0x1.0p-53;
  }

  double at(double x, double y) {
    int ix = (int) Math.floor(x);
    int iy = (int) Math.floor(y);
    double fx = fade(x - ix);
    double fy = fade(y - iy);
    double top = lattice(ix, iy) + fx * (lattice(ix + 1, iy) - lattice(ix, iy));
    double bottom = lattice(ix, iy + 1) + fx * (lattice(ix + 1, iy + 1) - lattice(ix, iy + 1));
    return top + fy * (bottom - top);
  }

  /** Four octaves, each of twice the frequency and half the strength. */
  double fractal(double x, double y) {
    double sum = 0;
    double weight = 0.5;
    double scale = 1;
    for (int octave = 0; octave < 4; octave++) {
      sum += weight * at(x * scale + 17 * octave, y * scale - 31 * octave);
      weight /= 2;
      scale *= 2;
    }
    return sum / 0.9375;
  }

  private static double fade(double t) {
    return t * t * (3 - 2 * t);
  }
}
