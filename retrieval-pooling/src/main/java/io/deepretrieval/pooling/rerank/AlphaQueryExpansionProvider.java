// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.RerankerProvider;

/**
 * Provides {@link AlphaQueryExpansion} under the name {@code alpha-query-expansion}; options {@code
 * n} (10), {@code alpha} (3).
 */
public final class AlphaQueryExpansionProvider implements RerankerProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public AlphaQueryExpansionProvider() {}

  @Override
  public String name() {
    return "alpha-query-expansion";
  }

  @Override
  public Reranker create(Options options) {
    options.requireKnown(name(), "n", "alpha");
    return new AlphaQueryExpansion(options.integer("n", 10), options.number("alpha", 3));
  }
}
