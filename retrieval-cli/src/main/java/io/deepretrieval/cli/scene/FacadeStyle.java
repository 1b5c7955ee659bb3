// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.awt.Color;
import java.util.List;

/**
 * What makes the walls of one building look alike and unlike those of others. Lengths in metres.
 *
 * @param seed of the small irregularities
 * @param wall how the wall is built
 * @param wallColor its color
 * @param trimColor of frames, bands and columns
 * @param accentColor of shutters and ornaments
 * @param pattern painted over the wall in the accent color
 * @param patternSize of it, in metres
 * @param window shape of the windows
 * @param bay distance of windows
 * @param storey height of a storey
 * @param windowWidth part of the bay, in (0, 1)
 * @param windowHeight part of the storey, in (0, 1)
 * @param bars of each window, across and up
 * @param pilasters between the bays
 * @param bands between the storeys
 * @param quoins at the corners
 * @param shutters beside the windows
 * @param arcade instead of the ground floor
 * @param hoods above the windows: 0 none, 1 flat, 2 triangular, 3 round
 * @param frieze pattern under the roof: 0 none, 1 triangles, 2 diamonds, 3 discs, 4 blocks
 * @param emblem over the door: 0 none, 1 rose, 2 clock, 3 mosaic
 */
record FacadeStyle(
    long seed,
    Wall wall,
    Color wallColor,
    Color trimColor,
    Color accentColor,
    Pattern pattern,
    double patternSize,
    Window window,
    double bay,
    double storey,
    double windowWidth,
    double windowHeight,
    int bars,
    boolean pilasters,
    boolean bands,
    boolean quoins,
    boolean shutters,
    boolean arcade,
    int hoods,
    int frieze,
    int emblem) {
  /** How a wall is built. */
  enum Wall {
    BRICK,
    ASHLAR,
    PLASTER,
    STRIPES,
    TIMBER,
    PANELS,
    GLASS
  }

  /** What is painted over a wall. */
  enum Pattern {
    NONE,
    CHECKS,
    COLUMNS,
    ROWS,
    DIAMONDS,
    DISCS,
    ZIGZAG
  }

  /** Shape of a window. */
  enum Window {
    SQUARE,
    ROUND,
    POINTED,
    OCULUS,
    PAIR
  }

  /** Draws a style by chance. */
  static FacadeStyle random(Rng rng, boolean modern) {
    Wall wall =
        modern
            ? rng.pick(Wall.GLASS, Wall.PANELS, Wall.PANELS, Wall.GLASS)
            : rng.pick(
                Wall.BRICK,
                Wall.BRICK,
                Wall.ASHLAR,
                Wall.ASHLAR,
                Wall.PLASTER,
                Wall.PLASTER,
                Wall.STRIPES,
                Wall.TIMBER);
    Color wallColor =
        rng.chance(0.5)
            ? Colors.vary(rng.pick(Colors.WALLS), 0.12, rng)
            : Color.getHSBColor(
                (float) rng.range(0, 1), (float) rng.range(0.2, 0.6), (float) rng.range(0.4, 0.95));
    if (wall == Wall.BRICK && rng.chance(0.4)) {
      wallColor = Colors.vary(rng.pick(new Color(0x9A5A45), new Color(0xA86B4F)), 0.15, rng);
    }
    Color accent =
        rng.chance(0.5)
            ? Colors.vary(rng.pick(Colors.ACCENTS), 0.2, rng)
            : Color.getHSBColor(
                (float) rng.range(0, 1), (float) rng.range(0.3, 0.7), (float) rng.range(0.3, 0.9));
    if (wall == Wall.GLASS) {
      wallColor =
          Colors.vary(
              rng.pick(
                  new Color(0x6E8CA0),
                  new Color(0x5C7A78),
                  new Color(0x8A6A4A),
                  new Color(0x3A4450)),
              0.2,
              rng);
    }
    return new FacadeStyle(
        rng.bits(),
        wall,
        wallColor,
        Colors.vary(rng.pick(Colors.TRIMS), 0.1, rng),
        accent,
        rng.chance(0.35) ? Pattern.NONE : rng.pick(List.of(Pattern.values())),
        rng.range(0.9, 3.2),
        modern ? Window.SQUARE : rng.pick(List.of(Window.values())),
        rng.range(2.4, 6.5),
        rng.range(3.2, 7),
        rng.range(0.3, 0.72),
        rng.range(0.4, 0.78),
        rng.between(1, 3),
        rng.chance(0.35),
        rng.chance(0.6),
        rng.chance(0.3),
        !modern && rng.chance(0.25),
        rng.chance(0.35),
        modern ? 0 : rng.between(0, 3),
        rng.between(0, 4),
        modern ? 0 : rng.between(0, 3));
  }
}
