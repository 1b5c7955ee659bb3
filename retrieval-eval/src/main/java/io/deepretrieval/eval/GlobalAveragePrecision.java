// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Global average precision of recognition, also written GAP or µAP: all predictions of all queries
 * in one list, the surest first.
 *
 * <p>Let P(i) be the share of right predictions among the first i, rel(i) 1 if the i-th is right
 * and else 0, and M the number of queries that have a right answer. Then GAP = (1/M) Σ_i P(i)
 * rel(i). A query that has no right answer lowers P by what is predicted for it; one without a
 * prediction scores nothing.
 *
 * @see <a href="https://doi.org/10.1109/CVPR42600.2020.00265">T. Weyand et al., Google Landmarks
 *     Dataset v2, CVPR 2020</a>
 */
public final class GlobalAveragePrecision {
  private static final Comparator<Prediction> SUREST_FIRST =
      Comparator.comparingDouble((Prediction p) -> -p.confidence)
          .thenComparing(Prediction::query)
          .thenComparing(Prediction::label);

  private GlobalAveragePrecision() {}

  /**
   * What is predicted for one query.
   *
   * @param query its id
   * @param label what it is said to show
   * @param confidence larger is surer; any finite number
   * @param right whether it shows that
   */
  public record Prediction(String query, String label, double confidence, boolean right) {
    /**
     * Checks the confidence.
     *
     * @param query its id
     * @param label what it is said to show
     * @param confidence larger is surer; any finite number
     * @param right whether it shows that
     * @throws IllegalArgumentException if the confidence is not finite
     */
    public Prediction {
      if (!Double.isFinite(confidence)) {
        throw new IllegalArgumentException(
            "confidence of query '" + query + "' must be finite but was " + confidence);
      }
    }
  }

  /**
   * Returns the global average precision.
   *
   * @param predictions in any order; equal confidences are ordered by query, then by label (not
   *     modified)
   * @param answerable M, the number of queries that have a right answer, at least 1
   * @return at least 0; at most 1 if each query has at most one right prediction
   * @throws IllegalArgumentException if M is less than 1
   */
  public static double of(List<Prediction> predictions, int answerable) {
    requireAnswerable(answerable);
    List<Prediction> sorted = new ArrayList<>(predictions);
    sorted.sort(SUREST_FIRST);
    double sum = 0;
    int right = 0;
    for (int i = 0; i < sorted.size(); i++) {
      if (sorted.get(i).right) {
        right++;
        sum += right / (i + 1.0);
      }
    }
    return sum / answerable;
  }

  static void requireAnswerable(int answerable) {
    if (answerable < 1) {
      throw new IllegalArgumentException(
          "queries with a right answer must be at least 1 but were " + answerable);
    }
  }

  /** Each query predicts what its first hit that is not junk shows. */
  static double ofNearest(List<QueryResult> queries, int answerable) {
    List<Prediction> predictions = new ArrayList<>();
    for (QueryResult query : queries) {
      Judgments judgments = query.query().judgments();
      query.ranking().stream()
          .filter(hit -> !judgments.junk().contains(hit.id()))
          .findFirst()
          .ifPresent(
              hit ->
                  predictions.add(
                      new Prediction(
                          query.query().label(),
                          hit.id(),
                          hit.score(),
                          judgments.isPositive(hit.id()))));
    }
    return of(predictions, answerable);
  }
}
