// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Reranker;
import io.deepretrieval.pooling.rerank.AlphaQueryExpansion;
import io.deepretrieval.pooling.rerank.AverageQueryExpansion;
import io.deepretrieval.pooling.rerank.DatabaseAugmentation;
import io.deepretrieval.pooling.rerank.DatabaseAugmentationReranker;
import io.deepretrieval.pooling.rerank.DiffusionReranker;
import io.deepretrieval.pooling.rerank.TopMAugmentation;
import io.deepretrieval.spi.Options;
import java.util.List;

/** Re-rankers by what a user types: {@code NAME}, or {@code NAME:option=value:option=value}. */
final class Rerankers {
  static final String NAMES =
      "alpha-query-expansion, average-query-expansion, database-augmentation, diffusion,"
          + " top-m-augmentation";

  private Rerankers() {}

  /** Makes them in their order. */
  static List<Reranker> of(List<String> texts) {
    return texts.stream().map(Rerankers::of).toList();
  }

  private static Reranker of(String text) {
    String[] parts = text.strip().split(":", -1);
    Options options = Options.NONE;
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "option of a re-ranker must be name=value but was '"
                + parts[i]
                + "' in '"
                + text
                + "'");
      }
      options = options.with(parts[i].substring(0, equals), parts[i].substring(equals + 1));
    }
    String name = parts[0];
    switch (name) {
      case "average-query-expansion" -> {
        options.requireKnown(name, "n");
        return new AverageQueryExpansion(options.integer("n", 10));
      }
      case "alpha-query-expansion" -> {
        options.requireKnown(name, "n", "alpha");
        return new AlphaQueryExpansion(options.integer("n", 10), options.number("alpha", 3));
      }
      case "database-augmentation" -> {
        options.requireKnown(name, "n", "k", "alpha");
        return new DatabaseAugmentationReranker(
            options.integer("n", 400),
            DatabaseAugmentation.alphaWeighted(
                options.integer("k", 10), options.number("alpha", 3)));
      }
      case "diffusion" -> {
        options.requireKnown(name, "n", "k", "kq", "gamma", "alpha");
        return DiffusionReranker.builder()
            .top(options.integer("n", 1000))
            .neighbors(options.integer("k", 50))
            .sources(options.integer("kq", 10))
            .gamma(options.number("gamma", 3))
            .alpha(options.number("alpha", 0.99))
            .build();
      }
      case "top-m-augmentation" -> {
        options.requireKnown(name, "m", "k", "beta");
        return TopMAugmentation.builder()
            .top(options.integer("m", 400))
            .neighbors(options.integer("k", 9))
            .beta(options.number("beta", 0.15))
            .build();
      }
      default ->
          throw new IllegalArgumentException("unknown re-ranker '" + name + "'; known: " + NAMES);
    }
  }
}
