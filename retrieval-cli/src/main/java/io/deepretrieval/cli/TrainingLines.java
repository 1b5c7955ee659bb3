// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.train.EpochReport;
import io.deepretrieval.train.TrainingEvent;
import io.deepretrieval.train.TrainingListener;
import java.util.Locale;

/** A training on the terminal: one live line an epoch, and what the doctor says. */
final class TrainingLines implements TrainingListener {
  private final Terminal terminal;
  private final long start = System.nanoTime();
  private int begun = -1;
  private double lossSum;
  private long active;
  private int seen;
  private int from;

  TrainingLines(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void onStep(int epoch, int step, int steps, double loss, int activeTuples) {
    if (epoch != begun) {
      begun = epoch;
      lossSum = 0;
      active = 0;
      seen = 0;
      from = step;
    }
    lossSum += loss;
    active += activeTuples;
    seen++;
    terminal.live(
        String.format(
            Locale.ROOT,
            "epoch %d: step %d/%d, loss %.4f, %d active",
            epoch + 1,
            from + seen,
            steps,
            lossSum / seen,
            active));
  }

  @Override
  public void onEpoch(EpochReport report, int epochs) {
    int done = report.epoch() + 1;
    double left = (System.nanoTime() - start) / 1e9 / done * (epochs - done);
    terminal.live("");
    terminal.print(
        "epoch %d/%d: loss %.4f, %d active, %.1f images/s, %.0f s left%s%s",
        done,
        epochs,
        report.loss(),
        report.activeTuples(),
        report.imagesPerSecond(),
        left,
        Double.isNaN(report.exponent())
            ? ""
            : String.format(Locale.ROOT, ", p %.3f", report.exponent()),
        Double.isNaN(report.meanAveragePrecision())
            ? ""
            : String.format(Locale.ROOT, ", mAP %.4f", report.meanAveragePrecision()));
  }

  @Override
  public void onEvent(TrainingEvent event) {
    terminal.live("");
    if (event.kind() == TrainingEvent.Kind.METRIC_BEFORE) {
      terminal.print("%s", event.line());
    } else {
      terminal.warn(event.line());
    }
  }
}
