// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.RetrievalDataSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Expected scores, calculated beside the code under test. Throughout, n of N candidates are right
 * and places count from 1; junk is no candidate.
 */
final class HandScores {
  private static final int RANKINGS = 2000;

  private HandScores() {}

  /** The metrics of {@link Protocol#standard}. */
  static Map<String, Double> standard(double ap, double p1, double p5, double p10) {
    return Map.of("mAP", ap, "P@1", p1, "P@5", p5, "P@10", p10);
  }

  /** The metrics of the revisited sets. */
  static Map<String, Double> revisited(double ap, double p1, double p5, double p10) {
    return Map.of("mAP", ap, "mP@1", p1, "mP@5", p5, "mP@10", p10);
  }

  /** Trapezoid average precision of the right answers at some places. */
  static double ap(int right, int... places) {
    double sum = 0;
    for (int j = 0; j < places.length; j++) {
      double before = places[j] == 1 ? 1 : j / (places[j] - 1.0);
      double after = (j + 1.0) / places[j];
      sum += (before + after) / 2;
    }
    return sum / right;
  }

  /**
   * Mean of the trapezoid average precision over all rankings. A place is right in n/N of them, so
   * it adds 1/N of its own mean: if place r is right, (n-1)/(N-1) of the r-1 places before it are.
   */
  static double randomAp(int n, int size) {
    double share = size == 1 ? 0 : (n - 1.0) / (size - 1.0);
    double sum = 1;
    for (int r = 2; r <= size; r++) {
      sum += (share + (1 + (r - 1) * share) / r) / 2;
    }
    return sum / size;
  }

  /** The same of the finite sum, which has only the precision at the place. */
  static double randomFiniteSum(int n, int size) {
    double share = size == 1 ? 0 : (n - 1.0) / (size - 1.0);
    double sum = 0;
    for (int r = 1; r <= size; r++) {
      sum += (1 + (r - 1) * share) / r;
    }
    return sum / size;
  }

  /** Of the first k places n/N are right; beyond N there is nothing. */
  static double randomPrecision(int n, int size, int k) {
    return (double) n / Math.max(size, k);
  }

  /**
   * The last right answer is at place L in C(L-1, n-1) of the C(N, n) cases. For L up to k the
   * precision is n/L; beyond, each of the first k places is one of the other n-1 among L-1.
   */
  static double randomRevisitedPrecision(int n, int size, int k) {
    double sum = 0;
    for (int last = n; last <= size; last++) {
      double precision = last <= k ? (double) n / last : (n - 1.0) / (last - 1.0);
      sum += choose(last - 1, n - 1) / choose(size, n) * precision;
    }
    return sum;
  }

  private static double choose(int n, int k) {
    double product = 1;
    for (int i = 1; i <= k; i++) {
      product *= (n - k + i) / (double) i;
    }
    return product;
  }

  private static ProtocolResult of(List<ProtocolResult> results, String protocol) {
    return results.stream().filter(r -> r.name().equals(protocol)).findFirst().orElseThrow();
  }

  /** All metrics that the protocol reports, and no others. */
  static void assertScores(
      List<ProtocolResult> results, String protocol, Map<String, Double> expected) {
    Map<String, Double> scores = of(results, protocol).scores();
    assertThat(scores).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (metric, value) ->
            assertThat(scores.get(metric))
                .as(protocol + " " + metric)
                .isCloseTo(value, within(1e-12)));
  }

  /** Means over many random rankings, within four standard errors; and the floor of the report. */
  static void assertRandom(RetrievalDataSet set, String protocol, Map<String, Double> expected) {
    Map<String, double[]> sums = new LinkedHashMap<>();
    for (int seed = 0; seed < RANKINGS; seed++) {
      ProtocolResult result = of(ReaderFixture.random(set, seed), protocol);
      result
          .scores()
          .forEach(
              (metric, value) -> {
                double[] sum = sums.computeIfAbsent(metric, m -> new double[2]);
                sum[0] += value;
                sum[1] += value * value;
              });
      Double floor = expected.get("mAP");
      if (floor != null) {
        assertThat(result.randomMeanAveragePrecision())
            .as(protocol + " floor")
            .isCloseTo(floor, within(1e-12));
      }
    }
    assertThat(sums).containsOnlyKeys(expected.keySet());
    sums.forEach(
        (metric, sum) -> {
          double mean = sum[0] / RANKINGS;
          double variance = Math.max(0, sum[1] / RANKINGS - mean * mean);
          assertThat(mean)
              .as(protocol + " " + metric + " over seeds 0 to " + (RANKINGS - 1))
              .isCloseTo(expected.get(metric), within(1e-9 + 4 * Math.sqrt(variance / RANKINGS)));
        });
  }
}
