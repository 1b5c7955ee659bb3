// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.Pooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;

/** Provides {@link MacPooling} under the name {@code mac}; it has no options. */
public final class MacPoolingProvider implements PoolingProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public MacPoolingProvider() {}

  @Override
  public String name() {
    return "mac";
  }

  @Override
  public Pooling create(Options options) {
    options.requireKnown(name());
    return new MacPooling();
  }
}
