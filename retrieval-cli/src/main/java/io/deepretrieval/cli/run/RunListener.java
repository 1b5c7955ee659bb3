// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.ExtractionReport;

/**
 * Learns how far a run is and what it meets, on the thread that runs it. Everything is optional.
 */
public interface RunListener {
  /** Listens to nothing. */
  RunListener NONE = new RunListener() {};

  /**
   * Learns that a step begins (0 are done) or has come further.
   *
   * @param step its name, one word
   * @param done items that are done, failed ones included
   * @param total all of them
   */
  default void progress(String step, int done, int total) {}

  /**
   * Learns that an image is skipped.
   *
   * @param failure why
   */
  default void skipped(ExtractionReport.Failure failure) {}

  /**
   * Learns of something that limits the result.
   *
   * @param message one line
   */
  default void warning(String message) {}

  /**
   * Learns that a data set is scored; an experiment scores many.
   *
   * @param outcome the result
   */
  default void evaluated(EvaluationOutcome outcome) {}
}
