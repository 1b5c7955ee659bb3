// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;
import java.util.Optional;

/**
 * One image of a bulk extraction.
 *
 * @param id the caller's id
 * @param source where the image is
 * @param box the part of it to describe; empty for all of it
 */
public record ExtractionItem(String id, ImageSource source, Optional<Box> box) {
  /**
   * Checks for null.
   *
   * @param id the caller's id
   * @param source where the image is
   * @param box the part of it to describe; empty for all of it
   */
  public ExtractionItem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(box, "box");
  }

  /**
   * Makes an item over a whole image.
   *
   * @param id the caller's id
   * @param source where the image is
   * @return the item
   */
  public static ExtractionItem of(String id, ImageSource source) {
    return new ExtractionItem(id, source, Optional.empty());
  }
}
