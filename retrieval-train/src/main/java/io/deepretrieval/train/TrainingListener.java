// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

/** Hears how a training goes, on its thread. What it throws ends the training. */
public interface TrainingListener {
  /**
   * A step was done.
   *
   * @param epoch from 0
   * @param step from 0
   * @param steps of this epoch
   * @param loss of this step
   * @param activeTuples tuples that had a part in it
   */
  default void onStep(int epoch, int step, int steps, double loss, int activeTuples) {}

  /**
   * An epoch is over, and its validation.
   *
   * @param report what it did
   * @param epochs of the training
   */
  default void onEpoch(EpochReport report, int epochs) {}

  /**
   * Something was noticed.
   *
   * @param event what
   */
  default void onEvent(TrainingEvent event) {}
}
