// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.List;

/** One worker over the blocks of rows. */
abstract class BlockScan<C extends Collector> implements WorkerPool.Worker {
  /** What it collected, by query. */
  final List<C> best;

  final SearchTile<C> tile;
  final Similarity similarity;
  final int dimension;
  final Selection selection;
  final float[][] queries;
  final double[] norms;
  final float[] line;
  private final RowScorer scorer;

  BlockScan(SearchTile<C> tile) {
    this.tile = tile;
    this.similarity = tile.settings.similarity();
    this.dimension = tile.settings.dimension();
    this.selection = tile.selection;
    this.queries = tile.queries;
    this.norms = tile.norms;
    this.line = new float[RowBlock.capacity(dimension)];
    this.scorer = tile.newScorer();
    this.best = new ArrayList<>(queries.length);
    for (int q = 0; q < queries.length; q++) {
      best.add(tile.newCollector(q, scorer));
    }
  }

  @Override
  public void run(int b) {
    if (selection.count(b) > 0) {
      RowBlock block = tile.rows.block(b);
      block.storage.memory.requireSound();
      run(b, block);
    }
  }

  /** Offers the rows of a block that are considered. */
  abstract void run(int b, RowBlock block);

  boolean isTooLarge(int q, RowBlock block) {
    return ErrorBound.isTooLarge(similarity, norms[q], block);
  }

  boolean isRegular(RowBlock block) {
    return ErrorBound.isRegular(similarity, block);
  }

  /** Offers some rows of a block with their defining scores. */
  void score(int q, int b, RowBlock block, int[] which) {
    scorer.score(queries[q], norms[q], block, which, which.length, line, 0);
    for (int i = 0; i < which.length; i++) {
      if (line[i] >= best.get(q).threshold()) {
        best.get(q).add(line[i], selection.position(b, which[i]));
      }
    }
  }
}
