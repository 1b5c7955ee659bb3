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

  public static QueryImage of(Query query) {
    return new QueryImage(query.image(), query.box());
  }

  /**
   * Returns what messages show.
   *
   * @return the id, and the box if there is one
   */
  public String label() {
    return image.id()
        + box.map(b -> " [" + b.x1() + "," + b.y1() + "," + b.x2() + "," + b.y2() + "]").orElse("");
  }
}
