// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.nio.file.Path;

/** What becomes of an image that the ground truth names and that does not exist. */
@FunctionalInterface
public interface MissingImages {
  /** Nothing is read without it. */
  MissingImages REFUSED =
      (expected, error) -> {
        throw error;
      };

  /**
   * Learns of one.
   *
   * @param expected where it should lie
   * @param error what is wrong, with the location that names it
   * @return the path that the data set gets
   * @throws DataSetException if the data set is not to be read without it
   */
  Path missing(Path expected, DataSetException error) throws DataSetException;
}
