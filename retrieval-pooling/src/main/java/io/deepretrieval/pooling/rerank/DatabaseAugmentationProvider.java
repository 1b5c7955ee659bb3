// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.RerankerProvider;

/**
 * Provides {@link DatabaseAugmentationReranker} under the name {@code database-augmentation};
 * options {@code n} (400), {@code k} (10), {@code alpha} (3).
 */
public final class DatabaseAugmentationProvider implements RerankerProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public DatabaseAugmentationProvider() {}

  @Override
  public String name() {
    return "database-augmentation";
  }

  @Override
  public Reranker create(Options options) {
    options.requireKnown(name(), "n", "k", "alpha");
    return new DatabaseAugmentationReranker(
        options.integer("n", 400),
        DatabaseAugmentation.alphaWeighted(options.integer("k", 10), options.number("alpha", 3)));
  }
}
