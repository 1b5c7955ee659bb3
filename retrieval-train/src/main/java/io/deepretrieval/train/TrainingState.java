// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where a training stands. With the values of what is trained, this is what a checkpoint holds. */
final class TrainingState {
  int epoch;
  int step;
  long updates;
  EpochSums sums = new EpochSums();
  double metricBefore = Double.NaN;
  double best = Double.NaN;
  int bestEpoch = -1;

  /** The batches of the epoch under way, if they depend on the network that began it. */
  List<int[]> mined = List.of();

  final List<EpochReport> history = new ArrayList<>();

  /** Goes to the first step of the next epoch. */
  void nextEpoch() {
    epoch++;
    step = 0;
    mined = List.of();
    sums = new EpochSums();
  }

  TrainingCheckpoint checkpoint(String recipe, Map<String, float[]> arrays) {
    return new TrainingCheckpoint(
        recipe,
        epoch,
        step,
        updates,
        sums.toArray(metricBefore),
        history,
        best,
        bestEpoch,
        mined,
        arrays);
  }

  void restore(TrainingCheckpoint from) {
    epoch = from.epoch();
    step = from.step();
    updates = from.updates();
    sums = EpochSums.of(from.sums());
    metricBefore = from.sums()[6];
    history.addAll(from.history());
    best = from.best();
    bestEpoch = from.bestEpoch();
    mined = from.batches();
  }
}
