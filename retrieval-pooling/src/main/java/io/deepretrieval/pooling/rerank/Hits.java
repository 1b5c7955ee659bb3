// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What re-rankers share. */
final class Hits {
  private Hits() {}

  static int requireTop(int n) {
    return requireAtLeastOne("n", n);
  }

  static int requireAtLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1 but was " + value);
    }
    return value;
  }

  static double requireNonNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " must be finite and >= 0 but was " + value);
    }
    return value;
  }

  /** max(similarity, 0)^exponent, 1 for the exponent 0. */
  static double power(double similarity, double exponent) {
    return Math.pow(Math.max(similarity, 0), exponent);
  }

  /** The vector of a hit. */
  static Descriptor vector(Index index, SearchHit hit) {
    return index
        .descriptor(hit.id())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "hit must be in the index but there is no vector of id '" + hit.id() + "'"));
  }

  /** The vectors of the first n hits, or of all if there are fewer. */
  static List<Descriptor> vectors(Index index, SearchResult result, int n) {
    List<Descriptor> out = new ArrayList<>();
    for (SearchHit hit : result.hits().subList(0, Math.min(n, result.hits().size()))) {
      out.add(vector(index, hit));
    }
    return out;
  }

  /** The values of the vectors of the first n hits, after a check of the query. */
  static float[][] rows(Descriptor query, Index index, SearchResult result, int n) {
    index.recipe().requireSame(query.recipe(), "query");
    float[][] rows = new float[Math.min(n, result.hits().size())][];
    for (int i = 0; i < rows.length; i++) {
      Descriptor vector = vector(index, result.hits().get(i));
      if (vector.dimension() != query.dimension()) {
        throw new IllegalArgumentException(
            "descriptor dimension must be "
                + vector.dimension()
                + " but was "
                + query.dimension()
                + " (query)");
      }
      rows[i] = vector.toArray();
    }
    return rows;
  }

  /**
   * Orders the first hits by new scores, ties in their old order; the others follow as they were.
   */
  static SearchResult reorder(SearchResult before, double[] scores) {
    List<SearchHit> hits = new ArrayList<>(before.hits().size());
    for (int i : order(scores)) {
      hits.add(new SearchHit(before.hits().get(i).id(), (float) scores[i]));
    }
    hits.addAll(before.hits().subList(scores.length, before.hits().size()));
    return new SearchResult(hits, before.visited() + scores.length);
  }

  /** Places by score, the greatest first, ties in order. */
  static int[] order(double[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
        .mapToInt(i -> i)
        .toArray();
  }

  /** Searches again with a sum of vectors, L2-normalized, for as many hits as before. */
  static SearchResult searchAgain(
      double[] sum, Descriptor query, SearchResult before, Index index) {
    double squares = RankedRows.squares(sum);
    if (!(squares > 0)) {
      return before;
    }
    Descriptor expanded = Descriptor.copyOf(scaled(sum, 1 / Math.sqrt(squares)), query.recipe());
    SearchResult after = index.search(expanded, SearchRequest.top(before.hits().size()));
    return new SearchResult(after.hits(), before.visited() + after.visited());
  }

  static float[] scaled(double[] values, double factor) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (values[i] * factor);
    }
    return out;
  }

  static void add(double[] sum, double weight, Descriptor vector) {
    if (vector.dimension() != sum.length) {
      throw new IllegalArgumentException(
          "descriptor dimension must be " + sum.length + " but was " + vector.dimension());
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] += weight * vector.at(i);
    }
  }
}
