// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.time.Duration;
import java.util.Objects;

/**
 * Wall-clock time of an evaluation.
 *
 * @param extraction reading and describing all images
 * @param indexing building the index
 * @param search searching, re-ranking and scoring
 */
public record EvaluationTimings(Duration extraction, Duration indexing, Duration search) {
  /**
   * Checks for null.
   *
   * @param extraction reading and describing all images
   * @param indexing building the index
   * @param search searching, re-ranking and scoring
   */
  public EvaluationTimings {
    Objects.requireNonNull(extraction, "extraction");
    Objects.requireNonNull(indexing, "indexing");
    Objects.requireNonNull(search, "search");
  }

  /**
   * Returns the sum.
   *
   * @return time of the three steps
   */
  public Duration total() {
    return extraction.plus(indexing).plus(search);
  }
}
