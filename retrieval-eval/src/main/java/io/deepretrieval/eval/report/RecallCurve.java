// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.eval.QueryResult;
import java.util.List;
import java.util.Locale;

/**
 * Precision over recall: at recall r the best precision that a longer or equal head of the ranking
 * has with at least recall r, 0 where r is not reached. Junk is taken out before.
 */
final class RecallCurve {
  /** Recall in hundredths. */
  static final int STEPS = 100;

  private RecallCurve() {}

  /** Precision at recall 0, 0.01, …, 1. */
  static double[] of(QueryResult query) {
    int[] ranks = query.ranks();
    int positives = query.positives();
    double[] curve = new double[STEPS + 1];
    double best = 0;
    int step = STEPS;
    for (int i = ranks.length - 1; i >= 0; i--) {
      // Recall (i + 1) / positives is reached at this rank and not before.
      int reached = (int) ((long) STEPS * (i + 1) / positives);
      for (; step > reached; step--) {
        curve[step] = best;
      }
      best = Math.max(best, (i + 1.0) / (ranks[i] + 1.0));
    }
    for (; step >= 0; step--) {
      curve[step] = best;
    }
    return curve;
  }

  /** The mean of the curves of all queries. */
  static double[] mean(List<QueryResult> queries) {
    double[] mean = new double[STEPS + 1];
    for (QueryResult query : queries) {
      double[] one = of(query);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += one[i] / queries.size();
      }
    }
    return mean;
  }

  /** A path for the attribute d: recall to the right over a width, precision up over a height. */
  static String path(double[] curve, double width, double height) {
    StringBuilder path = new StringBuilder();
    double last = Double.NaN;
    for (int i = 0; i < curve.length; i++) {
      boolean inside = i > 0 && i + 1 < curve.length && curve[i] == last && curve[i + 1] == last;
      if (!inside) {
        path.append(
            String.format(
                Locale.ROOT,
                "%s%.1f %.1f",
                i == 0 ? "M" : "L",
                width * i / STEPS,
                height * (1 - curve[i])));
      }
      last = curve[i];
    }
    return path.toString();
  }

  /** Says a curve in words. */
  static String words(double[] curve) {
    return String.format(
        Locale.ROOT,
        "precision %.2f at recall 0.1, %.2f at 0.5, %.2f at 0.9",
        curve[STEPS / 10],
        curve[STEPS / 2],
        curve[9 * STEPS / 10]);
  }
}
