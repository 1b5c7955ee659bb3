// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * From a score to the probability that two images show the same object, learned from labeled pairs.
 *
 * <p>{@link #isotonic} assumes only that a higher score is no less likely to be right, and wants
 * hundreds of pairs; {@link #logistic} fits 1 / (1 + e^(-(a·s + b))) and does with dozens. Pairs
 * should be drawn as the application meets them: what the probability means depends on how often
 * pairs are the same at all.
 *
 * <p>Never decreases in the score. Immutable and thread-safe.
 *
 * @see <a href="https://doi.org/10.1145/775047.775151">B. Zadrozny, C. Elkan: Transforming
 *     classifier scores into accurate multiclass probability estimates, KDD 2002</a>
 * @see <a href="https://doi.org/10.1007/s10994-007-5018-6">H.-T. Lin, C.-J. Lin, R. Weng: A note on
 *     Platt's probabilistic outputs for support vector machines, Machine Learning 68, 2007</a>
 */
public final class ScoreCalibration {
  private static final int ROUNDS = 100;

  /** Corners of a curve that is straight between them and level outside; or none. */
  private final double[] scores;

  private final double[] probabilities;
  private final double slope;
  private final double intercept;

  private ScoreCalibration(
      double[] scores, double[] probabilities, double slope, double intercept) {
    this.scores = scores;
    this.probabilities = probabilities;
    this.slope = slope;
    this.intercept = intercept;
  }

  /**
   * A labeled pair.
   *
   * @param score of the pair, finite
   * @param same true if both show the same object
   */
  public record Pair(double score, boolean same) {
    /**
     * Checks the score.
     *
     * @param score of the pair, finite
     * @param same true if both show the same object
     * @throws IllegalArgumentException if the score is not finite
     */
    public Pair {
      if (!Double.isFinite(score)) {
        throw new IllegalArgumentException("score must be finite but was " + score);
      }
    }
  }

  /**
   * Fits the non-decreasing curve of least squared error (pool adjacent violators), straight
   * between its steps.
   *
   * @param pairs at least one that is the same and one that is not
   * @return the calibration
   * @throws IllegalArgumentException if a kind of pair is missing
   */
  public static ScoreCalibration isotonic(List<Pair> pairs) {
    List<Pair> sorted = requireBoth(pairs);
    List<double[]> pools = new ArrayList<>(); // weight, mean, least score, greatest score
    for (int i = 0; i < sorted.size(); ) {
      int from = i;
      double same = 0;
      double score = sorted.get(i).score;
      for (; i < sorted.size() && sorted.get(i).score == score; i++) {
        same += sorted.get(i).same ? 1 : 0;
      }
      double[] pool = {i - from, same / (i - from), score, score};
      while (!pools.isEmpty() && pools.get(pools.size() - 1)[1] >= pool[1]) {
        double[] last = pools.remove(pools.size() - 1);
        double weight = last[0] + pool[0];
        pool =
            new double[] {
              weight, (last[0] * last[1] + pool[0] * pool[1]) / weight, last[2], pool[3]
            };
      }
      pools.add(pool);
    }
    double[] at = new double[2 * pools.size()];
    double[] values = new double[2 * pools.size()];
    for (int p = 0; p < pools.size(); p++) {
      at[2 * p] = pools.get(p)[2];
      at[2 * p + 1] = pools.get(p)[3];
      values[2 * p] = pools.get(p)[1];
      values[2 * p + 1] = pools.get(p)[1];
    }
    return new ScoreCalibration(at, values, 0, 0);
  }

  /**
   * Fits a logistic curve by Newton's method, with the smoothed targets of Platt, so that separable
   * pairs do not make it infinitely steep.
   *
   * @param pairs at least one that is the same and one that is not
   * @return the calibration; level if higher scores are less likely to be the same
   * @throws IllegalArgumentException if a kind of pair is missing
   */
  public static ScoreCalibration logistic(List<Pair> pairs) {
    List<Pair> sorted = requireBoth(pairs);
    int n = sorted.size();
    long positives = sorted.stream().filter(Pair::same).count();
    double high = (positives + 1.0) / (positives + 2.0);
    double low = 1 / (n - positives + 2.0);
    double mean = sorted.stream().mapToDouble(Pair::score).average().orElse(0);
    double spread = 0;
    for (Pair pair : sorted) {
      spread += (pair.score - mean) * (pair.score - mean);
    }
    double unit = spread == 0 ? 1 : Math.sqrt(spread / n);
    double a = 0;
    double b = Math.log((positives + 1.0) / (n - positives + 1.0));
    double error = loss(sorted, mean, unit, a, b, high, low);
    for (int round = 0; round < ROUNDS; round++) {
      double ga = 0;
      double gb = 0;
      double haa = 1e-12;
      double hab = 0;
      double hbb = 1e-12;
      for (Pair pair : sorted) {
        double x = (pair.score - mean) / unit;
        double p = sigmoid(a * x + b);
        double d = p - (pair.same ? high : low);
        double w = p * (1 - p);
        ga += d * x;
        gb += d;
        haa += w * x * x;
        hab += w * x;
        hbb += w;
      }
      double determinant = haa * hbb - hab * hab;
      double da = -(hbb * ga - hab * gb) / determinant;
      double db = -(haa * gb - hab * ga) / determinant;
      double step = 1;
      double next = loss(sorted, mean, unit, a + da, b + db, high, low);
      while (next > error && step > 1e-10) {
        step /= 2;
        next = loss(sorted, mean, unit, a + step * da, b + step * db, high, low);
      }
      if (!(next < error)) {
        break;
      }
      a += step * da;
      b += step * db;
      error = next;
    }
    if (a < 0) {
      a = 0;
      b = Math.log((double) positives / (n - positives));
    }
    return new ScoreCalibration(new double[0], new double[0], a / unit, b - a * mean / unit);
  }

  private static double loss(
      List<Pair> pairs, double mean, double unit, double a, double b, double high, double low) {
    double sum = 0;
    for (Pair pair : pairs) {
      double z = a * (pair.score - mean) / unit + b;
      double t = pair.same ? high : low;
      // log(1 + e^z) - t·z, without overflow.
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - t * z;
    }
    return sum;
  }

  private static double sigmoid(double z) {
    return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
  }

  private static List<Pair> requireBoth(List<Pair> pairs) {
    long positives = pairs.stream().filter(Pair::same).count();
    if (positives == 0 || positives == pairs.size()) {
      throw new IllegalArgumentException(
          "pairs must be of both kinds but "
              + positives
              + " of "
              + pairs.size()
              + " show the same object");
    }
    return pairs.stream().sorted(Comparator.comparingDouble(Pair::score)).toList();
  }

  /**
   * Returns how likely a pair of a score shows the same object.
   *
   * @param score of the pair
   * @return in [0, 1]
   * @throws IllegalArgumentException if the score is not a number
   */
  public double probability(double score) {
    if (Double.isNaN(score)) {
      throw new IllegalArgumentException("score must be a number but was " + score);
    }
    if (scores.length == 0) {
      return sigmoid(slope * score + intercept);
    }
    int last = scores.length - 1;
    if (score <= scores[0]) {
      return probabilities[0];
    }
    if (score >= scores[last]) {
      return probabilities[last];
    }
    int found = Arrays.binarySearch(scores, score);
    if (found >= 0) {
      return probabilities[found];
    }
    int right = -found - 1;
    double share = (score - scores[right - 1]) / (scores[right] - scores[right - 1]);
    return probabilities[right - 1] + share * (probabilities[right] - probabilities[right - 1]);
  }

  @Override
  public String toString() {
    return scores.length == 0
        ? String.format(Locale.ROOT, "ScoreCalibration[logistic %.6g s + %.6g]", slope, intercept)
        : "ScoreCalibration[isotonic, " + scores.length / 2 + " steps]";
  }
}
