// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.train.TrainingEvent.Kind;
import io.deepretrieval.train.data.DataReport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Looks at a training as it goes and says what seems wrong, each thing about an epoch once. */
final class TrainingDiagnostics {
  private static final double COLLAPSED = 1e-3;
  private static final double RISEN = 1.5;

  private final Consumer<TrainingEvent> out;
  private final Set<Kind> said = EnumSet.noneOf(Kind.class);

  TrainingDiagnostics(Consumer<TrainingEvent> out) {
    this.out = out;
  }

  private void say(Kind kind, int epoch, int step, String message, String advice) {
    say(kind, epoch, step, message, advice, List.of());
  }

  void say(Kind kind, int epoch, int step, String message, String advice, List<String> images) {
    out.accept(new TrainingEvent(kind, epoch, step, message, advice, images));
  }

  /** What can be seen before the first step. */
  void data(DataReport report) {
    if (!report.singletons().isEmpty()) {
      say(
          Kind.SINGLE_IMAGE_CLASSES,
          -1,
          -1,
          report.singletons().size() + " classes have one image and no positive",
          "add images to them or leave them out",
          report.singletons());
    }
    if (!report.conflicts().isEmpty()) {
      List<String> pairs = new ArrayList<>();
      report.conflicts().forEach(same -> pairs.add(same.first() + " = " + same.second()));
      say(
          Kind.SAME_IMAGE_IN_TWO_CLASSES,
          -1,
          -1,
          pairs.size() + " images are in two classes",
          "the loss pulls and pushes them at once: remove them from one",
          pairs);
    }
    if (!report.leaks().isEmpty()) {
      List<String> pairs = new ArrayList<>();
      report.leaks().forEach(same -> pairs.add(same.first() + " = " + same.second()));
      say(
          Kind.VALIDATION_CLASS_TRAINED,
          -1,
          -1,
          pairs.size() + " validation images are also trained",
          "the metric will say too much: remove them from one side",
          pairs);
    }
    if (!report.sharedClasses().isEmpty()) {
      say(
          Kind.VALIDATION_CLASS_TRAINED,
          -1,
          -1,
          report.sharedClasses().size() + " validation classes are also trained",
          "the metric will say too much: validate on classes that are not trained",
          report.sharedClasses());
    }
  }

  void before(double metric) {
    if (!Double.isNaN(metric)) {
      say(
          Kind.METRIC_BEFORE,
          -1,
          -1,
          String.format(Locale.ROOT, "mAP before training is %.4f", metric),
          "");
    }
  }

  /** What can be seen after an epoch. */
  void epoch(
      EpochReport report, List<EpochReport> earlier, float[] exponents, double low, double high) {
    if (report.activeTuples() == 0) {
      say(
          Kind.NO_ACTIVE_TUPLE,
          report.epoch(),
          -1,
          "no tuple had a part in the loss",
          "all negatives are beyond the margin: mine harder ones, raise the margin or stop");
    }
    if (report.spread() < COLLAPSED && said.add(Kind.COLLAPSE)) {
      say(
          Kind.COLLAPSE,
          report.epoch(),
          -1,
          String.format(
              Locale.ROOT,
              "embeddings have come together: mean of 1 - cosine is %.2g, loss %.4g",
              report.spread(),
              report.loss()),
          "lower the learning rate, begin with easier negatives, or use a larger batch");
    }
    for (float p : exponents) {
      if ((p <= low || p >= high) && said.add(Kind.EXPONENT_AT_BOUND)) {
        say(
            Kind.EXPONENT_AT_BOUND,
            report.epoch(),
            -1,
            String.format(Locale.ROOT, "the exponent of the pooling stands at its bound %.3g", p),
            "lower its rate, or fix it: 3 is what published networks stay near");
      }
    }
    if (!earlier.isEmpty()
        && report.loss() > RISEN * earlier.get(0).loss()
        && earlier.get(0).loss() > 0
        && said.add(Kind.LEARNING_RATE_TOO_HIGH)) {
      say(
          Kind.LEARNING_RATE_TOO_HIGH,
          report.epoch(),
          -1,
          String.format(
              Locale.ROOT,
              "the loss has risen from %.4g to %.4g",
              earlier.get(0).loss(),
              report.loss()),
          "divide the learning rate by 3 to 10, or warm up");
    }
  }
}
