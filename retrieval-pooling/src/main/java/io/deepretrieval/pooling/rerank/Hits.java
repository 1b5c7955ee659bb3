// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import java.util.ArrayList;
import java.util.List;

/** What re-rankers share. */
final class Hits {
  private Hits() {}

  static int requireTop(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1 but was " + n);
    }
    return n;
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

  /** Searches again with a sum of vectors, L2-normalised, for as many hits as before. */
  static SearchResult searchAgain(
      double[] sum, Descriptor query, SearchResult before, Index index) {
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    if (!(squares > 0)) {
      return before;
    }
    double norm = Math.sqrt(squares);
    float[] values = new float[sum.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (sum[i] / norm);
    }
    SearchResult after =
        index.search(
            Descriptor.copyOf(values, query.recipe()), SearchRequest.top(before.hits().size()));
    return new SearchResult(after.hits(), before.visited() + after.visited());
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
