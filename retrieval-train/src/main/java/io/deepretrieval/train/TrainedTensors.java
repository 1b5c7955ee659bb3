// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that a training changes, in a fixed order. */
final class TrainedTensors {
  private final List<TrainedTensor> network;
  private final List<TrainedTensor> added;
  private final List<TrainedTensor> all = new ArrayList<>();

  /**
   * @param network tensors of the backbone
   * @param added tensors behind it
   */
  TrainedTensors(List<TrainedTensor> network, List<TrainedTensor> added) {
    this.network = List.copyOf(network);
    this.added = List.copyOf(added);
    all.addAll(network);
    all.addAll(added);
  }

  /** The length of the gradient over all of them. */
  double gradientLength() {
    // Two sums: with one, the last bit of the length would be another than that of older versions.
    return Math.sqrt(squares(added) + squares(network));
  }

  private static double squares(List<TrainedTensor> tensors) {
    double sum = 0;
    for (TrainedTensor tensor : tensors) {
      sum += tensor.gradientSquares();
    }
    return sum;
  }

  void step(Optimizer optimizer, float scale, long update, double rate) {
    all.forEach(tensor -> tensor.step(optimizer, scale, update, rate));
  }

  void clearGradients() {
    all.forEach(TrainedTensor::clearGradient);
  }

  /** Copies of the values by name. */
  Map<String, float[]> values() {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    all.forEach(tensor -> tensor.putValues(arrays));
    return arrays;
  }

  /** The values, and what the optimizer keeps of them. */
  Map<String, float[]> valuesAndMoments() {
    Map<String, float[]> arrays = values();
    all.forEach(tensor -> tensor.putMoments(arrays));
    return arrays;
  }

  void restoreValues(Map<String, float[]> arrays) {
    all.forEach(tensor -> tensor.restoreValues(arrays));
  }

  void restoreMoments(Map<String, float[]> arrays, int count) {
    all.forEach(tensor -> tensor.restoreMoments(arrays, count));
  }
}
