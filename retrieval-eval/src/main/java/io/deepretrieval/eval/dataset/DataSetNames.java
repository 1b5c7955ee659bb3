// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static io.deepretrieval.eval.DataSetProvider.plain;

import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.spi.Providers;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tells by names whether two data sets have images in common. */
final class DataSetNames {
  /** Sets to train on, which no provider reads. */
  private static final List<Pattern> TRAINING_SETS =
      List.of(
          Pattern.compile("^(retrieval)?sfm[0-9]+k.*"),
          Pattern.compile("^(neuralcodes|landmarksclean|landmarksfull).*"));

  private DataSetNames() {}

  static boolean share(Providers<DataSetProvider> providers, String a, String b) {
    String first = plain(a);
    String second = plain(b);
    if (first.isEmpty() || second.isEmpty()) {
      return false;
    }
    return first.equals(second)
        || Stream.concat(
                providers.names().stream().map(name -> providers.get(name).versions()),
                TRAINING_SETS.stream())
            .anyMatch(set -> set.matcher(first).matches() && set.matcher(second).matches());
  }
}
