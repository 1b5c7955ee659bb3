// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.Pooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;
import java.util.Arrays;

/**
 * Provides {@link GemPooling} with one p a channel under the name {@code gem-mp}; options {@code
 * channels} (required), {@code p} (3, the first value of all), {@code eps} (1e-6).
 */
public final class GemMpPoolingProvider implements PoolingProvider {
  /** Makes the provider; {@link java.util.ServiceLoader} calls it. */
  public GemMpPoolingProvider() {}

  @Override
  public String name() {
    return "gem-mp";
  }

  @Override
  public Pooling create(Options options) {
    options.requireKnown(name(), "p", "eps", "channels");
    if (options.text("channels").isEmpty()) {
      throw new IllegalArgumentException("gem-mp must have the option channels");
    }
    int channels = FiniteCheck.requireChannels(options.integer("channels", 1));
    float[] p = new float[channels];
    Arrays.fill(p, (float) options.number("p", 3));
    return GemPooling.perChannel(p).withEps((float) options.number("eps", 1e-6));
  }
}
