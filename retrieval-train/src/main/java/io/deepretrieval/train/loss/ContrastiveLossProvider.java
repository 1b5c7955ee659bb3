// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;

/**
 * Makes {@link ContrastiveLoss}. Options: {@code margin} 0.85, {@code epsilon} 0, {@code selection}
 * all (or tuples), {@code rows} of a tuple 7, {@code reduction} mean (or sum, mean-active). Where
 * the training is made of tuples, {@code selection} is tuples and {@code rows} their size.
 */
public final class ContrastiveLossProvider implements LossProvider {
  /** For the service loader. */
  public ContrastiveLossProvider() {}

  @Override
  public String name() {
    return "contrastive";
  }

  @Override
  public Loss create(Options options, LossContext context) {
    options.requireKnown(name(), "margin", "epsilon", "selection", "rows", "reduction");
    String selection = OptionChoices.selection(options, context);
    return ContrastiveLoss.builder()
        .margin(options.number("margin", 0.85))
        .distance(Distance.euclidean(options.number("epsilon", 0)))
        .selection(
            selection.equals("tuples")
                ? PairMiner.tuples(OptionChoices.rows(options, context))
                : PairMiner.all())
        .reduction(OptionChoices.reduction(options))
        .build();
  }
}
