// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a search scores by one {@link Protocol}. Part of an {@link EvaluationResult}.
 *
 * <p>Immutable and thread-safe.
 */
public final class ProtocolResult {
  private final Protocol protocol;
  private final double randomMeanAveragePrecision;
  private final List<QueryResult> queries;
  private final List<QueryResult> unanswerable;
  private final List<Query> skipped;

  /**
   * Holds what was found.
   *
   * @param queries those with a right answer, at least one
   * @param unanswerable of those without one, the searched ones
   */
  ProtocolResult(
      Protocol protocol,
      double randomMeanAveragePrecision,
      List<QueryResult> queries,
      List<QueryResult> unanswerable) {
    this.protocol = protocol;
    this.randomMeanAveragePrecision = randomMeanAveragePrecision;
    this.queries = List.copyOf(queries);
    this.unanswerable = List.copyOf(unanswerable);
    this.skipped = protocol.queries().stream().filter(q -> !q.judgments().hasPositives()).toList();
  }

  /**
   * Returns the name of the protocol.
   *
   * @return {@link Protocol#name}
   */
  public String name() {
    return protocol.name();
  }

  /**
   * Returns the figures that the protocol reports.
   *
   * @return at least one, the one that papers report first
   */
  public List<Metric> metrics() {
    return protocol.metrics();
  }

  /**
   * Returns a figure.
   *
   * @param metric one of {@link #metrics} or another that does not look further than the {@link
   *     EvaluationResult#depth} of the search
   * @return its value
   * @throws IllegalArgumentException if it is {@code GAP} and the protocol has no such metric, so
   *     that queries without a right answer were not searched
   */
  public double score(Metric metric) {
    if (!metric.isMean() && !metrics().contains(metric)) {
      throw new IllegalArgumentException(
          "metric must be a mean over queries or one of " + metrics() + " but was " + metric);
    }
    // GAP of the protocol knows how many queries show something.
    int own = metrics().indexOf(metric);
    return (own < 0 ? metric : metrics().get(own)).of(queries, unanswerable);
  }

  /**
   * Returns all figures that the protocol reports.
   *
   * @return from the name of each metric to its value, in the order of {@link #metrics}
   */
  public Map<String, Double> scores() {
    Map<String, Double> scores = new LinkedHashMap<>();
    for (Metric metric : metrics()) {
      scores.put(metric.name(), score(metric));
    }
    return scores;
  }

  /**
   * Returns what a mean is taken of.
   *
   * @param metric a mean
   * @return the value of each of {@link #queries}, in their order (a new array)
   * @throws IllegalArgumentException if the metric is no mean over queries
   */
  public double[] values(Metric metric) {
    return queries.stream().mapToDouble(metric::of).toArray();
  }

  /**
   * Returns what a random ranking of the whole database would score on average.
   *
   * @return expected mean average precision (trapezoid)
   * @see RandomRanking#meanAveragePrecision
   */
  public double randomMeanAveragePrecision() {
    return randomMeanAveragePrecision;
  }

  /**
   * Returns what each query with a right answer found.
   *
   * @return at least one, in the order of the protocol, with the judgments of the protocol
   */
  public List<QueryResult> queries() {
    return queries;
  }

  /**
   * Returns what each query with a right answer found, the least average precision first.
   *
   * @return ties in the order of the protocol
   */
  public List<QueryResult> worstFirst() {
    return queries.stream()
        .sorted(Comparator.comparingDouble(QueryResult::averagePrecision))
        .toList();
  }

  /**
   * Returns the queries without a right answer, which are not counted in any mean. They are
   * searched only for {@link Metric#globalAveragePrecision}.
   *
   * @return in the order of the protocol
   */
  public List<Query> skippedQueries() {
    return skipped;
  }

  @Override
  public String toString() {
    return "ProtocolResult[" + name() + ": " + scores() + " over " + queries.size() + " queries]";
  }
}
