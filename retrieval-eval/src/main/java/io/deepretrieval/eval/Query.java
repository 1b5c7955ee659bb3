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
    Objects.requireNonNull(judgments, "judgments");
  }

  /**
   * Returns the same question with other right answers.
   *
   * @param other what the ground truth of another protocol says of the database
   * @return a query with the image and the box of this one
   */
  public Query judged(Judgments other) {
    return new Query(image, box, other);
  }

  /**
   * Returns what messages show.
   *
   * @return the id, and behind it {@code [x1,y1,x2,y2]} if there is a box
   */
  public String label() {
    return QueryImage.of(this).label();
  }
}
