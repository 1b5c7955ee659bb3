// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;

/**
 * What came of a bulk extraction.
 *
 * @param extracted number of descriptors that were delivered
 * @param failures the images that were skipped, in their order
 */
public record ExtractionReport(int extracted, List<Failure> failures) {
  /**
   * An image that was skipped.
   *
   * @param id the caller's id
   * @param reason what is wrong with it, naming the file
   */
  public record Failure(String id, String reason) {}

  /**
   * Copies the list.
   *
   * @param extracted number of descriptors that were delivered
   * @param failures the images that were skipped, in their order
   */
  public ExtractionReport {
    failures = List.copyOf(failures);
  }
}
