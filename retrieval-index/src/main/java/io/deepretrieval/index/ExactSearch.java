// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.RankedHit;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

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
 * {@link ErrorBound#margin}. Norms that could overflow float, or underflow it in a quotient, are
 * kept away from OpenBLAS.
 *
 * <p>Immutable and thread-safe.
 */
final class ExactSearch {
  /** Queries to a matrix product: enough for its full speed, products still near the cache. */
  private static final int TILE = 256;

  /** Multiply-adds below which calling OpenBLAS does not pay. */
  private static final long SMALL = 1 << 18;

  /** Memory for the candidates of a tile, a worker. */
  private static final long CANDIDATE_BYTES = 64L << 20;

  private final SearchSettings settings;
  private final WorkerPool pool;

  /**
   * Makes a search.
   *
   * @param coded true to read codes of full blocks instead of floats where that is faster
   */
  ExactSearch(
      Similarity similarity, int dimension, WorkerPool pool, RowKernels kernels, boolean coded) {
    this.settings =
        new SearchSettings(
            similarity,
            dimension,
            pool,
            kernels,
            coded && kernels.isFastOnCodes() && similarity != Similarity.L1);
    this.pool = pool;
  }

  /**
   * Finds the best rows for queries of the right dimension.
   *
   * @param request of which the filters are left to the caller
   * @param filter the rows to consider; empty for all
   */
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
    boolean nearlyAll = k >= total - total / 8;
    if (request.leastScore().isPresent()) {
      float least = (float) request.leastScore().getAsDouble();
      return nearlyAll
          ? allAtLeast(rows, queries, selection, k, least)
          : best(rows, queries, selection, k, least, isSmall(total, queries));
    }
    boolean direct = isSmall(total, queries) || nearlyAll;
    return best(rows, queries, selection, k, Float.NEGATIVE_INFINITY, direct);
  }

  /** Finds the k best rows of those that reach a score. */
  private List<SearchResult> best(
      Rows rows,
      List<Descriptor> queries,
      Selection selection,
      int k,
      float least,
      boolean direct) {
    int total = selection.total();
    long room = CANDIDATE_BYTES / Candidates.bytes(k, total);
    List<SearchResult> results = new ArrayList<>(queries.size());
    inTiles(
        queries,
        room,
        direct,
        (some, from) -> {
          SearchTile<Candidates> tile =
              new SearchTile<>(
                  settings,
                  rows,
                  selection,
                  some,
                  direct,
                  settings.coded(),
                  (q, scorer, slack) ->
                      direct
                          ? Candidates.exact(k, total, RangeCandidates.floor(least, 0))
                          : Candidates.approximate(
                              k, slack, total, RangeCandidates.floor(least, slack), scorer));
          results.addAll(
              tile.search(
                  (q, all, found) -> {
                    found.forEach(all::addAll);
                    return result(selection, all.finish(), k, least);
                  }));
        });
    return List.copyOf(results);
  }

  /** Finds all rows that reach a score, in the end at most k of them. */
  private List<SearchResult> allAtLeast(
      Rows rows, List<Descriptor> queries, Selection selection, int k, float least) {
    boolean direct = isSmall(selection.total(), queries);
    List<SearchResult> results = new ArrayList<>(queries.size());
    inTiles(
        queries,
        TILE,
        direct,
        (some, from) -> {
          SearchTile<RangeCandidates> tile =
              new SearchTile<>(
                  settings,
                  rows,
                  selection,
                  some,
                  direct,
                  settings.coded(),
                  (q, scorer, slack) -> new RangeCandidates(least, slack, direct, scorer));
          results.addAll(
              tile.search(
                  (q, all, found) -> {
                    found.forEach(all::addAll);
                    return result(selection, all.finish(), k, least);
                  }));
        });
    return List.copyOf(results);
  }

  private static SearchResult result(Selection selection, long[] keys, int k, float least) {
    List<SearchHit> hits = new ArrayList<>(Math.min(k, keys.length));
    for (long key : keys) {
      if (hits.size() == k || Candidates.score(key) < least) {
        break;
      }
      hits.add(new SearchHit(selection.id(Candidates.position(key)), Candidates.score(key)));
    }
    return new SearchResult(hits, selection.total());
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
          SearchTile<RankTable> tile =
              new SearchTile<>(
                  settings,
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
    return (double) total * settings.dimension() * queries.size() <= SMALL;
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
}
