// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * Reorders the head of a result. Implementations look at no more than the first N hits, which is
 * theirs to state, and compose: the result of one is the input of the next.
 *
 * <p>Immutable and thread-safe. Contract test: {@code io.deepretrieval.testkit.RerankerContract}.
 */
public interface Reranker {
  /**
   * Returns the name and the parameters in one line.
   *
   * @return for instance {@code alpha-query-expansion n=10 alpha=3.0}
   */
  String recipe();

  /**
   * Reorders a result.
   *
   * @param query the query that was searched
   * @param result what the index found
   * @param index where it was found; gives vectors by id and may be searched again
   * @return a result that begins with the hits in their new order, of no more hits than the
   *     argument
   * @throws IllegalArgumentException if a hit is not in the index; the message has its id in single
   *     quotes
   */
  SearchResult rerank(Descriptor query, SearchResult result, Index index);
}
