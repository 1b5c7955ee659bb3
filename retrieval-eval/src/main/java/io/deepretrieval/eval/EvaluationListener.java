// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.ExtractionReport;

/** Learns how far an evaluation is, on the thread that runs it. */
@FunctionalInterface
public interface EvaluationListener {
  /** The steps of an evaluation, in their order. */
  enum Step {
    /** Images are read and described. */
    EXTRACTION,
    /** The index is built. */
    INDEXING,
    /** Queries are searched. */
    SEARCH
  }

  /**
   * Learns that a step begins (0 are done) or has come further.
   *
   * @param step which
   * @param done images or queries that are done, failed ones included
   * @param total all of them
   */
  void progress(Step step, int done, int total);

  /**
   * Learns that an image is skipped.
   *
   * @param failure why
   */
  default void failed(ExtractionReport.Failure failure) {}
}
