// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;
import java.util.Optional;

/**
 * Vectors of one recipe that can be searched.
 *
 * <p>Thread-safe. Larger scores are better for every {@link Similarity}; hits come best first, ties
 * in order of insertion; fewer than k when fewer exist or reach the least score of the request.
 * Scores are raw, as the similarity defines them. An index that notes nothing beside its vectors
 * has no metadata fields, so a {@link Filter} that asks about one is an error. Close may be called
 * twice; a search after it is an {@link IllegalStateException}. Contract test: {@code
 * io.deepretrieval.testkit.IndexContract}.
 */
public interface Index extends DescriptorSource, AutoCloseable {
  /**
   * Returns D.
   *
   * @return the dimension of every vector
   */
  int dimension();

  /**
   * Returns N.
   *
   * @return the number of vectors, 0 or more
   */
  long size();

  /**
   * Returns how vectors are compared.
   *
   * @return the similarity
   */
  Similarity similarity();

  /**
   * Returns how every vector was made.
   *
   * @return {@link Recipe#NONE} for vectors of unknown origin
   */
  Recipe recipe();

  /**
   * Finds the best vectors for each query.
   *
   * @param queries any number, each of dimension D and of the recipe of the index
   * @param request how many hits, of which score, among which vectors
   * @return one result a query, in the order of the queries; the same for a query whatever the
   *     other queries and the number of threads
   * @throws IllegalArgumentException if a query has another dimension or recipe; the message names
   *     the query, from 0, as {@code query 7}, and shows both dimensions or recipes; or the request
   *     asks about metadata fields that no vector has
   * @throws IllegalStateException if the index is closed
   */
  List<SearchResult> search(List<Descriptor> queries, SearchRequest request);

  /**
   * Finds the best vectors for one query.
   *
   * @param query of dimension D and of the recipe of the index
   * @param request how many hits, of which score, among which vectors
   * @return the result
   * @throws IllegalArgumentException if the query has another dimension or recipe
   * @throws IllegalStateException if the index is closed
   */
  default SearchResult search(Descriptor query, SearchRequest request) {
    return search(List.of(query), request).get(0);
  }

  @Override
  Optional<Descriptor> descriptor(String id);

  /** Frees memory. Does nothing the second time. */
  @Override
  void close();
}
