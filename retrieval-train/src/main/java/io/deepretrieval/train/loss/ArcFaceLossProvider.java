// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;

/**
 * Makes {@link ArcFaceLoss}. Options: {@code scale} 30, {@code margin} 0.15, {@code seed} 1, {@code
 * classes} and {@code dimension} those of the training.
 */
public final class ArcFaceLossProvider implements LossProvider {
  /** For the service loader. */
  public ArcFaceLossProvider() {}

  @Override
  public String name() {
    return "arcface";
  }

  @Override
  public Loss create(Options options, LossContext context) {
    options.requireKnown(name(), "classes", "dimension", "seed", "scale", "margin");
    return ArcFaceLoss.random(
        options.integer("classes", context.classes()),
        options.integer("dimension", context.dimension()),
        options.integer("seed", 1),
        options.number("scale", 30),
        options.number("margin", 0.15));
  }
}
