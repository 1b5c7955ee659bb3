// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.Arrays;

/** Values whose gradient is added up in an array. */
abstract class GradientTensor extends TrainedTensor {
  /** Of as many elements as there are values; added to by who owns it. */
  final float[] gradient;

  /** Keeps the array. */
  GradientTensor(
      String name, String momentName, double rateFactor, boolean decayed, float[] gradient) {
    super(name, momentName, rateFactor, decayed);
    this.gradient = gradient;
  }

  @Override
  final double gradientSquares() {
    return EmbeddingHead.squares(gradient);
  }

  @Override
  final void clearGradient() {
    Arrays.fill(gradient, 0);
  }
}
