// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.train.TrainingEvent.Kind;
import io.deepretrieval.train.data.LabeledImages;
import java.util.List;

/** Leaves out steps with numbers that are not finite, and gives up when too many do. */
final class NonFiniteGuard {
  /** Steps without a finite number in a row after which there is no hope. */
  private static final int HOPELESS = 10;

  private final TrainingState state;
  private final LabeledImages images;
  private final TrainingDiagnostics diagnostics;
  private int hopeless;

  NonFiniteGuard(TrainingState state, LabeledImages images, TrainingDiagnostics diagnostics) {
    this.state = state;
    this.images = images;
    this.diagnostics = diagnostics;
  }

  static boolean isFinite(float[] values) {
    float sum = 0;
    for (float value : values) {
      // 0 for every finite number, NaN for the others.
      sum += value * 0f;
    }
    return sum == 0;
  }

  /** A step had finite numbers. */
  void pass() {
    hopeless = 0;
  }

  /** Tells of a step that is left out. */
  void leaveOut(List<Integer> which, String what) {
    List<String> names = which.stream().map(image -> images.source(image).name()).toList();
    diagnostics.say(
        Kind.NOT_FINITE,
        state.epoch,
        state.step,
        what + "; the step was left out",
        "look at the images, lower the learning rate, clip the gradient",
        names);
    hopeless++;
    if (hopeless >= HOPELESS) {
      throw new IllegalStateException(
          "training must have finite numbers but " + HOPELESS + " steps in a row had not: " + what);
    }
  }
}
