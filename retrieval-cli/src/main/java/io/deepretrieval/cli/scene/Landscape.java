// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

/**
 * The ground, the sky and the way colors of surfaces become light in the camera.
 *
 * @param light of the image
 * @param ground what the place is covered with
 * @param noise of clouds and ground
 */
record Landscape(Light light, Ground ground, Noise noise) {
  /** What the place is covered with. */
  enum Ground {
    PAVING,
    GRASS,
    ASPHALT,
    SAND,
    SNOW,
    WATER
  }

  /** The usual ground, or snow. */
  static Landscape random(Light light, Ground usual, Rng rng) {
    return new Landscape(light, rng.chance(0.08) ? Ground.SNOW : usual, new Noise(rng.bits()));
  }

  /** Light from one pixel, linear red, green and blue into target. */
  void expose(Frame frame, int x, int y, double subjectHeight, double[] target) {
    int i = y * frame.width + x;
    Vec ray = frame.camera.ray(x + 0.5, y + 0.5);
    double distance;
    if (frame.owner[i] == Frame.NOTHING && ray.y() >= -1e-3) {
      skyColor(ray.unit(), target);
      return;
    }
    if (frame.owner[i] == Frame.NOTHING) {
      distance = -frame.camera.at().y() / ray.y();
      Vec at = frame.camera.at().plus(ray.times(distance));
      groundColor(at, frame.groundShadow[i], target);
    } else {
      distance = frame.depth[i];
      wallColor(frame, i, frame.camera.at().plus(ray.times(distance)), subjectHeight, target);
    }
    double clear = light.haze() == 0 ? 1 : Math.pow(1 - light.haze(), distance / 100);
    if (frame.owner[i] == Frame.NOTHING) {
      clear = Math.min(clear, Math.max(0, Math.min(1, 1.6 - distance / 500)));
    }
    target[0] = target[0] * clear + light.horizon().x() * (1 - clear);
    target[1] = target[1] * clear + light.horizon().y() * (1 - clear);
    target[2] = target[2] * clear + light.horizon().z() * (1 - clear);
  }

  private void wallColor(Frame frame, int i, Vec at, double height, double[] target) {
    double nx = frame.normal[3 * i];
    double ny = frame.normal[3 * i + 1];
    double nz = frame.normal[3 * i + 2];
    Vec sun = light.toSun();
    double direct = Math.max(0, nx * sun.x() + ny * sun.y() + nz * sun.z());
    if (light.shade().isPresent()) {
      Light.Shade shade = light.shade().get();
      if (shade.across().dot(at) < shade.at()) {
        direct = 0;
      }
    }
    double occluded = (0.72 + 0.28 * Math.min(1, at.y() / 4)) * (0.8 + 0.2 * ny);
    double flood = 0;
    if (frame.owner[i] == Frame.SUBJECT) {
      double rise = Math.min(1, at.y() / Math.max(1, height));
      flood = (1.15 - 0.75 * rise) * (0.55 + 0.45 * Math.max(0, nz));
    }
    int argb = frame.color[i];
    int lamp = frame.glow[i];
    for (int c = 0; c < 3; c++) {
      int shift = 16 - 8 * c;
      double albedo = square((argb >> shift & 255) / 255.0);
      double in =
          part(light.sun(), c) * direct
              + part(light.sky(), c) * occluded
              + part(light.flood(), c) * flood;
      target[c] = albedo * in + square((lamp >> shift & 255) / 255.0) * light.lamps();
    }
  }

  private void groundColor(Vec at, boolean shadow, double[] target) {
    double big = noise.fractal(at.x() * 0.12, at.z() * 0.12);
    double small = noise.at(at.x() * 3, at.z() * 3);
    double r;
    double gr;
    double b;
    switch (ground) {
      case PAVING -> {
        double joint = fraction(at.x() / 1.5) < 0.06 || fraction(at.z() / 1.5) < 0.06 ? 0.6 : 1;
        double tile = noise.at(Math.floor(at.x() / 1.5) + 0.1, Math.floor(at.z() / 1.5) + 0.1);
        double k = joint * (0.28 + 0.12 * big + 0.08 * tile);
        r = k * 1.05;
        gr = k;
        b = k * 0.92;
      }
      case GRASS -> {
        double k = 0.12 + 0.12 * big + 0.06 * small;
        r = k * 0.75;
        gr = k * 1.2;
        b = k * 0.35;
      }
      case ASPHALT -> {
        double line = fraction(at.z() / 14) < 0.015 ? 2.6 : 1;
        double k = line * (0.1 + 0.05 * big + 0.03 * small);
        r = k;
        gr = k;
        b = k * 1.05;
      }
      case SAND -> {
        double k = 0.35 + 0.15 * big + 0.05 * small;
        r = k * 1.1;
        gr = k * 0.92;
        b = k * 0.65;
      }
      case SNOW -> {
        double k = 0.72 + 0.15 * big;
        r = k;
        gr = k;
        b = k * 1.04;
      }
      default -> {
        double wave = noise.fractal(at.x() * 0.5, at.z() * 1.6);
        r = 0.06 + light.horizon().x() * 0.25 * wave;
        gr = 0.09 + light.horizon().y() * 0.25 * wave;
        b = 0.12 + light.horizon().z() * 0.25 * wave;
      }
    }
    double direct = shadow ? 0 : Math.max(0, light.toSun().y());
    Vec in = light.sun().times(direct).plus(light.sky()).plus(light.flood().times(0.25));
    target[0] = r * in.x();
    target[1] = gr * in.y();
    target[2] = b * in.z();
  }

  private void skyColor(Vec ray, double[] target) {
    double t = Math.pow(Math.max(0, ray.y()), 0.55);
    double k = 1 / (ray.y() + 0.12);
    double density = noise.fractal(ray.x() * k * 1.4 + 40, ray.z() * k * 1.4);
    double cloud =
        Math.max(0, Math.min(1, (density - 0.72 + 0.5 * light.clouds()) * 4)) * Math.min(1, 8 * t);
    for (int c = 0; c < 3; c++) {
      double clear = part(light.horizon(), c) * (1 - t) + part(light.zenith(), c) * t;
      double white =
          0.75 * part(light.sun(), c) + 0.8 * part(light.sky(), c) + 0.1 * part(light.horizon(), c);
      target[c] = clear * (1 - cloud) + white * (0.7 + 0.3 * density) * cloud;
    }
  }

  /** The light that things in front stand in. */
  Vec ambient() {
    return light.sun().times(0.55).plus(light.sky()).plus(light.flood().times(0.2));
  }

  /** What the camera makes of linear light: a soft shoulder and gamma 2, in [0, 1]. */
  static double tone(double linear) {
    return Math.sqrt(Math.min(1, 1.25 * linear / (1 + 0.25 * linear)));
  }

  /** How much light there is, for the exposure. */
  double power() {
    return ambient().dot(new Vec(0.33, 0.34, 0.33)) + 0.25 * light.lamps();
  }

  /** What a camera multiplies each channel with: most of the way to gray light. */
  Vec whiteBalance() {
    Vec light = ambient();
    double mean = light.dot(new Vec(1, 1, 1)) / 3 + 0.02;
    return new Vec(
        Math.pow(mean / (light.x() + 0.02), 0.6),
        Math.pow(mean / (light.y() + 0.02), 0.6),
        Math.pow(mean / (light.z() + 0.02), 0.6));
  }

  private static double fraction(double v) {
    return v - Math.floor(v);
  }

  private static double square(double v) {
    return v * v;
  }

  static double part(Vec v, int c) {
    return c == 0 ? v.x() : c == 1 ? v.y() : v.z();
  }
}
