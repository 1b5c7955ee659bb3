// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.SearchHit;
import java.util.List;
import java.util.Objects;

/**
 * What one query found.
 *
 * @param query the query
 * @param averagePrecision by the trapezoid rule over the whole ranking, in [0, 1]; 0 if the query
 *     could not be read
 * @param ranking what was found, best first, junk included; its head if the evaluator was told to
 *     {@linkplain Evaluator.Builder#keep keep} less; empty if the query could not be read
 * @param positiveRanks ranks from 0 of the right answers that were found, ascending, in the whole
 *     ranking without junk
 */
public record QueryResult(
    Query query, double averagePrecision, List<SearchHit> ranking, List<Integer> positiveRanks) {
  /**
   * Copies the lists.
   *
   * @param query the query
   * @param averagePrecision by the trapezoid rule over the whole ranking, in [0, 1]; 0 if the query
   *     could not be read
   * @param ranking what was found, best first, junk included; its head if the evaluator was told to
   *     keep less; empty if the query could not be read
   * @param positiveRanks ranks from 0 of the right answers that were found, ascending, in the whole
   *     ranking without junk
   * @throws IllegalArgumentException if the average precision is not in [0, 1]
   */
  public QueryResult {
    Objects.requireNonNull(query, "query");
    ranking = List.copyOf(ranking);
    positiveRanks = List.copyOf(positiveRanks);
    if (!(averagePrecision >= 0 && averagePrecision <= 1)) {
      throw new IllegalArgumentException(
          "average precision must be in [0, 1] but was " + averagePrecision);
    }
  }

  /**
   * Returns the number of all right answers, also of those that were not found.
   *
   * @return good and ok ones; 0 for a query without a right answer
   */
  public int positives() {
    return query.judgments().good().size() + query.judgments().ok().size();
  }

  /**
   * Returns the ranks of the right answers, as {@link AveragePrecision}, {@link PrecisionAtK} and
   * {@link RecallAtK} take them.
   *
   * @return {@link #positiveRanks} as a new array
   */
  public int[] ranks() {
    return positiveRanks.stream().mapToInt(Integer::intValue).toArray();
  }
}
