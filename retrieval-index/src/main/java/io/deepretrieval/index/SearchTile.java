// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/** Some queries against all rows. */
final class SearchTile<C extends Collector> {
  /** Fewer queries read the codes, if there are any: the rows' bytes are then the bottleneck. */
  static final int FEW_CODED = 16;

  /** Makes what takes the scores of one query. */
  interface NewCollector<C extends Collector> {
    /**
     * Makes an empty one.
     *
     * @param scorer the defining score of positions
     * @param slack twice the bound of what approximate scores are off
     */
    C of(int query, Candidates.Scorer scorer, double slack);
  }

  /** Makes the result of one query. */
  interface Finish<C extends Collector, R> {
    /**
     * Joins.
     *
     * @param empty a new collector
     * @param found what each worker collected
     */
    R of(int query, C empty, List<C> found);
  }

  final SearchSettings settings;
  final Rows rows;
  final Selection selection;
  final float[][] queries;
  final double[] norms;
  final boolean useCodes;
  private final Similarity similarity;
  private final int dimension;
  private final boolean direct;
  private final NewCollector<C> collectors;
  private final double[] slacks;

  SearchTile(
      SearchSettings settings,
      Rows rows,
      Selection selection,
      List<Descriptor> descriptors,
      boolean direct,
      boolean mayUseCodes,
      NewCollector<C> collectors) {
    this.settings = settings;
    this.similarity = settings.similarity();
    this.dimension = settings.dimension();
    this.rows = rows;
    this.selection = selection;
    this.direct = direct;
    this.collectors = collectors;
    this.queries = descriptors.stream().map(Descriptor::toArray).toArray(float[][]::new);
    this.norms = descriptors.stream().mapToDouble(Descriptor::norm).toArray();
    this.useCodes =
        !direct
            && mayUseCodes
            && queries.length < FEW_CODED
            && Arrays.stream(norms).allMatch(norm -> norm <= ErrorBound.GREATEST_CODED);
    double maxNorm = 0;
    double loss = 0;
    for (int b = 0; b < rows.count(); b++) {
      if (ErrorBound.isRegular(similarity, rows.block(b))) {
        maxNorm = Math.max(maxNorm, rows.block(b).maxNorm);
      }
    }
    if (useCodes) {
      loss = loss();
    }
    this.slacks = new double[queries.length];
    for (int q = 0; q < queries.length; q++) {
      slacks[q] = 2 * ErrorBound.margin(similarity, dimension, norms[q], maxNorm, loss);
    }
  }

  /** Makes sure that there are codes. */
  private double loss() {
    settings.pool().run(rows.count(), () -> b -> isCoded(rows.block(b)));
    double loss = 0;
    for (int b = 0; b < rows.count(); b++) {
      RowBlock block = rows.block(b);
      if (isCoded(block)) {
        Int8Codes codes = block.codes();
        loss = Math.max(loss, similarity == Similarity.COSINE ? codes.relativeLoss : codes.loss);
      }
    }
    return loss;
  }

  boolean isCoded(RowBlock block) {
    return useCodes
        && block.isFull()
        && ErrorBound.isRegular(similarity, block)
        && block.codes().loss < ErrorBound.GREATEST_CODED;
  }

  <R> List<R> search(Finish<C, R> finish) {
    List<R> results = new ArrayList<>(Collections.nCopies(queries.length, null));
    List<? extends BlockScan<C>> scans =
        direct
            ? scan(() -> new DirectScan<>(this))
            : similarity == Similarity.L1 ? scan(() -> new DistanceScan<>(this)) : scanByProducts();
    try {
      settings
          .pool()
          .run(
              queries.length,
              () -> {
                RowScorer scorer = newScorer();
                return q ->
                    results.set(
                        q,
                        finish.of(
                            q,
                            newCollector(q, scorer),
                            scans.stream().map(scan -> scan.best.get(q)).toList()));
              });
    } finally {
      scans.forEach(BlockScan::close);
    }
    return results;
  }

  private List<ProductScan<C>> scanByProducts() {
    try (NativeFloats matrix = NativeFloats.allocate(queries.length * dimension)) {
      float[][] lines = new float[queries.length][dimension];
      for (int q = 0; q < queries.length; q++) {
        double scale = similarity == Similarity.COSINE && norms[q] > 0 ? norms[q] : 1;
        for (int j = 0; j < dimension; j++) {
          lines[q][j] = (float) (queries[q][j] / scale);
        }
        matrix.floats().put(q * dimension, lines[q]);
      }
      return scan(() -> new ProductScan<>(this, matrix, lines));
    }
  }

  private <S extends BlockScan<C>> List<S> scan(Supplier<S> newScan) {
    return settings.pool().run(rows.count(), newScan);
  }

  C newCollector(int q, RowScorer scorer) {
    return collectors.of(
        q,
        (positions, scores, from, to) ->
            scorer.score(queries[q], norms[q], positions, scores, from, to),
        slacks[q]);
  }

  RowScorer newScorer() {
    return new RowScorer(settings, rows, selection);
  }
}
