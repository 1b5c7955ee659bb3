// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;

/** Makes {@link NPairLoss}. Options: {@code form} labelled (or distinct), {@code lambda} 0.002. */
public final class NPairLossProvider implements LossProvider {
  /** For the service loader. */
  public NPairLossProvider() {}

  @Override
  public String name() {
    return "npair";
  }

  @Override
  public Loss create(Options options, LossContext context) {
    options.requireKnown(name(), "form", "lambda");
    double lambda = options.number("lambda", 0.002);
    String form = OptionChoices.choice(options, "form", "labelled", "distinct");
    return form.equals("labelled") ? NPairLoss.labeled(lambda) : NPairLoss.distinct(lambda);
  }
}
