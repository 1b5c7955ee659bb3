// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * What a ranking in random order scores: the floor that a result has to be seen against. It rises
 * with the share of right answers in the database.
 */
public final class RandomRanking {
  private static final int EXACT_HARMONIC = 1_000;

  /** Euler's constant. */
  private static final double EULER = 0.577_215_664_901_532_9;

  private RandomRanking() {}

  /**
   * Returns the mean average precision (trapezoid) of random rankings, by drawing them.
   *
   * @param dataSet the queries of its first protocol; those without a right answer are left out
   * @param seed of the drawing
   * @param repetitions rankings for each query, at least 1
   * @return in [0, 1]; the same for the same arguments
   * @throws IllegalArgumentException if no query has a right answer or repetitions is less than 1
   */
  public static double expectedMeanAveragePrecision(
      RetrievalDataSet dataSet, long seed, int repetitions) {
    if (repetitions < 1) {
      throw new IllegalArgumentException("repetitions must be at least 1 but was " + repetitions);
    }
    SplittableRandom random = new SplittableRandom(seed);
    return meanOverQueries(
        dataSet,
        dataSet.protocols().get(0),
        (positives, candidates) -> {
          double sum = 0;
          for (int i = 0; i < repetitions; i++) {
            sum += AveragePrecision.trapezoid(draw(positives, candidates, random), positives);
          }
          return sum / repetitions;
        });
  }

  /**
   * Returns the exact expectation of the mean average precision (trapezoid) of a random ranking.
   *
   * <p>Of N candidates, n are right. The place r, from 0, holds a right answer with probability
   * n/N, and then r(n-1)/(N-1) right answers stand before it on average; precision is linear in
   * their number, so the expectation is (1/N) Σ_r (q_r + p_r)/2 with p_r = (1 + r(n-1)/(N-1))/(r+1)
   * and q_r = (n-1)/(N-1), q_0 = 1. With s = (n-1)/(N-1) and the harmonic number H_N the sum is (N
   * s + (1-s) H_N + 1 + (N-1) s)/2.
   *
   * @param dataSet the queries of its first protocol; those without a right answer are left out
   * @return in [0, 1]
   * @throws IllegalArgumentException if no query has a right answer
   */
  public static double meanAveragePrecision(RetrievalDataSet dataSet) {
    return meanAveragePrecision(dataSet, dataSet.protocols().get(0));
  }

  /** The same of one protocol, which must have a query with a right answer. */
  static double meanAveragePrecision(RetrievalDataSet dataSet, Protocol protocol) {
    return meanOverQueries(dataSet, protocol, RandomRanking::expectation);
  }

  private static double expectation(int positives, int candidates) {
    double share = candidates == 1 ? 0 : (positives - 1.0) / (candidates - 1.0);
    double at = candidates * share + (1 - share) * harmonic(candidates);
    double before = 1 + (candidates - 1) * share;
    return (at + before) / 2 / candidates;
  }

  private static double harmonic(int n) {
    if (n < EXACT_HARMONIC) {
      double sum = 0;
      for (int i = n; i >= 1; i--) {
        sum += 1.0 / i;
      }
      return sum;
    }
    double inverse = 1.0 / n;
    // The next term of the asymptotic series, inverse^4 / 120, is below 1e-14.
    return Math.log(n) + EULER + inverse / 2 - inverse * inverse / 12;
  }

  /** Draws distinct places by Floyd's method; a set of bits gives them in order. */
  private static int[] draw(int positives, int candidates, SplittableRandom random) {
    BitSet places = new BitSet(candidates);
    for (int i = candidates - positives; i < candidates; i++) {
      int place = random.nextInt(i + 1);
      places.set(places.get(place) ? i : place);
    }
    return places.stream().toArray();
  }

  /** Scores one query by its numbers of right answers and of database images without junk. */
  @FunctionalInterface
  private interface Score {
    double of(int positives, int candidates);
  }

  private static double meanOverQueries(RetrievalDataSet dataSet, Protocol protocol, Score score) {
    double sum = 0;
    int queries = 0;
    for (Query query : protocol.queries()) {
      int positives = query.judgments().positives().size();
      if (positives > 0) {
        sum += score.of(positives, dataSet.database().size() - query.judgments().junk().size());
        queries++;
      }
    }
    if (queries == 0) {
      throw new IllegalArgumentException(
          "data set '" + dataSet.name() + "' must have a query with a right answer but has none");
    }
    return sum / queries;
  }
}
