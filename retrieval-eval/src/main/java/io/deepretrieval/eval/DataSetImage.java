// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.nio.file.Path;
import java.util.Objects;

/**
 * An image of a data set.
 *
 * @param id its name in the ground truth
 * @param file where it lies
 */
public record DataSetImage(String id, Path file) {
  /**
   * Checks the id.
   *
   * @param id its name in the ground truth
   * @param file where it lies
   * @throws IllegalArgumentException if the id is blank
   */
  public DataSetImage {
    Objects.requireNonNull(file, "file");
    if (id.isBlank()) {
      throw new IllegalArgumentException("image id must not be blank but was '" + id + "'");
    }
  }
}
