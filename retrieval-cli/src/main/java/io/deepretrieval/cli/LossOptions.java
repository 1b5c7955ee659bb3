// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Loss;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.train.FineTuner;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The loss that {@code finetune} trains with. */
final class LossOptions {
  @Option(
      names = "--loss",
      paramLabel = "NAME",
      defaultValue = "triplet",
      completionCandidates = KnownNames.Losses.class,
      description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private String name = "triplet";

  @Option(
      names = "--loss-option",
      paramLabel = "NAME=VALUE",
      description = "Option of the loss, for instance margin=0.3. May be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--no-l2",
      description = "Give the loss embeddings as they are; some get them so anyway.")
  private boolean raw;

  Loss create(LossContext context) {
    return Providers.losses().get(name).create(Options.of(options), context);
  }

  /** Leaves embeddings as they are, where that is asked for; else the loss decides. */
  void apply(FineTuner.Builder builder) {
    if (raw) {
      builder.normalize(false);
    }
  }
}
