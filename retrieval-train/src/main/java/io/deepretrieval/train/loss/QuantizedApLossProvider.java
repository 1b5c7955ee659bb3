// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;

/** Makes {@link QuantizedApLoss}. Option: {@code bins} 25. */
public final class QuantizedApLossProvider implements LossProvider {
  /** For the service loader. */
  public QuantizedApLossProvider() {}

  @Override
  public String name() {
    return "quantized-ap";
  }

  @Override
  public Loss create(Options options, LossContext context) {
    options.requireKnown(name(), "bins");
    return QuantizedApLoss.of(options.integer("bins", 25));
  }
}
