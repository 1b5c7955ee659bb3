// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import java.util.Arrays;

/**
 * Average precision of one ranking in a differentiable form.
 *
 * <p>Scores are laid on B bins whose centers c_0 = 1 > … > c_{B-1} = 0 are Δ = 1/(B-1) apart; a
 * score between two centers is shared between their bins in proportion, one outside [0, 1] counts
 * in the outermost bin. With r_b the share of positives and a_b that of all in bin b, precision is
 * P_b/A_b with P_b = Σ_{k≤b} r_k, A_b = Σ_{k≤b} a_k, and AP = Σ_b P_b/A_b · r_b / Σ_b r_b.
 */
final class QuantizedAp {
  private final double[] positives;
  private final double[] negatives;
  private final double[] precision;
  private final double[] share;
  private final double[] slopeOfPositives;
  private final double[] slopeOfNegatives;

  QuantizedAp(int bins) {
    positives = new double[bins];
    negatives = new double[bins];
    precision = new double[bins];
    share = new double[bins];
    slopeOfPositives = new double[bins];
    slopeOfNegatives = new double[bins];
  }

  /**
   * Computes AP of a ranking with at least one positive.
   *
   * @param scores finite
   * @param relevant which of them are positives
   * @param gradient (modified) receives d AP / d score
   * @return AP in (0, 1]
   */
  double evaluate(double[] scores, boolean[] relevant, double[] gradient) {
    Arrays.fill(positives, 0);
    Arrays.fill(negatives, 0);
    int last = positives.length - 1;
    int count = 0;
    for (int i = 0; i < scores.length; i++) {
      double[] mass = relevant[i] ? positives : negatives;
      count += relevant[i] ? 1 : 0;
      double place = place(scores[i], last);
      int bin = bin(place, last);
      mass[bin] += 1 - (place - bin);
      mass[bin + 1] += place - bin;
    }
    double ap = slopes(count);
    for (int i = 0; i < scores.length; i++) {
      double[] slope = relevant[i] ? slopeOfPositives : slopeOfNegatives;
      int bin = bin(place(scores[i], last), last);
      boolean inside = scores[i] >= 0 && scores[i] <= 1;
      gradient[i] = inside ? last * (slope[bin] - slope[bin + 1]) : 0;
    }
    return ap;
  }

  /** Where a score lies, counted in bins from the one of the largest. */
  private static double place(double score, int last) {
    return (1 - Math.min(1, Math.max(0, score))) * last;
  }

  private static int bin(double place, int last) {
    return Math.min(last - 1, (int) place);
  }

  /** Computes AP and d AP / d mass of each bin. */
  private double slopes(int count) {
    double ap = 0;
    double above = 0;
    double all = 0;
    for (int b = 0; b < positives.length; b++) {
      above += positives[b];
      all += positives[b] + negatives[b];
      // The first positive in a ranking that is empty so far finds precision 1.
      precision[b] = all > 0 ? above / all : 1;
      share[b] = all > 0 ? positives[b] / (count * all) : 0;
      ap += precision[b] * positives[b] / count;
    }
    // Mass in bin b changes the precision of b and of every bin behind it.
    double shares = 0;
    double lost = 0;
    for (int b = positives.length - 1; b >= 0; b--) {
      shares += share[b];
      lost += share[b] * precision[b];
      slopeOfPositives[b] = precision[b] / count + shares - lost;
      slopeOfNegatives[b] = -lost;
    }
    return ap;
  }
}
