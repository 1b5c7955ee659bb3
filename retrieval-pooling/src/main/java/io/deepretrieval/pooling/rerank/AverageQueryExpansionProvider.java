// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.RerankerProvider;

/**
 * Provides {@link AverageQueryExpansion} under the name {@code average-query-expansion}; option
 * {@code n} (10).
 */
public final class AverageQueryExpansionProvider implements RerankerProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public AverageQueryExpansionProvider() {}

  @Override
  public String name() {
    return "average-query-expansion";
  }

  @Override
  public Reranker create(Options options) {
    options.requireKnown(name(), "n");
    return new AverageQueryExpansion(options.integer("n", 10));
  }
}
