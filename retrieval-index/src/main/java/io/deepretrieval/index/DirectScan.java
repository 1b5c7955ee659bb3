// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

/** Scores every row by definition. */
final class DirectScan<C extends Collector> extends BlockScan<C> {
  DirectScan(SearchTile<C> tile) {
    super(tile);
  }

  @Override
  void run(int b, RowBlock block) {
    int[] which = selection.rowsOf(b);
    for (int q = 0; q < queries.length; q++) {
      score(q, b, block, which);
    }
  }
}
