// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/**
 * A figure of a protocol. All but {@link #globalAveragePrecision} are means over the queries that
 * have a right answer; junk is taken out of a ranking before it is scored.
 *
 * <p>Immutable and thread-safe. Two metrics of one name are equal.
 */
public final class Metric {
  private final String name;
  private final OptionalInt depth;
  private final Optional<ToDoubleFunction<QueryResult>> ofQuery;
  private final OptionalInt answerable;

  private Metric(
      String name,
      OptionalInt depth,
      Optional<ToDoubleFunction<QueryResult>> ofQuery,
      OptionalInt answerable) {
    this.name = name;
    this.depth = depth;
    this.ofQuery = ofQuery;
    this.answerable = answerable;
  }

  private static Metric mean(String name, OptionalInt depth, ToDoubleFunction<QueryResult> score) {
    return new Metric(name, depth, Optional.of(score), OptionalInt.empty());
  }

  private static Metric atK(String name, int k, ToDoubleFunction<QueryResult> score) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1 but was " + k);
    }
    return mean(name + "@" + k, OptionalInt.of(k), score);
  }

  /**
   * Returns {@code mAP}, the mean of {@link AveragePrecision#trapezoid(int[], int)}: Oxford, Paris,
   * their revisited forms, Holidays, INSTRE.
   *
   * @return in [0, 1]
   */
  public static Metric averagePrecision() {
    return mean("mAP", OptionalInt.empty(), QueryResult::averagePrecision);
  }

  /**
   * Returns {@code mAP(finite-sum)}, the mean of {@link AveragePrecision#finiteSum(int[], int)}: a
   * figure of another name, never to be compared with {@code mAP}, as it is never less.
   *
   * @return in [0, 1]
   */
  public static Metric finiteSumAveragePrecision() {
    return mean(
        "mAP(finite-sum)",
        OptionalInt.empty(),
        query -> AveragePrecision.finiteSum(query.ranks(), query.positives()));
  }

  /**
   * Returns {@code mAP@k}, the mean of {@link AveragePrecision#finiteSumAt(int[], int, int)}: with
   * k = 100 that of the Google Landmarks data sets.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Metric averagePrecisionAt(int k) {
    return atK(
        "mAP", k, query -> AveragePrecision.finiteSumAt(query.ranks(), query.positives(), k));
  }

  /**
   * Returns {@code P@k}, the mean of {@link PrecisionAtK#plain(int[], int)}.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Metric precisionAt(int k) {
    return atK("P", k, query -> PrecisionAtK.plain(query.ranks(), k));
  }

  /**
   * Returns {@code mP@k}, the mean of {@link PrecisionAtK#revisited(int[], int)}: that of the
   * revisited Oxford and Paris.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Metric revisitedPrecisionAt(int k) {
    return atK("mP", k, query -> PrecisionAtK.revisited(query.ranks(), k));
  }

  /**
   * Returns {@code recall@k}, the mean of {@link RecallAtK#share(int[], int, int)}: the share of
   * the right answers that is among the first k.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Metric recallAt(int k) {
    return atK("recall", k, query -> RecallAtK.share(query.ranks(), query.positives(), k));
  }

  /**
   * Returns {@code success@k}, the mean of {@link RecallAtK#any(int[], int)}: the share of queries
   * with a right answer among the first k. Papers on ZuBuD and SMVS and on metric learning call
   * this recall@k.
   *
   * @param k at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if k is less than 1
   */
  public static Metric successAt(int k) {
    return atK("success", k, query -> RecallAtK.any(query.ranks(), k));
  }

  /**
   * Returns {@code N-S}, the score of UKBench: how many of the first four hits are right, on
   * average. The query stands in the database and is a right answer to itself, so that a search
   * that works at all scores 1. A quarter of it is precision at 4.
   *
   * @return in [0, 4]
   * @see <a href="https://doi.org/10.1109/CVPR.2006.264">D. Nistér, H. Stewénius, Scalable
   *     Recognition with a Vocabulary Tree, CVPR 2006</a>
   */
  public static Metric nisterStewenius() {
    return mean("N-S", OptionalInt.of(4), query -> 4 * PrecisionAtK.plain(query.ranks(), 4));
  }

  /**
   * Returns {@code GAP}, the {@link GlobalAveragePrecision} of recognition by the nearest image:
   * each query predicts what its first hit shows, with the score of that hit as confidence. Queries
   * without a right answer are searched too, and what they predict is wrong. M is the number of
   * queries that have a right answer in the database.
   *
   * @return in [0, 1]
   */
  public static Metric globalAveragePrecision() {
    return new Metric("GAP", OptionalInt.of(1), Optional.empty(), OptionalInt.empty());
  }

  /**
   * Returns {@code GAP} with M given: queries may show something that no image of the database
   * shows, and count all the same.
   *
   * @param answerable M, the number of queries that show something, at least 1
   * @return in [0, 1]
   * @throws IllegalArgumentException if M is less than 1
   */
  public static Metric globalAveragePrecision(int answerable) {
    GlobalAveragePrecision.requireAnswerable(answerable);
    return new Metric("GAP", OptionalInt.of(1), Optional.empty(), OptionalInt.of(answerable));
  }

  /**
   * Returns what reports show.
   *
   * @return for instance {@code mP@10}
   */
  public String name() {
    return name;
  }

  /**
   * Returns how far a ranking without junk has to go.
   *
   * @return empty for the whole database
   */
  public OptionalInt depth() {
    return depth;
  }

  /**
   * Tells whether the figure is a mean over queries.
   *
   * @return false for {@code GAP}, which has no value of a single query
   */
  public boolean isMean() {
    return ofQuery.isPresent();
  }

  /**
   * Returns the value of one query.
   *
   * @param query with a right answer
   * @return what the mean is taken of
   * @throws IllegalArgumentException if the figure is no mean
   */
  public double of(QueryResult query) {
    return ofQuery
        .orElseThrow(
            () ->
                new IllegalArgumentException("metric must be a mean over queries but was " + name))
        .applyAsDouble(query);
  }

  /**
   * The figure.
   *
   * @param answerable queries with a right answer, at least one
   * @param unanswerable the others; empty unless a metric needs them
   */
  double of(List<QueryResult> answerable, List<QueryResult> unanswerable) {
    if (isMean()) {
      return answerable.stream().mapToDouble(this::of).sum() / answerable.size();
    }
    List<QueryResult> all = new ArrayList<>(answerable);
    all.addAll(unanswerable);
    return GlobalAveragePrecision.ofNearest(all, this.answerable.orElse(answerable.size()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Metric metric && metric.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
