// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;
import java.util.Set;

/**
 * An index that can say where some of its vectors stand in the whole ranking of a query without
 * making that ranking, as scoring against a million others needs.
 */
public interface PlacingIndex extends Index {
  /**
   * Finds where vectors stand.
   *
   * @param queries any number, each of dimension D and of the recipe of the index
   * @param wanted ids by query; those that the index does not have are left out
   * @return for each query its wanted vectors, best first: what {@link #search} for all vectors
   *     would give, with their places there
   * @throws IllegalArgumentException if a query has another dimension or recipe, or there are not
   *     as many sets of ids as queries
   * @throws IllegalStateException if the index is closed
   */
  List<List<Placement>> places(List<Descriptor> queries, List<? extends Set<String>> wanted);
}
