// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchResult;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.SearchResult.NodeScore;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.graph.similarity.ScoreFunction;
import io.github.jbellis.jvector.util.Bits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One thread's walks. */
final class GraphWalk implements WorkerPool.Worker {
  /** Hits are ranked by the definition; this many more than asked for may trade places. */
  private static final int SPARE = 8;

  /** What float sums of the walk may be off, relative to a likeness of at most 1. */
  private static final float TOLERANCE = 1e-5f;

  private record Ranked(int node, float score) {}

  private final GraphRows rows;
  private final AdjacencyFile links;
  private final @Nullable GraphCodes codes;
  private final GraphSearcher searcher;
  private final Consumer<GraphSearcher> giveBack;
  private final Bits allowed;
  private final List<Descriptor> queries;
  private final int k;
  private final int wide;
  private final SearchResult[] results;

  /**
   * Starts.
   *
   * @param giveBack takes the searcher at the end
   * @param wide how many nodes are kept in view
   * @param results (modified) receives that of each query
   */
  GraphWalk(
      GraphRows rows,
      AdjacencyFile links,
      @Nullable GraphCodes codes,
      GraphSearcher searcher,
      Consumer<GraphSearcher> giveBack,
      Bits allowed,
      List<Descriptor> queries,
      int k,
      int wide,
      SearchResult[] results) {
    this.rows = rows;
    this.links = links;
    this.codes = codes;
    this.searcher = searcher;
    this.giveBack = giveBack;
    this.allowed = allowed;
    this.queries = queries;
    this.k = k;
    this.wide = wide;
    this.results = results;
  }

  @Override
  public void run(int q) {
    float[] query = queries.get(q).toArray();
    double norm = queries.get(q).norm();
    GraphRows.Comparer comparer = rows.new Comparer(query, norm);
    ScoreFunction.ExactScoreFunction precise = comparer::likeness;
    DefaultSearchScoreProvider scores =
        codes == null
            ? new DefaultSearchScoreProvider(precise)
            : new DefaultSearchScoreProvider(codes.likeness(rows, query, norm), precise);
    io.github.jbellis.jvector.graph.SearchResult found =
        searcher.search(scores, wide, wide, 0, 0, allowed);
    NodeScore[] nodes = found.getNodes();
    int take = Math.min(nodes.length, k + SPARE);
    if (take > k) {
      // The definition decides near ties.
      float last = nodes[k - 1].score - TOLERANCE;
      while (take < nodes.length && nodes[take].score >= last) {
        take++;
      }
    }
    List<Ranked> ranked = new ArrayList<>(take);
    float[] row = new float[rows.dimension];
    for (int i = 0; i < take; i++) {
      int node = nodes[i].node;
      rows.copy(node, row, 0);
      double sum = ExactScore.one(rows.similarity, query, row, rows.dimension);
      float score = ExactScore.score(rows.similarity, sum, norm, rows.norm(node));
      int copies = 0;
      for (int copy = node; copy >= 0 && copies < k; copy = links.next(copy)) {
        if (!(allowed instanceof NodeMask mask) || mask.passes(copy)) {
          ranked.add(new Ranked(copy, score));
          copies++;
        }
      }
    }
    ranked.sort(Comparator.comparing(Ranked::score).reversed().thenComparing(Ranked::node));
    results[q] =
        new SearchResult(
            ranked.stream()
                .limit(k)
                .map(hit -> new SearchHit(rows.id(hit.node), hit.score))
                .toList(),
            found.getVisitedCount());
  }

  @Override
  public void close() {
    giveBack.accept(searcher);
  }
}
