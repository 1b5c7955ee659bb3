// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.ArrayList;
import java.util.List;

/** Cuts the gradient that was added up and lets the optimizer change what is trained. */
final class ParameterUpdate {
  private final TrainingOptions options;
  private final TrainingState state;
  private final TrainedTensors tensors;
  private final NonFiniteGuard guard;

  /** The images that the gradient is of. */
  private final List<Integer> pending = new ArrayList<>();

  ParameterUpdate(
      TrainingOptions options, TrainingState state, TrainedTensors tensors, NonFiniteGuard guard) {
    this.options = options;
    this.state = state;
    this.tensors = tensors;
    this.guard = guard;
  }

  /** Says whose gradient was added. */
  void added(List<TrainingItem> batch) {
    batch.forEach(item -> pending.add(item.image()));
  }

  /** Takes one step, unless the gradient is zero or not finite, and begins a new gradient. */
  void apply(double rate) {
    double length = tensors.gradientLength();
    if (!Double.isFinite(length)) {
      guard.leaveOut(List.copyOf(pending), "the gradient was not finite");
    } else if (length > 0) {
      float scale = length > options.clip ? (float) (options.clip / length) : 1;
      state.updates++;
      tensors.step(options.optimizer, scale, state.updates, rate);
    }
    clear();
  }

  /** Begins a new gradient. */
  void clear() {
    tensors.clearGradients();
    pending.clear();
  }
}
