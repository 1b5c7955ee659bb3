// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.SplittableRandom;

/**
 * Whether two runs over the same queries differ by more than chance: the randomization test. If the
 * runs were alike, each query's difference could as well have the other sign; the p-value is the
 * share of sign patterns whose mean difference is at least as large, on either side.
 *
 * @param queries number of pairs
 * @param meanDifference mean of the second run less that of the first
 * @param pValue in (0, 1]; small if the difference is hardly chance
 * @see <a href="https://doi.org/10.1145/1321440.1321528">M. Smucker et al., A comparison of
 *     statistical significance tests for information retrieval evaluation, CIKM 2007</a>
 */
public record PairedTest(int queries, double meanDifference, double pValue) {
  /**
   * Compares two lists of values.
   *
   * @param first one value for each query, at least one (not modified)
   * @param second values of the same queries in the same order (not modified)
   * @param repetitions sign patterns to draw, at least 100; if there are no more patterns than
   *     that, each is looked at once and the result is exact
   * @param seed of the drawing
   * @return the result; the same for the same arguments
   * @throws IllegalArgumentException if the lists are empty or of unlike length, or repetitions is
   *     less than 100
   */
  public static PairedTest of(double[] first, double[] second, int repetitions, long seed) {
    int n = first.length;
    if (n == 0 || second.length != n || repetitions < 100) {
      throw new IllegalArgumentException(
          "paired test must have two equally long lists and at least 100 repetitions but has "
              + n
              + " and "
              + second.length
              + " values and "
              + repetitions
              + " repetitions");
    }
    double[] differences = new double[n];
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < n; i++) {
      differences[i] = second[i] - first[i];
      sum += differences[i];
      magnitude += Math.abs(differences[i]);
    }
    // Patterns of equal sum must count as equal whatever the rounding of their order.
    double threshold = Math.abs(sum) - 1e-12 * magnitude;
    double p;
    if (n < Integer.SIZE - 1 && 1 << n <= repetitions) {
      int extreme = 0;
      for (int pattern = 0; pattern < 1 << n; pattern++) {
        extreme += Math.abs(signed(differences, pattern)) >= threshold ? 1 : 0;
      }
      p = (double) extreme / (1 << n);
    } else {
      SplittableRandom random = new SplittableRandom(seed);
      int extreme = 0;
      for (int i = 0; i < repetitions; i++) {
        extreme += Math.abs(signed(differences, random)) >= threshold ? 1 : 0;
      }
      // The pattern that was seen is one of them, so p is never 0.
      p = (extreme + 1.0) / (repetitions + 1.0);
    }
    return new PairedTest(n, sum / n, p);
  }

  private static double signed(double[] differences, int pattern) {
    double sum = 0;
    for (int i = 0; i < differences.length; i++) {
      sum += (pattern >> i & 1) == 0 ? differences[i] : -differences[i];
    }
    return sum;
  }

  private static double signed(double[] differences, SplittableRandom random) {
    double sum = 0;
    for (double difference : differences) {
      sum += random.nextBoolean() ? difference : -difference;
    }
    return sum;
  }

  /**
   * Compares the average precisions of two runs.
   *
   * @param first one run
   * @param second another run over the same queries
   * @param repetitions sign patterns to draw, at least 100
   * @param seed of the drawing
   * @return the result; a positive difference speaks for the second run
   * @throws IllegalArgumentException if the runs have other queries or repetitions is less than 100
   */
  public static PairedTest of(
      EvaluationResult first, EvaluationResult second, int repetitions, long seed) {
    return of(
        first.protocols().get(0),
        second.protocols().get(0),
        Metric.averagePrecision(),
        repetitions,
        seed);
  }

  /**
   * Compares two runs by one protocol.
   *
   * @param first one run
   * @param second another run over the same queries
   * @param metric what is compared
   * @param repetitions sign patterns to draw, at least 100
   * @param seed of the drawing
   * @return the result; a positive difference speaks for the second run
   * @throws IllegalArgumentException if the runs have other queries, the metric is no mean or
   *     repetitions is less than 100
   */
  public static PairedTest of(
      ProtocolResult first, ProtocolResult second, Metric metric, int repetitions, long seed) {
    for (int i = 0; i < Math.max(first.queries().size(), second.queries().size()); i++) {
      String a = name(first, i);
      String b = name(second, i);
      if (!a.equals(b)) {
        throw new IllegalArgumentException(
            "runs must have the same queries but query " + i + " is " + a + " and " + b);
      }
    }
    return of(first.values(metric), second.values(metric), repetitions, seed);
  }

  private static String name(ProtocolResult result, int index) {
    return index < result.queries().size()
        ? "'" + result.queries().get(index).query().label() + "'"
        : "none";
  }
}
