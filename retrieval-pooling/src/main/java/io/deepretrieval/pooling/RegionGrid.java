// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import java.util.ArrayList;
import java.util.List;

/**
 * The square regions of R-MAC, at several levels, that cover a map and overlap by about 40 %.
 *
 * <p>With w = min(H,W), the longer side gets s more regions than the shorter one, s in [1, 6] such
 * that at level 1 the overlap (w - b)/w, b = (max(H,W) - w)/s, is nearest to the wished one; a
 * square gets none. Where two s are equally near, as at 5 by 9, 20 by 36 and 9 by 33 cells, the one
 * is taken that the published program takes, which computes in float32; everywhere else the choice
 * is exact, however long the map. Level l has squares of side ⌊2w/(l+1)⌋, l of them along the
 * shorter and l + s along the longer side, evenly spread and rounded down. A level whose squares
 * would be empty is left out, so a map of one cell has the one region of level 1.
 *
 * <p>The whole map, if asked for, comes first and is not square. Immutable and thread-safe.
 *
 * @param levels number of levels, at least 1; 3 is usual, 2 in end-to-end learning
 * @param overlap the wished overlap of neighbors, in [0, 1); 0.4 is usual
 * @param wholeMap whether the whole map is a region too
 * @see "Tolias, Sicre, Jégou: Particular object retrieval with integral max-pooling of CNN
 *     activations, ICLR 2016, arXiv:1511.05879"
 */
public record RegionGrid(int levels, double overlap, boolean wholeMap) {
  private static final int MOST_STEPS = 6;

  /** Above what rounding makes of equal misses, far below the least difference of unequal ones. */
  private static final double TIE = 1e-12;

  /**
   * Checks the options.
   *
   * @param levels number of levels
   * @param overlap the wished overlap of neighbors
   * @param wholeMap whether the whole map is a region too
   * @throws IllegalArgumentException if a number is out of range
   */
  public RegionGrid {
    if (levels < 1) {
      throw new IllegalArgumentException("levels must be at least 1 but was " + levels);
    }
    if (!(overlap >= 0 && overlap < 1)) {
      throw new IllegalArgumentException("overlap must be in [0, 1) but was " + overlap);
    }
  }

  /**
   * A rectangle of cells.
   *
   * @param y first row
   * @param x first column
   * @param height rows, at least 1
   * @param width columns, at least 1
   */
  public record Region(int y, int x, int height, int width) {}

  /**
   * Lists the regions of a map, level by level, rows before columns.
   *
   * @param height H, at least 1
   * @param width W, at least 1
   * @return at least one region, each inside the map
   * @throws IllegalArgumentException if a size is less than 1
   */
  public List<Region> regions(int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "map must be at least [1,1] but was [" + height + "," + width + "]");
    }
    List<Region> regions = new ArrayList<>();
    if (wholeMap) {
      regions.add(new Region(0, 0, height, width));
    }
    int shorter = Math.min(height, width);
    int more = more(shorter, Math.max(height, width));
    for (int level = 1; level <= levels; level++) {
      int side = (int) (2L * shorter / (level + 1));
      if (side == 0) {
        break;
      }
      int[] ys = starts(height, side, level + (height > width ? more : 0));
      int[] xs = starts(width, side, level + (width > height ? more : 0));
      for (int y : ys) {
        for (int x : xs) {
          regions.add(new Region(y, x, side, side));
        }
      }
    }
    return regions;
  }

  private int more(int shorter, int longer) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int steps = 1; steps <= MOST_STEPS && longer > shorter; steps++) {
      double step = (double) (longer - shorter) / steps;
      double miss = Math.abs((shorter - step) / shorter - overlap);
      boolean tie = Math.abs(miss - least) <= TIE;
      if (tie
          ? published(shorter, longer, steps) < published(shorter, longer, best)
          : miss < least) {
        least = miss;
        best = steps;
      }
    }
    return best;
  }

  /** The miss as the published program rounds it, which decides ties and nothing else. */
  private float published(int shorter, int longer, int steps) {
    float square = (float) ((long) shorter * shorter);
    float step = 1f / steps * (longer - shorter); // it multiplies by the reciprocal
    return Math.abs((square - shorter * step) / square - (float) overlap);
  }

  private static int[] starts(int size, int side, int n) {
    int[] starts = new int[n];
    double step = n == 1 ? 0 : (double) (size - side) / (n - 1);
    // floored about the center, as published: the two differ where a start is not whole
    int half = (int) Math.floor(side / 2.0 - 1);
    for (int i = 0; i < n; i++) {
      starts[i] = (int) Math.floor(half + i * step) - half;
    }
    return starts;
  }

  /** The options in one line, the part of a recipe. */
  String recipe() {
    return "levels=" + levels + " overlap=" + overlap + " whole-map=" + wholeMap;
  }
}
