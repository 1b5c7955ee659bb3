// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchResult;

/**
 * Average query expansion: searches again with q' = L2(q + Σ_{j ≤ n} d_j), d_1 … d_n the vectors of
 * the first n hits.
 *
 * <p>Expects vectors of length 1. The new search runs over the whole index, so hits may come that
 * were not there before; a filter of the first search is not known to it. With fewer than n hits
 * all of them count; an empty result stays empty. Where q' would be the zero vector the result
 * stays as it was. Cost: one more search. Immutable and thread-safe.
 *
 * @see "Chum, Philbin, Sivic, Isard, Zisserman: Total recall: automatic query expansion with a
 *     generative feature model for object retrieval, ICCV 2007"
 */
public final class AverageQueryExpansion implements Reranker {
  private final int n;

  /**
   * Makes the expansion.
   *
   * @param n hits that are looked at, at least 1; 5 to 10 is usual
   * @throws IllegalArgumentException if n is less than 1
   */
  public AverageQueryExpansion(int n) {
    this.n = Hits.requireTop(n);
  }

  @Override
  public String recipe() {
    return "average-query-expansion n=" + n;
  }

  @Override
  public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
    if (result.hits().isEmpty()) {
      return result;
    }
    double[] sum = new double[query.dimension()];
    Hits.add(sum, 1, query);
    for (Descriptor vector : Hits.vectors(index, result, n)) {
      Hits.add(sum, 1, vector);
    }
    return Hits.searchAgain(sum, query, result, index);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
