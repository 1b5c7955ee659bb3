// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * An index that can say where some of its vectors stand in the whole ranking of a query without
 * making that ranking, as scoring against a million others needs.
 */
public interface RankingIndex extends Index {
  /**
   * Finds where vectors stand.
   *
   * @param queries any number, each of dimension D and of the recipe of the index
   * @param wanted ids by query; those that the index does not have are left out
   * @return for each query its wanted vectors, best first: what {@link #search} for all vectors
   *     would give, with their places there
   * @throws IllegalArgumentException if a query has another dimension or recipe, or there are not
   *     as many sets of ids as queries, where the message shows both numbers
   * @throws IllegalStateException if the index is closed
   */
  List<List<RankedHit>> ranks(List<Descriptor> queries, List<? extends Set<String>> wanted);

  /**
   * Finds where vectors stand in the ranking of some of the vectors, in the caller's own order of
   * those with the same score.
   *
   * @param queries any number, each of dimension D and of the recipe of the index
   * @param wanted ids by query; those that are not in the ranking are left out
   * @param order of vectors with the same score, ascending; called from any thread for each id,
   *     more than once; negative for an id that is not in the ranking
   * @return for each query its wanted vectors, best first
   * @throws IllegalArgumentException if a query has another dimension or recipe, or there are not
   *     as many sets of ids as queries, where the message shows both numbers
   * @throws IllegalStateException if the index is closed
   */
  List<List<RankedHit>> ranks(
      List<Descriptor> queries, List<? extends Set<String>> wanted, ToIntFunction<String> order);
}
