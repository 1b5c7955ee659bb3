// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.List;
import java.util.Objects;

/**
 * Something that the training noticed, with what it saw and what may help.
 *
 * @param kind what it is
 * @param epoch when, from 0; -1 before the first
 * @param step within the epoch, from 0; -1 where there is none
 * @param message what was seen, with its numbers
 * @param advice what may help
 * @param images images it is about, or none
 */
public record TrainingEvent(
    Kind kind, int epoch, int step, String message, String advice, List<String> images) {
  /** What can be noticed. */
  public enum Kind {
    /** The metric before anything was trained. */
    METRIC_BEFORE,
    /** Embeddings have come together in one point. */
    COLLAPSE,
    /** A map, a loss or a gradient was not a finite number; the step was left out. */
    NOT_FINITE,
    /** No tuple of a whole epoch had a part in the loss. */
    NO_ACTIVE_TUPLE,
    /** Classes with one image have no positive. */
    SINGLE_IMAGE_CLASSES,
    /** The same bytes are in two classes. */
    SAME_IMAGE_IN_TWO_CLASSES,
    /** A validation class is also trained. */
    VALIDATION_CLASS_TRAINED,
    /** An exponent of the pooling stands at its bound. */
    EXPONENT_AT_BOUND,
    /** The loss rises from the beginning. */
    LEARNING_RATE_TOO_HIGH,
    /** Images could not be read and were left out. */
    IMAGES_SKIPPED,
    /** A checkpoint could not be written; what was saved before is intact. */
    CHECKPOINT_FAILED,
    /** The metric has not risen for as long as was allowed. */
    STOPPED_EARLY,
    /** The training was asked to stop. */
    STOPPED
  }

  /**
   * Checks the parts.
   *
   * @param kind what it is
   * @param epoch when, from 0; -1 before the first
   * @param step within the epoch, from 0; -1 where there is none
   * @param message what was seen, with its numbers
   * @param advice what may help
   * @param images images it is about, or none
   */
  public TrainingEvent {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(advice, "advice");
    images = List.copyOf(images);
  }

  /**
   * Returns the event as one line.
   *
   * @return message and advice
   */
  public String line() {
    String when =
        epoch < 0 ? "" : "epoch " + (epoch + 1) + (step < 0 ? "" : ", step " + (step + 1)) + ": ";
    String about =
        images.isEmpty()
            ? ""
            : " ("
                + String.join(", ", images.subList(0, Math.min(5, images.size())))
                + (images.size() > 5 ? ", and " + (images.size() - 5) + " more" : "")
                + ")";
    return when + message + about + (advice.isEmpty() ? "" : " -- " + advice);
  }
}
