// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.nio.FloatBuffer;

/** Scores rows by float sums of absolute differences, for which there is no matrix product. */
final class DistanceScan<C extends Collector> extends BlockScan<C> {
  /** Rows that are copied at a time. */
  private static final int GROUP = 8;

  private final RowKernels kernels;
  private final float[] group;

  DistanceScan(SearchTile<C> tile) {
    super(tile);
    this.kernels = tile.settings.kernels();
    this.group = new float[GROUP * dimension];
  }

  @Override
  void run(int b, RowBlock block) {
    for (int q = 0; q < queries.length; q++) {
      if (!isRegular(block) || isTooLarge(q, block)) {
        score(q, b, block, selection.rowsOf(b));
      }
    }
    if (!isRegular(block)) {
      return;
    }
    int[] which = selection.rowsOf(b);
    FloatBuffer floats = block.floats();
    // A few rows at a time stay in the cache for all queries.
    for (int from = 0; from < which.length; from += GROUP) {
      int n = Math.min(GROUP, which.length - from);
      for (int g = 0; g < n; g++) {
        floats.get(which[from + g] * dimension, group, g * dimension, dimension);
      }
      for (int q = 0; q < queries.length; q++) {
        if (isTooLarge(q, block)) {
          continue;
        }
        for (int g = 0; g < n; g++) {
          float score = -kernels.distance(queries[q], 0, group, g * dimension, dimension);
          if (score >= best.get(q).threshold()) {
            best.get(q).add(score, selection.position(b, which[from + g]));
          }
        }
      }
    }
  }
}
