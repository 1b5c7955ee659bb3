// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;

/**
 * Makes {@link TripletLoss}. Options: {@code margin} 0.1 (or soft), {@code distance}
 * squared-euclidean (or euclidean), {@code selection} all (or hardest, semi-hard, tuples), {@code
 * rows} of a tuple 7, {@code reduction} mean (or sum, mean-active). Where the training is made of
 * tuples, {@code selection} is tuples and {@code rows} their size.
 */
public final class TripletLossProvider implements LossProvider {
  /** For the service loader. */
  public TripletLossProvider() {}

  @Override
  public String name() {
    return "triplet";
  }

  @Override
  public Loss create(Options options, LossContext context) {
    options.requireKnown(name(), "margin", "distance", "selection", "rows", "reduction");
    String distance = OptionChoices.choice(options, "distance", "squared-euclidean", "euclidean");
    TripletLoss.Builder builder =
        TripletLoss.builder()
            .distance(
                distance.equals("euclidean") ? Distance.EUCLIDEAN : Distance.SQUARED_EUCLIDEAN)
            .selection(selection(options, context))
            .reduction(OptionChoices.reduction(options));
    return options.text("margin").filter("soft"::equals).isPresent()
        ? builder.softMargin().build()
        : builder.margin(options.number("margin", 0.1)).build();
  }

  private static TripletMiner selection(Options options, LossContext context) {
    return switch (OptionChoices.selection(options, context, "hardest", "semi-hard")) {
      case "hardest" -> TripletMiner.batchHard();
      case "semi-hard" -> TripletMiner.semiHard();
      case "tuples" -> TripletMiner.tuples(OptionChoices.rows(options, context));
      default -> TripletMiner.all();
    };
  }
}
