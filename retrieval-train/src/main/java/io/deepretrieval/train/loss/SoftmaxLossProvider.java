// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;

/**
 * Makes {@link SoftmaxLoss}. Options: {@code seed} 1, {@code classes} and {@code dimension} those
 * of the training.
 */
public final class SoftmaxLossProvider implements LossProvider {
  /** For the service loader. */
  public SoftmaxLossProvider() {}

  @Override
  public String name() {
    return "softmax";
  }

  @Override
  public Loss create(Options options, LossContext context) {
    options.requireKnown(name(), "classes", "dimension", "seed");
    return SoftmaxLoss.random(
        options.integer("classes", context.classes()),
        options.integer("dimension", context.dimension()),
        options.integer("seed", 1));
  }
}
