// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;

/**
 * What a search found and what it cost.
 *
 * @param hits best first, ties in order of insertion, at most k
 * @param visited number of stored vectors that were compared with the query, at least 0
 */
public record SearchResult(List<SearchHit> hits, long visited) {
  /**
   * Copies the hits.
   *
   * @param hits best first, ties in order of insertion, at most k
   * @param visited number of stored vectors that were compared with the query, at least 0
   * @throws IllegalArgumentException if {@code visited} is negative
   */
  public SearchResult {
    hits = List.copyOf(hits);
    if (visited < 0) {
      throw new IllegalArgumentException("visited must be at least 0 but was " + visited);
    }
  }
}
