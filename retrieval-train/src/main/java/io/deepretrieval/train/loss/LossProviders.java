// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.Options;
import java.util.Locale;

/**
 * The losses of this package by name.
 *
 * <table>
 *   <caption>Options</caption>
 *   <tr><th>loss</th><th>options and their defaults</th></tr>
 *   <tr><td>npair</td><td>{@code form} labeled (or distinct), {@code lambda} 0.002</td></tr>
 *   <tr><td>triplet</td><td>{@code margin} 0.1 (or soft), {@code distance} squared-euclidean (or
 *     euclidean), {@code selection} all (or hardest, semi-hard, tuples), {@code rows} of a tuple 7,
 *     {@code reduction} mean (or sum, mean-active)</td></tr>
 *   <tr><td>contrastive</td><td>{@code margin} 0.85, {@code epsilon} 0, {@code selection} all (or
 *     tuples), {@code rows} of a tuple 7, {@code reduction} mean (or sum, mean-active)</td></tr>
 *   <tr><td>quantized-ap</td><td>{@code bins} 25</td></tr>
 *   <tr><td>softmax</td><td>{@code classes} and {@code dimension}, which must be given, {@code seed}
 *     1</td></tr>
 *   <tr><td>arcface</td><td>as softmax, {@code scale} 30, {@code margin} 0.15</td></tr>
 * </table>
 */
public final class LossProviders {
  private LossProviders() {}

  /** Makes {@link NPairLoss}. */
  public static final class NPair implements LossProvider {
    /** For the service loader. */
    public NPair() {}

    @Override
    public String name() {
      return "npair";
    }

    @Override
    public Loss create(Options options) {
      options.requireKnown(name(), "form", "lambda");
      double lambda = options.number("lambda", 0.002);
      String form = choice(options, "form", "labelled", "distinct");
      return form.equals("labelled") ? NPairLoss.labeled(lambda) : NPairLoss.distinct(lambda);
    }
  }

  /** Makes {@link TripletLoss}. */
  public static final class Triplet implements LossProvider {
    /** For the service loader. */
    public Triplet() {}

    @Override
    public String name() {
      return "triplet";
    }

    @Override
    public Loss create(Options options) {
      options.requireKnown(name(), "margin", "distance", "selection", "rows", "reduction");
      TripletLoss.Builder builder =
          TripletLoss.builder()
              .distance(
                  choice(options, "distance", "squared-euclidean", "euclidean").equals("euclidean")
                      ? Distance.EUCLIDEAN
                      : Distance.SQUARED_EUCLIDEAN)
              .selection(selection(options))
              .reduction(reduction(options));
      return options.text("margin").filter("soft"::equals).isPresent()
          ? builder.softMargin().build()
          : builder.margin(options.number("margin", 0.1)).build();
    }

    private static TripletMiner selection(Options options) {
      String name = choice(options, "selection", "all", "hardest", "semi-hard", "tuples");
      requireRowsOnlyFor(options, name);
      return switch (name) {
        case "hardest" -> TripletMiner.batchHard();
        case "semi-hard" -> TripletMiner.semiHard();
        case "tuples" -> TripletMiner.tuples(options.integer("rows", 7));
        default -> TripletMiner.all();
      };
    }
  }

  /** Makes {@link ContrastiveLoss}. */
  public static final class Contrastive implements LossProvider {
    /** For the service loader. */
    public Contrastive() {}

    @Override
    public String name() {
      return "contrastive";
    }

    @Override
    public Loss create(Options options) {
      options.requireKnown(name(), "margin", "epsilon", "selection", "rows", "reduction");
      String selection = choice(options, "selection", "all", "tuples");
      requireRowsOnlyFor(options, selection);
      return ContrastiveLoss.builder()
          .margin(options.number("margin", 0.85))
          .distance(Distance.euclidean(options.number("epsilon", 0)))
          .selection(
              selection.equals("tuples")
                  ? PairMiner.tuples(options.integer("rows", 7))
                  : PairMiner.all())
          .reduction(reduction(options))
          .build();
    }
  }

  /** Makes {@link QuantizedApLoss}. */
  public static final class QuantizedAveragePrecision implements LossProvider {
    /** For the service loader. */
    public QuantizedAveragePrecision() {}

    @Override
    public String name() {
      return "quantized-ap";
    }

    @Override
    public Loss create(Options options) {
      options.requireKnown(name(), "bins");
      return QuantizedApLoss.of(options.integer("bins", 25));
    }
  }

  /** Makes {@link SoftmaxLoss}. */
  public static final class Softmax implements LossProvider {
    /** For the service loader. */
    public Softmax() {}

    @Override
    public String name() {
      return "softmax";
    }

    @Override
    public Loss create(Options options) {
      options.requireKnown(name(), "classes", "dimension", "seed");
      return SoftmaxLoss.random(
          required(options, name(), "classes"),
          required(options, name(), "dimension"),
          options.integer("seed", 1));
    }
  }

  /** Makes {@link ArcFaceLoss}. */
  public static final class ArcFace implements LossProvider {
    /** For the service loader. */
    public ArcFace() {}

    @Override
    public String name() {
      return "arcface";
    }

    @Override
    public Loss create(Options options) {
      options.requireKnown(name(), "classes", "dimension", "seed", "scale", "margin");
      return ArcFaceLoss.random(
          required(options, name(), "classes"),
          required(options, name(), "dimension"),
          options.integer("seed", 1),
          options.number("scale", 30),
          options.number("margin", 0.15));
    }
  }

  private static int required(Options options, String who, String name) {
    if (options.text(name).isEmpty()) {
      throw new IllegalArgumentException(who + " must be given the option " + name);
    }
    return options.integer(name, 0);
  }

  private static void requireRowsOnlyFor(Options options, String selection) {
    if (!selection.equals("tuples") && options.text("rows").isPresent()) {
      throw new IllegalArgumentException(
          "option rows must stand with selection tuples only but selection was '"
              + selection
              + "'");
    }
  }

  private static Reduction reduction(Options options) {
    String name = choice(options, "reduction", "mean", "sum", "mean-active");
    return Reduction.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** One of the given texts; the first unless another is asked for. */
  private static String choice(Options options, String name, String... choices) {
    String text = options.text(name).orElse(choices[0]);
    for (String choice : choices) {
      if (choice.equals(text)) {
        return text;
      }
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
}
