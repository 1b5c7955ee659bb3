// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;

/** Scores by definition, with the scratch memory of one thread. */
final class RowScorer {
  private final Similarity similarity;
  private final Rows rows;
  private final Selection selection;
  private final ExactScore dots;
  private final double[] products;
  private final int[] which;

  RowScorer(SearchSettings settings, Rows rows, Selection selection) {
    this.similarity = settings.similarity();
    this.rows = rows;
    this.selection = selection;
    this.dots = new ExactScore(similarity, settings.dimension());
    this.products = new double[RowBlock.capacity(settings.dimension())];
    this.which = new int[products.length];
  }

  /** Scores ascending positions. */
  void score(float[] query, double norm, int[] positions, float[] scores, int from, int to) {
    int i = from;
    while (i < to) {
      int b = selection.blockOf(positions[i]);
      RowBlock block = rows.block(b);
      int n = 0;
      while (i + n < to && selection.rowOf(b, positions[i + n]) < block.rows) {
        which[n] = selection.rowOf(b, positions[i + n]);
        n++;
      }
      score(query, norm, block, which, n, scores, i);
      i += n;
    }
  }

  /** Scores {@code which[0]} to {@code which[n - 1]} of a block. */
  void score(
      float[] query,
      double norm,
      RowBlock block,
      int[] rowsOfBlock,
      int n,
      float[] scores,
      int at) {
    dots.sums(query, block.floats(), rowsOfBlock, 0, n, products);
    for (int i = 0; i < n; i++) {
      double norms = block.storage.norms[rowsOfBlock[i]];
      scores[at + i] = ExactScore.score(similarity, products[i], norm, norms);
    }
  }
}
