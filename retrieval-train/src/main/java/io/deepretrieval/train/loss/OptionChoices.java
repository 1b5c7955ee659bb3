// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.Options;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/** Options of losses that are one of some words. */
final class OptionChoices {
  private static final String TUPLES = "tuples";

  /** A query, a positive and five negatives, as in retrieval-SfM. */
  private static final int ROWS = 7;

  private OptionChoices() {}

  /** One of the given texts; the first unless another is asked for. */
  static String choice(Options options, String name, String... choices) {
    String text = options.text(name).orElse(choices[0]);
    if (Arrays.asList(choices).contains(text)) {
      return text;
    }
    throw new IllegalArgumentException(
        "option "
            + name
            + " must be one of "
            + String.join(", ", choices)
            + " but was '"
            + text
            + "'");
  }

  static Reduction reduction(Options options) {
    String name = choice(options, "reduction", "mean", "sum", "mean-active");
    return Reduction.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** What a loss looks at: all or one of the others, or tuples, the first for batches of tuples. */
  static String selection(Options options, LossContext context, String... others) {
    Options complete =
        context.tupleSize().isPresent() && options.text("selection").isEmpty()
            ? options.with("selection", TUPLES)
            : options;
    String[] choices =
        Stream.of(Stream.of("all"), Arrays.stream(others), Stream.of(TUPLES))
            .flatMap(part -> part)
            .toArray(String[]::new);
    String selection = choice(complete, "selection", choices);
    if (!selection.equals(TUPLES) && options.text("rows").isPresent()) {
      throw new IllegalArgumentException(
          "option rows must stand with selection tuples only but selection was '"
              + selection
              + "'");
    }
    return selection;
  }

  /** Rows of a tuple: those of the training unless others are asked for. */
  static int rows(Options options, LossContext context) {
    return options.integer("rows", context.tupleSize().orElse(ROWS));
  }
}
