// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.Pooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;

/**
 * Provides {@link SpocPooling} under the name {@code spoc}; option {@code mode} is {@code mean}
 * (default), {@code sum} or {@code center-prior}.
 */
public final class SpocPoolingProvider implements PoolingProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public SpocPoolingProvider() {}

  @Override
  public String name() {
    return "spoc";
  }

  @Override
  public Pooling create(Options options) {
    options.requireKnown(name(), "mode");
    return SpocPooling.parse(options.text("mode").orElse("mean"));
  }
}
