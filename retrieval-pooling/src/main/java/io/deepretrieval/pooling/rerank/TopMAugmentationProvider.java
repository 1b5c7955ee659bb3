// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.RerankerProvider;

/**
 * Provides {@link TopMAugmentation} under the name {@code top-m-augmentation}; options {@code m}
 * (400), {@code k} (9), {@code beta} (0.15).
 */
public final class TopMAugmentationProvider implements RerankerProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public TopMAugmentationProvider() {}

  @Override
  public String name() {
    return "top-m-augmentation";
  }

  @Override
  public Reranker create(Options options) {
    options.requireKnown(name(), "m", "k", "beta");
    return TopMAugmentation.builder()
        .top(options.integer("m", 400))
        .neighbors(options.integer("k", 9))
        .beta(options.number("beta", 0.15))
        .build();
  }
}
