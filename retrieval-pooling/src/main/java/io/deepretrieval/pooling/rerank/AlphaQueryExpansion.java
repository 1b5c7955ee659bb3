// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchResult;

/**
 * Query expansion that trusts near hits more: searches again with q' = L2(q + Σ_{j ≤ n} max(q·d_j,
 * 0)^α d_j), d_1 … d_n the vectors of the first n hits.
 *
 * <p>The weight of the query is 1, that of a hit at an obtuse angle 0. With α = 0 every weight is 1
 * (0⁰ = 1) and this is {@link AverageQueryExpansion}; with α → ∞ only vectors equal to the query
 * keep a weight and the search is the first one again.
 *
 * <p>Expects vectors of length 1. The weights are taken from the vectors, not from the scores of
 * the hits, so that it may follow any other re-ranker. The new search runs over the whole index, so
 * hits may come that were not there before; a filter of the first search is not known to it. With
 * fewer than n hits all of them count; an empty result stays empty. Where q' would be the zero
 * vector the result stays as it was. Cost: one more search. Immutable and thread-safe.
 *
 * @see "Radenović, Tolias, Chum: Fine-tuning CNN image retrieval with no human annotation, TPAMI
 *     2019"
 */
public final class AlphaQueryExpansion implements Reranker {
  private final int n;
  private final double alpha;

  /**
   * Makes the expansion.
   *
   * @param n hits that are looked at, at least 1; 10 to 50 is usual
   * @param alpha exponent of the similarities, at least 0; 3 is usual
   * @throws IllegalArgumentException if n is less than 1 or alpha is negative or not finite
   */
  public AlphaQueryExpansion(int n, double alpha) {
    this.n = Hits.requireTop(n);
    this.alpha = Hits.requireNonNegative("alpha", alpha);
  }

  @Override
  public String recipe() {
    return "alpha-query-expansion n=" + n + " alpha=" + alpha;
  }

  @Override
  public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
    if (result.hits().isEmpty()) {
      return result;
    }
    return Hits.searchAgain(expand(query, result, index), query, result, index);
  }

  /** The sum that is normalized and searched. */
  double[] expand(Descriptor query, SearchResult result, Index index) {
    double[] sum = new double[query.dimension()];
    Hits.add(sum, 1, query);
    for (Descriptor vector : Hits.vectors(index, result, n)) {
      Hits.add(sum, Hits.power(query.dot(vector), alpha), vector);
    }
    return sum;
  }

  @Override
  public String toString() {
    return recipe();
  }
}
