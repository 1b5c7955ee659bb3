// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.Optimizer;
import io.deepretrieval.train.Schedule;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How {@code finetune} changes the weights. */
final class OptimizerOptions {
  @Option(
      names = "--optimizer",
      paramLabel = "adam|sgd",
      defaultValue = "adam",
      description = "Default: ${DEFAULT-VALUE}; sgd has momentum 0.9.")
  private String optimizer = "adam";

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "1e-5",
      description = "Learning rate. Default: ${DEFAULT-VALUE}.")
  private double rate = 1e-5;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description = "constant, cosine, linear, or exponential (0.01). Default: ${DEFAULT-VALUE}.")
  private String schedule = "cosine";

  @Option(
      names = "--warm-up",
      paramLabel = "EPOCHS",
      defaultValue = "0",
      description = "Epochs in which the rate rises. Default: ${DEFAULT-VALUE}.")
  private double warmUp;

  @Option(
      names = "--weight-decay",
      paramLabel = "W",
      defaultValue = "1e-6",
      description = "Default: ${DEFAULT-VALUE}.")
  private double weightDecay = 1e-6;

  @Option(
      names = "--clip",
      paramLabel = "L",
      description = "Greatest length of the gradient. Default: none.")
  private @Nullable Double clip;

  void apply(FineTuner.Builder builder) {
    builder.optimizer(rule(), rate, course());
    if (clip != null) {
      builder.clip(clip);
    }
  }

  private Optimizer rule() {
    Optimizer plain =
        switch (optimizer) {
          case "adam" -> Optimizer.adam();
          case "sgd" -> Optimizer.sgd(0.9);
          default ->
              throw new IllegalArgumentException(
                  "--optimizer must be adam or sgd but was '" + optimizer + "'");
        };
    return plain.withWeightDecay(weightDecay);
  }

  private Schedule course() {
    Schedule plain =
        switch (schedule) {
          case "constant" -> Schedule.constant();
          case "cosine" -> Schedule.cosine();
          case "linear" -> Schedule.linear();
          case "exponential" -> Schedule.exponential(0.01);
          default ->
              throw new IllegalArgumentException(
                  "--schedule must be constant, cosine, linear or exponential but was '"
                      + schedule
                      + "'");
        };
    return plain.withWarmUp(warmUp);
  }
}
