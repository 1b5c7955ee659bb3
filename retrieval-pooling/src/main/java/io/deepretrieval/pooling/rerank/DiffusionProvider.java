// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.RerankerProvider;

/**
 * Provides {@link DiffusionReranker} under the name {@code diffusion}; options {@code n} (1000),
 * {@code k} (50), {@code kq} (10), {@code gamma} (3), {@code alpha} (0.99).
 */
public final class DiffusionProvider implements RerankerProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public DiffusionProvider() {}

  @Override
  public String name() {
    return "diffusion";
  }

  @Override
  public Reranker create(Options options) {
    options.requireKnown(name(), "n", "k", "kq", "gamma", "alpha");
    return DiffusionReranker.builder()
        .top(options.integer("n", 1000))
        .neighbors(options.integer("k", 50))
        .sources(options.integer("kq", 10))
        .gamma(options.number("gamma", 3))
        .alpha(options.number("alpha", 0.99))
        .build();
  }
}
