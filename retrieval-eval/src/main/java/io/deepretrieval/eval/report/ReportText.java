// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.Similarity;
import io.deepretrieval.eval.QueryResult;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the report puts figures into words. */
final class ReportText {
  private static final int MAX_RANKS = 12;

  private ReportText() {}

  static String score(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }

  static String count(int n, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", n, n == 1 ? one : many);
  }

  static String time(Duration duration) {
    return duration.toSeconds() < 60
        ? String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9)
        : String.format(
            Locale.ROOT, "%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
  }

  static String similarity(Similarity similarity) {
    return switch (similarity) {
      case COSINE -> "cosine";
      case INNER_PRODUCT -> "inner product";
      case L2 -> "negative squared distance";
      case L1 -> "negative city-block distance";
    };
  }

  /** Ranks from 1 without junk, at most twelve of them. */
  static String ranks(QueryResult query) {
    if (query.positiveRanks().isEmpty()) {
      return "none found";
    }
    String first =
        query.positiveRanks().stream()
            .limit(MAX_RANKS)
            .map(rank -> String.valueOf(rank + 1))
            .collect(Collectors.joining(", "));
    int found = query.positiveRanks().size();
    int missing = query.query().judgments().positives().size() - found;
    return first
        + (found > MAX_RANKS ? ", … " + (query.positiveRanks().get(found - 1) + 1) : "")
        + (missing > 0 ? "; " + missing + " not found" : "");
  }
}
