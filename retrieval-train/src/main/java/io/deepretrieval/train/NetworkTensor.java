// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.Parameter;

/** A parameter of the backbone. */
final class NetworkTensor extends TrainedTensor {
  private final Parameter parameter;

  NetworkTensor(Parameter parameter) {
    super("backbone." + parameter.name(), parameter.name(), 1, true);
    this.parameter = parameter;
  }

  @Override
  float[] values() {
    return parameter.values();
  }

  @Override
  void set(float[] values) {
    parameter.set(values);
  }

  @Override
  void update(Parameter.Rule rule) {
    parameter.update(rule);
  }

  @Override
  double gradientSquares() {
    double[] squares = {0};
    parameter.update((values, gradient) -> squares[0] = EmbeddingHead.squares(gradient));
    return squares[0];
  }

  @Override
  void clearGradient() {
    parameter.clearGradient();
  }
}
