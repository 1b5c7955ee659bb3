// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Box;
import java.util.Objects;
import java.util.Optional;

/**
 * What is described and searched once, whatever the protocols say of the answers.
 *
 * @param image the image
 * @param box the part of it; empty for all
 */
public record QueryImage(DataSetImage image, Optional<Box> box) {
  /**
   * Checks for null.
   *
   * @param image the image
   * @param box the part of it; empty for all
   */
  public QueryImage {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(box, "box");
  }

  /**
   * Returns what a query searches with.
   *
   * @param query any query
   * @return its image and its box; equal for queries that differ in their judgments only
   */
  public static QueryImage of(Query query) {
    return new QueryImage(query.image(), query.box());
  }

  /**
   * Returns what messages show.
   *
   * @return the id, and behind it {@code [x1,y1,x2,y2]} if there is a box
   */
  public String label() {
    return image.id()
        + box.map(b -> " [" + b.x1() + "," + b.y1() + "," + b.x2() + "," + b.y2() + "]").orElse("");
  }
}
