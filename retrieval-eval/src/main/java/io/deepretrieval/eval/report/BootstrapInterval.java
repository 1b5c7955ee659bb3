// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.ProtocolResult;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How far a mean over queries would move with other queries of the same kind: a percentile
 * bootstrap confidence interval. It tells nothing about other images in the database.
 *
 * @param low lower end
 * @param high upper end
 * @param level share of the resampled means that lie between, in (0, 1)
 * @see <a href="https://doi.org/10.1201/9780429246593">B. Efron, R. Tibshirani, An Introduction to
 *     the Bootstrap, 1993, chapter 13</a>
 */
public record BootstrapInterval(double low, double high, double level) {
  /**
   * Checks the numbers.
   *
   * @param low lower end
   * @param high upper end
   * @param level share of the resampled means that lie between, in (0, 1)
   * @throws IllegalArgumentException if the ends are not in order or the level is not in (0, 1)
   */
  public BootstrapInterval {
    if (!(low <= high) || !(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "interval must satisfy low <= high and 0 < level < 1 but was "
              + low
              + ", "
              + high
              + " at "
              + level);
    }
  }

  /**
   * Resamples queries with replacement and takes the mean of each sample.
   *
   * @param values one for each query, at least one (not modified)
   * @param level for instance 0.95
   * @param samples number of samples, at least 100; 10,000 is usual
   * @param seed of the drawing
   * @return the interval; the same for the same arguments
   * @throws IllegalArgumentException if there is no value, the level is not in (0, 1) or there are
   *     fewer than 100 samples
   */
  public static BootstrapInterval ofMean(double[] values, double level, int samples, long seed) {
    if (values.length == 0 || samples < 100 || !(level > 0 && level < 1)) {
      throw new IllegalArgumentException(
          "bootstrap must have at least 1 value, 100 samples and 0 < level < 1 but has "
              + values.length
              + ", "
              + samples
              + ", "
              + level);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[samples];
    for (int s = 0; s < samples; s++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[random.nextInt(values.length)];
      }
      means[s] = sum / values.length;
    }
    Arrays.sort(means);
    double tail = (1 - level) / 2;
    int low = (int) Math.floor(tail * (samples - 1));
    return new BootstrapInterval(means[low], means[samples - 1 - low], level);
  }

  /**
   * Resamples the queries of a result.
   *
   * @param result the average precisions of its first protocol are the values
   * @param level for instance 0.95
   * @param samples number of samples, at least 100; 10,000 is usual
   * @param seed of the drawing
   * @return the interval around the mean average precision
   * @throws IllegalArgumentException if the level is not in (0, 1) or there are fewer than 100
   *     samples
   */
  public static BootstrapInterval of(
      EvaluationResult result, double level, int samples, long seed) {
    return of(result.protocols().get(0), Metric.averagePrecision(), level, samples, seed);
  }

  /**
   * Resamples the queries of a protocol.
   *
   * @param result its queries
   * @param metric gives their values
   * @param level for instance 0.95
   * @param samples number of samples, at least 100; 10,000 is usual
   * @param seed of the drawing
   * @return the interval around the mean
   * @throws IllegalArgumentException if the metric is no mean, the level is not in (0, 1) or there
   *     are fewer than 100 samples
   */
  public static BootstrapInterval of(
      ProtocolResult result, Metric metric, double level, int samples, long seed) {
    return ofMean(result.values(metric), level, samples, seed);
  }
}
