// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Reranker;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.spi.RerankerProvider;
import java.util.List;

/** Re-rankers by what a user types. */
final class Rerankers {
  private Rerankers() {}

  /** Makes them in their order. */
  static List<Reranker> of(List<String> texts) {
    Providers<RerankerProvider> known = Providers.rerankers();
    return texts.stream().map(text -> of(known, text)).toList();
  }

  private static Reranker of(Providers<RerankerProvider> known, String text) {
    NamedPart part = NamedPart.parse("a re-ranker", text);
    return known.get(part.name()).create(part.options());
  }
}
