// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.util.Optional;

/**
 * Light and air of an image. Colors are linear, 1 is white in full light.
 *
 * @param toSun unit vector towards the sun
 * @param sun color of direct light
 * @param sky color of light from everywhere
 * @param zenith color of the sky above
 * @param horizon color of the sky below
 * @param clouds how much of the sky they cover, in [0, 1]
 * @param haze part of the light that is lost on a hundred metres
 * @param lamps strength of windows
 * @param flood color of the lamps that light the building from below
 * @param shade an edge of shadow over the building: a unit vector across it and where it lies
 */
record Light(
    Vec toSun,
    Vec sun,
    Vec sky,
    Vec zenith,
    Vec horizon,
    double clouds,
    double haze,
    double lamps,
    Vec flood,
    Optional<Shade> shade) {
  /** The shadow of something outside of the image: all points p with across·p less than at. */
  record Shade(Vec across, double at) {}

  private static final Vec DARK = new Vec(0, 0, 0);

  /** Light of a bright day, for images that queries are made of. */
  static Light day(Rng rng, Building subject) {
    return rng.chance(0.65) ? clear(rng, subject) : overcast(rng);
  }

  /** Any light. */
  static Light any(Rng rng, Building subject) {
    double kind = rng.range(0, 1);
    if (kind < 0.55) {
      return clear(rng, subject);
    }
    if (kind < 0.82) {
      return overcast(rng);
    }
    if (kind < 0.92) {
      return sunset(rng, subject);
    }
    return kind < 0.96 ? dusk(rng) : night(rng);
  }

  private static Vec direction(double azimuth, double elevation) {
    return new Vec(
        Math.sin(azimuth) * Math.cos(elevation),
        Math.sin(elevation),
        Math.cos(azimuth) * Math.cos(elevation));
  }

  private static Light clear(Rng rng, Building subject) {
    double azimuth = rng.range(-1.25, 1.25);
    Vec toSun = direction(azimuth, rng.range(0.4, 1.15));
    double power = rng.range(0.95, 1.3);
    return new Light(
        toSun,
        new Vec(1.0, 0.93, 0.8).times(power),
        new Vec(0.26, 0.32, 0.42),
        new Vec(0.07, 0.2, 0.5).times(rng.range(0.7, 1.5)),
        new Vec(0.5, 0.66, 0.85),
        rng.range(0, 0.75),
        rng.range(0, 0.12),
        0,
        DARK,
        shade(rng, subject, toSun));
  }

  private static Light overcast(Rng rng) {
    double power = rng.range(0.45, 0.8);
    Vec gray = new Vec(0.62, 0.66, 0.72).times(power * 1.3);
    return new Light(
        direction(rng.range(-1, 1), 1.2),
        new Vec(0.1, 0.1, 0.1),
        new Vec(0.72, 0.76, 0.82).times(power),
        gray.times(0.8),
        gray.times(1.1),
        rng.range(0.3, 1),
        rng.chance(0.2) ? rng.range(0.2, 0.45) : rng.range(0, 0.2),
        0,
        DARK,
        Optional.empty());
  }

  private static Light sunset(Rng rng, Building subject) {
    Vec toSun = direction(rng.range(-2.4, 2.4), rng.range(0.1, 0.3));
    double red = rng.range(0, 1);
    return new Light(
        toSun,
        new Vec(1.25, 0.78 - 0.2 * red, 0.42 - 0.25 * red),
        new Vec(0.24, 0.2, 0.26),
        new Vec(0.14, 0.16, 0.36),
        new Vec(0.95, 0.5 - 0.15 * red, 0.24),
        rng.range(0.2, 0.9),
        rng.range(0.02, 0.25),
        0.15,
        DARK,
        shade(rng, subject, toSun));
  }

  private static Light dusk(Rng rng) {
    return new Light(
        direction(0, 0.8),
        DARK,
        new Vec(0.09, 0.12, 0.24).times(rng.range(0.7, 1.5)),
        new Vec(0.03, 0.06, 0.2),
        new Vec(0.3, 0.22, 0.3),
        rng.range(0, 0.6),
        rng.range(0, 0.1),
        rng.range(0.5, 0.9),
        rng.pick(new Vec(0.5, 0.32, 0.14), new Vec(0.4, 0.36, 0.28), new Vec(0.1, 0.06, 0.03)),
        Optional.empty());
  }

  private static Light night(Rng rng) {
    return new Light(
        direction(0, 0.8),
        DARK,
        new Vec(0.014, 0.016, 0.03),
        new Vec(0.004, 0.006, 0.018),
        new Vec(0.03, 0.025, 0.03),
        rng.range(0, 0.3),
        0,
        rng.range(0.6, 1.1),
        rng.pick(new Vec(0.6, 0.38, 0.14), new Vec(0.5, 0.46, 0.36), new Vec(0.4, 0.42, 0.5))
            .times(rng.range(0.5, 1.3)),
        Optional.empty());
  }

  private static Optional<Shade> shade(Rng rng, Building subject, Vec toSun) {
    if (!rng.chance(0.3)) {
      return Optional.empty();
    }
    Vec any = new Vec(rng.range(-1, 1), rng.range(0.2, 1), rng.range(-0.3, 0.3));
    Vec across = any.minus(toSun.times(any.dot(toSun)));
    if (across.length() < 0.05) {
      return Optional.empty();
    }
    Vec unit = across.unit();
    Vec middle =
        new Vec(
            rng.range(-0.3, 0.3) * subject.width(),
            rng.range(0.15, 0.7) * subject.height(),
            subject.depth() / 2);
    return Optional.of(new Shade(unit, unit.dot(middle)));
  }
}
