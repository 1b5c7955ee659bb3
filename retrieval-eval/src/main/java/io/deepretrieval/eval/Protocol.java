// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One way to score a search: which queries count, what is right for them, and which figures are
 * reported. Several protocols of a {@link RetrievalDataSet} share one search: the revisited Oxford
 * has the protocols easy, medium and hard, whose queries are the same and whose judgments differ;
 * the Google Landmarks Dataset v2 has private and public, whose queries differ.
 *
 * @param name what reports show, for instance {@code hard}; {@value #STANDARD} where a set has one
 * @param queries at least one, also those without a right answer, which are skipped and counted
 *     (copied)
 * @param metrics at least one, the one that papers report first; no two of one name (copied)
 */
public record Protocol(String name, List<Query> queries, List<Metric> metrics) {
  /** Name of the protocol of a data set that has only one. */
  public static final String STANDARD = "standard";

  private static final List<Metric> STANDARD_METRICS =
      List.of(
          Metric.averagePrecision(),
          Metric.precisionAt(1),
          Metric.precisionAt(5),
          Metric.precisionAt(10));

  /**
   * Checks the parts.
   *
   * @param name what reports show, for instance {@code hard}; {@value #STANDARD} where a set has
   *     one
   * @param queries at least one, also those without a right answer, which are skipped and counted
   *     (copied)
   * @param metrics at least one, the one that papers report first; no two of one name (copied)
   * @throws IllegalArgumentException if the name is blank, there is no query or no metric, or a
   *     metric is there twice
   */
  public Protocol {
    if (name.isBlank()) {
      throw new IllegalArgumentException("protocol name must not be blank but was '" + name + "'");
    }
    queries = List.copyOf(queries);
    metrics = List.copyOf(metrics);
    if (queries.isEmpty() || metrics.isEmpty()) {
      throw new IllegalArgumentException(
          "protocol '"
              + name
              + "' must have queries and metrics but has "
              + queries.size()
              + " and "
              + metrics.size());
    }
    Set<String> names = new HashSet<>();
    for (Metric metric : metrics) {
      if (!names.add(metric.name())) {
        throw new IllegalArgumentException(
            "protocol '" + name + "' must have metric " + metric.name() + " once but has it twice");
      }
    }
  }

  /**
   * Makes the protocol of a data set that has only one: mean average precision (trapezoid) and
   * precision at 1, 5 and 10.
   *
   * @param queries at least one (copied)
   * @return the protocol {@value #STANDARD}
   * @throws IllegalArgumentException if there is no query
   */
  public static Protocol standard(List<Query> queries) {
    return new Protocol(STANDARD, queries, STANDARD_METRICS);
  }

  /** Whether queries without a right answer have to be searched too. */
  boolean needsUnanswerable() {
    return metrics.stream().anyMatch(metric -> !metric.isMean());
  }

  @Override
  public String toString() {
    return "Protocol[" + name + ": " + queries.size() + " queries, " + metrics + "]";
  }
}
