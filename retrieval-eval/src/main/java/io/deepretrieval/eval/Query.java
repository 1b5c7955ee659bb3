// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Box;
import java.util.Objects;
import java.util.Optional;

/**
 * One question of a data set and its right answers.
 *
 * @param image the image that is searched with
 * @param box the part of it that is searched with, cut out before anything else; empty for all
 * @param judgments what the ground truth says of the database
 */
public record Query(DataSetImage image, Optional<Box> box, Judgments judgments) {
  /**
   * Checks for null.
   *
   * @param image the image that is searched with
   * @param box the part of it that is searched with, cut out before anything else; empty for all
   * @param judgments what the ground truth says of the database
   */
  public Query {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(box, "box");
    Objects.requireNonNull(judgments, "judgements");
  }

  /** The same question with other right answers. */
  public Query judged(Judgments other) {
    return new Query(image, box, other);
  }

  /** The id, and the box if there is one, for messages. */
  public String label() {
    return QueryImage.of(this).label();
  }
}
