// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

/** What becomes of an image that a list names and the disk does not have. */
public enum MissingFiles {
  /** The list is refused; the error names the first missing file and counts the others. */
  REFUSE,
  /** The image is left out and appears in {@link LabeledImages#skipped}. */
  SKIP,
  /** Nothing is looked up; the loader skips the image when its turn comes. */
  UNCHECKED
}
