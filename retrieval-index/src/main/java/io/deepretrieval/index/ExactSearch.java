// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.RankedHit;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Exact search over {@link Rows}.
 *
 * <p>The score of a row is defined as the inner product of {@link ExactScore}, divided by both
 * norms for the cosine (0 if one is 0), or the negative sum of differences for L2 and L1, and
 * rounded to float. Few or all-but-all wanted rows are scored that way at once. Otherwise OpenBLAS
 * computes float products, a tile of queries by a block of rows, and {@link Candidates} keeps the
 * rows whose defining score may still be among the k best. With u = 2^-24 and γ_n = n·u / (1 -
 * n·u), a float inner product summed in any order, fused or not, is within γ_D·‖q‖·‖x‖ of the true
 * one (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, section 3.1);
 * the terms added for rounding, for products below the normal range and for flushing to zero are in
 * {@link #margin}. Norms that could overflow float, or underflow it in a quotient, are kept away
 * from OpenBLAS.
 *
 * <p>Immutable and thread-safe.
 */
final class ExactSearch {
  /** Queries to a matrix product: enough for its full speed, products still near the cache. */
  private static final int TILE = 256;

  /** Fewer queries read the rows once each, which is faster than packing them for a product. */
  private static final int FEW_QUERIES = 8;

  /** Multiply-adds below which calling OpenBLAS does not pay. */
  private static final long SMALL = 1 << 18;

  /** Memory for the candidates of a tile, a worker. */
  private static final long CANDIDATE_BYTES = 64L << 20;

  private static final double UNIT = 0x1p-24;
  private static final double LEAST_NORM = 0x1p-40;
  private static final double GREATEST_NORM = 0x1p100;
  private static final double GREATEST_PRODUCT = 0x1p120;
  private static final double GREATEST_LENGTH = 0x1p60;
  private static final double GREATEST_CODED = 0x1p100;

  /** Rows that are copied at a time where there is no matrix product. */
  private static final int GROUP = 8;

  /** Fewer queries read the codes, if there are any: the rows' bytes are then the bottleneck. */
  private static final int FEW_CODED = 16;

  private final Similarity similarity;
  private final int dimension;
  private final WorkerPool pool;
  private final RowKernels kernels;
  private final boolean coded;

  /**
   * Makes a search.
   *
   * @param coded true to read codes of full blocks instead of floats where that is faster
   */
  ExactSearch(
      Similarity similarity, int dimension, WorkerPool pool, RowKernels kernels, boolean coded) {
    this.similarity = similarity;
    this.dimension = dimension;
    this.pool = pool;
    this.kernels = kernels;
    this.coded = coded && kernels.isFastOnCodes() && similarity != Similarity.L1;
  }

  /** Finds the best rows for queries of the right dimension. */
  List<SearchResult> search(Rows rows, List<Descriptor> queries, SearchRequest request) {
    return search(rows, queries, request, Selection.RowFilter.of(request.filter()));
  }

  /** Finds the best rows that a filter allows, which stands in for the one of the request. */
  List<SearchResult> search(
      Rows rows,
      List<Descriptor> queries,
      SearchRequest request,
      Optional<Selection.RowFilter> filter) {
    Selection selection = Selection.of(rows, filter, pool);
    int total = selection.total();
    if (total == 0) {
      SearchResult nothing = new SearchResult(List.of(), 0);
      return queries.stream().map(query -> nothing).toList();
    }
    int k = Math.min(request.k(), total);
    boolean direct = isSmall(total, queries) || k >= total - total / 8;
    long room = CANDIDATE_BYTES / Candidates.bytes(k, total);
    List<SearchResult> results = new ArrayList<>(queries.size());
    inTiles(
        queries,
        room,
        direct,
        (some, from) -> {
          Tile<Candidates> tile =
              new Tile<>(
                  rows,
                  selection,
                  some,
                  direct,
                  coded,
                  (q, scorer, slack) ->
                      direct
                          ? Candidates.exact(k, total)
                          : Candidates.approximate(k, slack, total, scorer));
          results.addAll(
              tile.search(
                  (q, all, found) -> {
                    found.forEach(all::addAll);
                    List<SearchHit> hits = new ArrayList<>(k);
                    for (long key : all.finish()) {
                      hits.add(
                          new SearchHit(
                              selection.id(Candidates.position(key)), Candidates.score(key)));
                    }
                    return new SearchResult(hits, total);
                  }));
        });
    return List.copyOf(results);
  }

  /**
   * Finds the places of some rows in the whole ranking of each query, without the ranking: each row
   * is only counted. Costs one search, and a score by definition for each row whose float score is
   * too near to that of a wanted row to tell which is better.
   *
   * @param wanted ids by query; those that are not in the ranking are left out
   * @param order of rows with the same score, ascending; called from any thread for each id, more
   *     than once; negative for an id that is not in the ranking. Empty for all rows in order of
   *     insertion
   */
  List<List<RankedHit>> ranks(
      Rows rows,
      List<Descriptor> queries,
      List<? extends Set<String>> wanted,
      Optional<ToIntFunction<String>> order) {
    if (wanted.size() != queries.size()) {
      throw new IllegalArgumentException(
          "wanted ids must be of as many queries as there are, "
              + queries.size()
              + ", but are of "
              + wanted.size());
    }
    Selection selection =
        Selection.of(
            rows, order.map(of -> (storage, row) -> of.applyAsInt(storage.ids[row]) >= 0), pool);
    int total = selection.total();
    Set<String> all = new HashSet<>();
    wanted.forEach(all::addAll);
    Map<String, Integer> positions = new ConcurrentHashMap<>();
    int[] orders = new int[selection.positions()];
    pool.run(
        rows.count(),
        () ->
            b -> {
              for (int row : selection.rowsOf(b)) {
                String id = rows.block(b).storage.ids[row];
                int position = selection.position(b, row);
                orders[position] = order.isPresent() ? order.get().applyAsInt(id) : position;
                if (all.contains(id)) {
                  positions.put(id, position);
                }
              }
            });
    boolean direct = isSmall(total, queries);
    List<List<RankedHit>> results = new ArrayList<>(queries.size());
    inTiles(
        queries,
        TILE,
        direct,
        (some, from) -> {
          int[][] sought = new int[some.size()][];
          for (int q = 0; q < sought.length; q++) {
            sought[q] =
                wanted.get(from + q).stream()
                    .map(positions::get)
                    .filter(Objects::nonNull)
                    .mapToInt(position -> position)
                    .sorted()
                    .toArray();
          }
          Tile<RankTable> tile =
              new Tile<>(
                  rows,
                  selection,
                  some,
                  direct,
                  false,
                  (q, scorer, slack) ->
                      new RankTable(sought[q], orders, direct ? 0 : slack / 2, direct, scorer));
          results.addAll(
              tile.search(
                  (q, sum, found) -> {
                    found.forEach(sum::addAll);
                    List<RankedHit> placements = new ArrayList<>(sum.size());
                    int[] places = sum.ranks();
                    for (int i = 0; i < places.length; i++) {
                      placements.add(
                          new RankedHit(selection.id(sum.position(i)), sum.score(i), places[i]));
                    }
                    return List.copyOf(placements);
                  }));
        });
    return List.copyOf(results);
  }

  private boolean isSmall(int total, List<Descriptor> queries) {
    return (double) total * dimension * queries.size() <= SMALL;
  }

  /** What is done for some of the queries, the first of which has a number. */
  private interface TileWork {
    void run(List<Descriptor> queries, int from);
  }

  private static void inTiles(List<Descriptor> queries, long room, boolean direct, TileWork work) {
    int tile = (int) Math.max(1, Math.min(TILE, room));
    if (!direct) {
      Blas.enter();
    }
    try {
      for (int from = 0; from < queries.size(); from += tile) {
        work.run(queries.subList(from, Math.min(from + tile, queries.size())), from);
      }
    } finally {
      if (!direct) {
        Blas.exit();
      }
    }
  }

  /** Makes what takes the scores of one query. */
  private interface NewCollector<C extends Collector> {
    /**
     * Makes an empty one.
     *
     * @param scorer the defining score of positions
     * @param slack twice the bound of what approximate scores are off
     */
    C of(int query, Candidates.Scorer scorer, double slack);
  }

  /** Makes the result of one query. */
  private interface Finish<C extends Collector, R> {
    /**
     * Joins.
     *
     * @param empty a new collector
     * @param found what each worker collected
     */
    R of(int query, C empty, List<C> found);
  }

  /** Some queries against all rows. */
  private final class Tile<C extends Collector> {
    private final Rows rows;
    private final Selection selection;
    private final boolean direct;
    private final NewCollector<C> collectors;
    private final float[][] queries;
    private final double[] norms;
    private final double[] slacks;
    private final boolean useCodes;

    Tile(
        Rows rows,
        Selection selection,
        List<Descriptor> descriptors,
        boolean direct,
        boolean mayUseCodes,
        NewCollector<C> collectors) {
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
              && Arrays.stream(norms).allMatch(norm -> norm <= GREATEST_CODED);
      double maxNorm = 0;
      double loss = 0;
      for (int b = 0; b < rows.count(); b++) {
        if (isRegular(rows.block(b))) {
          maxNorm = Math.max(maxNorm, rows.block(b).maxNorm);
        }
      }
      if (useCodes) {
        loss = loss();
      }
      this.slacks = new double[queries.length];
      for (int q = 0; q < queries.length; q++) {
        slacks[q] = 2 * margin(similarity, dimension, norms[q], maxNorm, loss);
      }
    }

    /** Makes sure that there are codes. */
    private double loss() {
      pool.run(rows.count(), () -> b -> isCoded(rows.block(b)));
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

    private boolean isCoded(RowBlock block) {
      return useCodes && block.isFull() && isRegular(block) && block.codes().loss < GREATEST_CODED;
    }

    <R> List<R> search(Finish<C, R> finish) {
      List<R> results = new ArrayList<>(Collections.nCopies(queries.length, null));
      List<? extends Scan> scans =
          direct
              ? scan(DirectScan::new)
              : similarity == Similarity.L1 ? scan(DistanceScan::new) : scanByProducts();
      try {
        pool.run(
            queries.length,
            () -> {
              Definition definition = new Definition();
              return q ->
                  results.set(
                      q,
                      finish.of(
                          q,
                          newCollector(q, definition),
                          scans.stream().map(scan -> scan.best.get(q)).toList()));
            });
      } finally {
        scans.forEach(Scan::close);
      }
      return results;
    }

    private List<ProductScan> scanByProducts() {
      try (NativeFloats matrix = NativeFloats.allocate(queries.length * dimension)) {
        float[][] lines = new float[queries.length][dimension];
        for (int q = 0; q < queries.length; q++) {
          double scale = similarity == Similarity.COSINE && norms[q] > 0 ? norms[q] : 1;
          for (int j = 0; j < dimension; j++) {
            lines[q][j] = (float) (queries[q][j] / scale);
          }
          matrix.floats().put(q * dimension, lines[q]);
        }
        return scan(() -> new ProductScan(matrix, lines));
      }
    }

    private <S extends Scan> List<S> scan(Supplier<S> newScan) {
      return pool.run(rows.count(), newScan);
    }

    private C newCollector(int q, Definition definition) {
      return collectors.of(
          q,
          (positions, scores, from, to) ->
              definition.score(queries[q], norms[q], positions, scores, from, to),
          slacks[q]);
    }

    /** Scores by definition, with the scratch memory of one thread. */
    private final class Definition {
      private final ExactScore dots = new ExactScore(similarity, dimension);
      private double[] products = new double[RowBlock.capacity(dimension)];
      private int[] which = new int[products.length];

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

    /** One worker over the blocks of rows. */
    private abstract class Scan implements WorkerPool.Worker {
      final List<C> best = new ArrayList<>(queries.length);
      final Definition definition = new Definition();
      final float[] line = new float[RowBlock.capacity(dimension)];

      Scan() {
        for (int q = 0; q < queries.length; q++) {
          best.add(newCollector(q, definition));
        }
      }

      @Override
      public void run(int b) {
        if (selection.count(b) > 0) {
          RowBlock block = rows.block(b);
          block.storage.memory.requireSound();
          run(b, block);
        }
      }

      abstract void run(int b, RowBlock block);

      void score(int q, int b, RowBlock block, int[] which) {
        definition.score(queries[q], norms[q], block, which, which.length, line, 0);
        for (int i = 0; i < which.length; i++) {
          if (line[i] >= best.get(q).threshold()) {
            best.get(q).add(line[i], selection.position(b, which[i]));
          }
        }
      }
    }

    /** By definition. */
    private final class DirectScan extends Scan {
      @Override
      void run(int b, RowBlock block) {
        int[] which = selection.rowsOf(b);
        for (int q = 0; q < queries.length; q++) {
          score(q, b, block, which);
        }
      }
    }

    /** By float sums of absolute differences, for which there is no matrix product. */
    private final class DistanceScan extends Scan {
      private final float[] group = new float[GROUP * dimension];

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

    /** Products or differences with a block may not be left to float. */
    private boolean isTooLarge(int q, RowBlock block) {
      return switch (similarity) {
        case COSINE -> false;
        case INNER_PRODUCT -> norms[q] * block.maxNorm > GREATEST_PRODUCT;
        case L2, L1 -> norms[q] + block.maxNorm > GREATEST_LENGTH;
      };
    }

    /** By OpenBLAS, or by codes. */
    private final class ProductScan extends Scan {
      private final FloatPointer matrix;
      private final FloatPointer[] vectors;
      private final NativeFloats products;
      private final float[][] lines;
      private final int[] reached = new int[line.length];

      ProductScan(NativeFloats matrix, float[][] lines) {
        this.matrix = matrix.pointer();
        this.lines = lines;
        boolean few = queries.length < (useCodes ? FEW_CODED : FEW_QUERIES);
        this.vectors = new FloatPointer[few ? queries.length : 0];
        for (int q = 0; q < vectors.length; q++) {
          vectors[q] = new FloatPointer(this.matrix.getPointer((long) q * dimension));
        }
        this.products = NativeFloats.allocate(queries.length * RowBlock.capacity(dimension));
      }

      @Override
      void run(int b, RowBlock block) {
        // A row by definition costs about as much as this many rows by OpenBLAS.
        int price = vectors.length > 0 ? 4 : 24;
        if ((long) selection.count(b) * price <= block.rows || !isRegular(block)) {
          int[] which = selection.rowsOf(b);
          for (int q = 0; q < queries.length; q++) {
            score(q, b, block, which);
          }
          return;
        }
        boolean byCodes = isCoded(block);
        FloatPointer floats = block.storage.memory.pointer();
        if (!byCodes && vectors.length == 0) {
          Blas.products(matrix, queries.length, floats, block.rows, dimension, products.pointer());
        }
        for (int q = 0; q < queries.length; q++) {
          if (isTooLarge(q, block)) {
            score(q, b, block, selection.rowsOf(b));
            continue;
          }
          if (byCodes) {
            Int8Codes codes = block.codes();
            kernels.dots(lines[q], codes.bytes, block.rows, dimension, line);
            for (int row = 0; row < block.rows; row++) {
              line[row] *= codes.scales[row];
            }
          } else {
            if (vectors.length > 0) {
              Blas.products(vectors[q], floats, block.rows, dimension, products.pointer());
            }
            products.floats().get(vectors.length > 0 ? 0 : q * block.rows, line, 0, block.rows);
          }
          if (similarity == Similarity.L2) {
            float[] squares = block.storage.squaredNorms;
            float square = (float) (norms[q] * norms[q]);
            for (int row = 0; row < block.rows; row++) {
              line[row] = 2 * line[row] - squares[row] - square;
            }
          }
          collect(best.get(q), b, block);
        }
      }

      private void collect(C candidates, int b, RowBlock block) {
        if (similarity == Similarity.COSINE) {
          float[] inverse = block.storage.inverseNorms;
          for (int row = 0; row < block.rows; row++) {
            line[row] *= inverse[row];
          }
        }
        int count = kernels.atLeast(line, block.rows, candidates.threshold(), reached);
        for (int i = 0; i < count; i++) {
          int row = reached[i];
          if (line[row] >= candidates.threshold() && selection.has(b, row)) {
            candidates.add(line[row], selection.position(b, row));
          }
        }
      }

      @Override
      public void close() {
        products.free();
      }
    }
  }

  private boolean isRegular(RowBlock block) {
    return isRegular(similarity, block);
  }

  /** Says whether float sums over the rows of a block neither overflow nor vanish. */
  static boolean isRegular(Similarity similarity, RowBlock block) {
    return switch (similarity) {
      case COSINE -> block.minNorm >= LEAST_NORM && block.maxNorm <= GREATEST_NORM;
      case INNER_PRODUCT -> block.maxNorm <= GREATEST_PRODUCT;
      case L2, L1 -> block.maxNorm <= GREATEST_LENGTH;
    };
  }

  /**
   * A bound of |approximate score - defining score|.
   *
   * <p>Inner product: γ_(D+2)·‖q‖·‖x‖ for the float sum, 2u·‖q‖·‖x‖ for rounding the defining
   * score, and 2^-125·D·(2 + ‖q‖ + ‖x‖) for whatever is too small to be a normal float. Cosine: the
   * same with unit lengths, and 6u for rounding the unit query, 1 / ‖x‖, their product and the
   * defining score; ‖x‖ of at least 2^-40 makes the last term 2^-80·D. L2, from 2q·x - ‖x‖² - ‖q‖²:
   * twice what the product is off, and 8u·(‖q‖ + ‖x‖)² for rounding its terms, their sums and the
   * defining score. L1: each difference and the sum of D of them, γ_(D+2)·Σ|q_i - x_i|, with Σ|q_i
   * - x_i| ≤ √D·(‖q‖ + ‖x‖).
   *
   * <p>Int8Codes: ‖q‖ times what they lose, and 4u more for their scale; a code is not longer than
   * its row and what it loses.
   *
   * @param loss the greatest length that codes lose, relative to the row for the cosine; 0 without
   *     codes
   */
  static double margin(
      Similarity similarity, int dimension, double queryNorm, double maxRowNorm, double loss) {
    double n = (dimension + (loss > 0 ? 6 : 2)) * UNIT;
    double gamma = 1.001 * n / (1 - n);
    double tiny = 0x1p-125 * dimension;
    switch (similarity) {
      case COSINE -> {
        return 1.001 * loss + (1 + loss) * (gamma + 6.006 * UNIT) + 0x1p-80 * dimension;
      }
      case INNER_PRODUCT -> {
        double rowNorm =
            queryNorm == 0 ? maxRowNorm : Math.min(maxRowNorm, GREATEST_PRODUCT / queryNorm);
        return 1.001 * queryNorm * loss
            + (gamma + 2.002 * UNIT) * queryNorm * (rowNorm + loss)
            + tiny * (2 + queryNorm + rowNorm + loss);
      }
      case L2 -> {
        double both = Math.min(queryNorm + maxRowNorm, GREATEST_LENGTH) + loss;
        return 2.002 * Math.min(queryNorm, both) * loss
            + (2 * gamma + 8.008 * UNIT) * both * both
            + 2 * tiny * (2 + both);
      }
      case L1 -> {
        double both = Math.min(queryNorm + maxRowNorm, GREATEST_LENGTH);
        return (gamma + 2.002 * UNIT) * Math.sqrt(dimension) * both;
      }
    }
    throw new IllegalStateException("similarity must be known but is " + similarity);
  }
}
