// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.Color;
import java.util.List;

/** What walls, roofs, clothes and cars are colored with. */
final class Colors {
  static final List<Color> WALLS =
      List.of(
          new Color(0xC9B48C),
          new Color(0xD8C9A8),
          new Color(0xB8A07A),
          new Color(0x9A5A45),
          new Color(0xA86B4F),
          new Color(0x8C8C88),
          new Color(0xB4B2AA),
          new Color(0xE2DED2),
          new Color(0xD9B77A),
          new Color(0xC58F6A),
          new Color(0xD7CE62),
          new Color(0x5F9AA8),
          new Color(0x6F9A66),
          new Color(0xC97F96),
          new Color(0x7A6A9C),
          new Color(0x4C4A4E),
          new Color(0xF2F0EA),
          new Color(0xC24E35));

  static final List<Color> TRIMS =
      List.of(
          new Color(0xEDE6D6),
          new Color(0xCFC4AE),
          new Color(0x8E8271),
          new Color(0xA39C90),
          new Color(0x6F5A48),
          new Color(0xDCD2BE));

  static final List<Color> ROOFS =
      List.of(
          new Color(0x8A4A38),
          new Color(0x70402F),
          new Color(0x55585E),
          new Color(0x474A50),
          new Color(0x6FA08C),
          new Color(0x5E8A78),
          new Color(0x9C7C52),
          new Color(0x7A7F86));

  static final List<Color> ACCENTS =
      List.of(
          new Color(0xB08A2E),
          new Color(0x2F5D8A),
          new Color(0x7A2E2E),
          new Color(0x2E6B4F),
          new Color(0x4A3B66),
          new Color(0xE6DCC8),
          new Color(0x2A2A2E),
          new Color(0xC2452E),
          new Color(0x3F8FA6),
          new Color(0xC7A23A));

  static final List<Color> GOODS =
      List.of(
          new Color(0x2B2B30),
          new Color(0xB03A2E),
          new Color(0x2E5FA3),
          new Color(0xD8D8D8),
          new Color(0x4F6B3A),
          new Color(0xC9A227),
          new Color(0x7A5C7E),
          new Color(0x5A4634));

  private Colors() {}

  /** Multiplies by k and clamps. */
  static Color shade(Color c, double k) {
    return new Color(clamp(c.getRed() * k), clamp(c.getGreen() * k), clamp(c.getBlue() * k));
  }

  static Color mix(Color a, Color b, double t) {
    return new Color(
        clamp(a.getRed() + t * (b.getRed() - a.getRed())),
        clamp(a.getGreen() + t * (b.getGreen() - a.getGreen())),
        clamp(a.getBlue() + t * (b.getBlue() - a.getBlue())));
  }

  /** A color near to the given one. */
  static Color vary(Color c, double amount, Rng rng) {
    double k = 1 + amount * rng.range(-1, 1);
    return new Color(
        clamp(c.getRed() * k + 60 * amount * rng.range(-1, 1)),
        clamp(c.getGreen() * k + 60 * amount * rng.range(-1, 1)),
        clamp(c.getBlue() * k + 60 * amount * rng.range(-1, 1)));
  }

  static int clamp(double v) {
    return (int) Math.max(0, Math.min(255, Math.round(v)));
  }
}
