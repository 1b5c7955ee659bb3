// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.LossResult;
import io.deepretrieval.Parameter;
import io.deepretrieval.train.loss.TrainableLoss;
import io.deepretrieval.train.loss.TrainableLossResult;

/** The weights of a loss that has such, and the loss with the weights of the moment. */
final class LossTensor extends GradientTensor {
  private TrainableLoss loss;

  LossTensor(TrainableLoss loss, double rateFactor) {
    super("loss", "loss", rateFactor, true, new float[loss.weights().length]);
    this.loss = loss;
  }

  /** Evaluates the loss and adds to the gradient of its weights. */
  LossResult evaluate(EmbeddingBatch batch) {
    TrainableLossResult result = loss.evaluateWithWeights(batch);
    double[] more = result.weightGradient();
    for (int i = 0; i < more.length; i++) {
      gradient[i] += (float) more[i];
    }
    return result.result();
  }

  @Override
  float[] values() {
    double[] weights = loss.weights();
    float[] out = new float[weights.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) weights[i];
    }
    return out;
  }

  @Override
  void set(float[] values) {
    double[] weights = new double[values.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = values[i];
    }
    loss = loss.withWeights(weights);
  }

  @Override
  void update(Parameter.Rule rule) {
    float[] values = values();
    rule.apply(values, gradient);
    set(values);
  }
}
