// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/** Receives what a bulk extraction does, on the thread that called it. */
@FunctionalInterface
public interface ExtractionListener {
  /**
   * Takes a descriptor.
   *
   * @param item what was described
   * @param descriptor its vector
   */
  void extracted(ExtractionItem item, Descriptor descriptor);

  /**
   * Learns that an image is skipped.
   *
   * @param item what was skipped
   * @param failure why
   */
  default void skipped(ExtractionItem item, ExtractionReport.Failure failure) {}
}
