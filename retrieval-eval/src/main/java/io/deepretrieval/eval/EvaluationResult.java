// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What an evaluation found and how it was done. Made by {@link Evaluator#run}.
 *
 * <p>Scores of the queries are those of the first {@linkplain #protocols protocol}, the one that
 * papers report first, where nothing else is said.
 *
 * <p>Immutable and thread-safe.
 */
public final class EvaluationResult {
  /**
   * All that a run says.
   *
   * @param dataSet name of the data set
   * @param recipe how the descriptors were made
   * @param similarity how vectors were compared
   * @param rerankers recipes of the re-rankers, in their order; empty if nothing re-ranked (copied)
   * @param databaseSize number of images that were searched, without the failed ones
   * @param depth k of the searches, at most the database size
   * @param protocols scores by each protocol, at least one, the one that papers report first
   *     (copied)
   * @param failures images that could not be read or described, in the order in which they were met
   *     (copied)
   * @param timings wall-clock times
   */
  public record Run(
      String dataSet,
      Recipe recipe,
      Similarity similarity,
      List<String> rerankers,
      int databaseSize,
      int depth,
      List<ProtocolResult> protocols,
      List<ExtractionReport.Failure> failures,
      EvaluationTimings timings) {
    /**
     * Copies the lists; nothing else is checked.
     *
     * @param dataSet name of the data set
     * @param recipe how the descriptors were made
     * @param similarity how vectors were compared
     * @param rerankers recipes of the re-rankers, in their order; empty if nothing re-ranked
     *     (copied)
     * @param databaseSize number of images that were searched, without the failed ones
     * @param depth k of the searches, at most the database size
     * @param protocols scores by each protocol, at least one, the one that papers report first
     *     (copied)
     * @param failures images that could not be read or described, in the order in which they were
     *     met (copied)
     * @param timings wall-clock times
     */
    public Run {
      rerankers = List.copyOf(rerankers);
      protocols = List.copyOf(protocols);
      failures = List.copyOf(failures);
    }
  }

  private final Run run;

  /**
   * Makes a result.
   *
   * @param run what was found and how
   */
  public EvaluationResult(Run run) {
    this.run = run;
  }

  /**
   * Returns the name of the data set.
   *
   * @return {@link RetrievalDataSet#name}
   */
  public String dataSet() {
    return run.dataSet;
  }

  /**
   * Returns how the descriptors were made.
   *
   * @return the recipe of the extractor
   */
  public Recipe recipe() {
    return run.recipe;
  }

  /**
   * Returns how vectors were compared.
   *
   * @return the similarity of the index
   */
  public Similarity similarity() {
    return run.similarity;
  }

  /**
   * Returns how results were re-ranked.
   *
   * @return {@link io.deepretrieval.Reranker#recipe} of each, in their order
   */
  public List<String> rerankers() {
    return run.rerankers;
  }

  /**
   * Returns how many images were searched.
   *
   * @return size of the index; the images of the database less the failed ones
   */
  public int databaseSize() {
    return run.databaseSize;
  }

  /**
   * Returns how far rankings went. Right answers beyond count as not found.
   *
   * @return k of the searches, at most {@link #databaseSize}
   */
  public int depth() {
    return run.depth;
  }

  /**
   * Returns the scores by each protocol.
   *
   * @return at least one, in the order of {@link RetrievalDataSet#protocols}; a protocol without a
   *     query that has a right answer is left out
   */
  public List<ProtocolResult> protocols() {
    return run.protocols;
  }

  /**
   * Returns the scores by one protocol.
   *
   * @param name for instance {@code hard}
   * @return its scores
   * @throws IllegalArgumentException if there is no protocol of that name; the message lists the
   *     names
   */
  public ProtocolResult protocol(String name) {
    return run.protocols.stream()
        .filter(protocol -> protocol.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown protocol '"
                        + name
                        + "'; known: "
                        + run.protocols.stream()
                            .map(ProtocolResult::name)
                            .collect(Collectors.joining(", "))));
  }

  private ProtocolResult first() {
    return run.protocols.get(0);
  }

  /**
   * Returns the mean of the average precisions (trapezoid) over all queries with a right answer.
   *
   * @return mAP in [0, 1]
   */
  public double meanAveragePrecision() {
    return first().score(Metric.averagePrecision());
  }

  /**
   * Returns what a random ranking would score on average.
   *
   * @return {@link RandomRanking#meanAveragePrecision} of the data set
   */
  public double randomMeanAveragePrecision() {
    return first().randomMeanAveragePrecision();
  }

  /**
   * Returns the mean of {@link PrecisionAtK#plain(int[], int)}.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public double meanPrecisionAt(int k) {
    return first().score(Metric.precisionAt(k));
  }

  /**
   * Returns the mP@k of the revisited protocols, the mean of {@link PrecisionAtK#revisited(int[],
   * int)}.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public double meanRevisitedPrecisionAt(int k) {
    return first().score(Metric.revisitedPrecisionAt(k));
  }

  /**
   * Returns what each query with a right answer found.
   *
   * @return at least one, in the order of the data set
   */
  public List<QueryResult> queries() {
    return first().queries();
  }

  /**
   * Returns what each query with a right answer found, the least average precision first.
   *
   * @return ties in the order of the data set
   */
  public List<QueryResult> worstFirst() {
    return first().worstFirst();
  }

  /**
   * Returns the queries without a right answer, which are not counted in any mean.
   *
   * @return in the order of the data set
   */
  public List<Query> skippedQueries() {
    return first().skippedQueries();
  }

  /**
   * Returns the images that could not be read or described. A right answer among them counts as not
   * found; a query among them has the average precision 0.
   *
   * @return in the order in which they were met
   */
  public List<ExtractionReport.Failure> failures() {
    return run.failures;
  }

  /**
   * Returns how long it took.
   *
   * @return wall-clock times
   */
  public EvaluationTimings timings() {
    return run.timings;
  }

  @Override
  public String toString() {
    return "EvaluationResult["
        + run.dataSet
        + ": mAP "
        + meanAveragePrecision()
        + " over "
        + queries().size()
        + " queries]";
  }
}
