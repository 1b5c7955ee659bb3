// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.internal.AtomicFiles;
import io.deepretrieval.train.data.SkippedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How a training went, and what it gave. Immutable.
 *
 * @param recipe everything that decides the result, in one line
 * @param metricBefore mean average precision of the validation set before the first epoch; NaN
 *     without one
 * @param epochs what each did
 * @param bestEpoch whose weights the model has, from 0; -1 if nothing was better than before, in
 *     which case the model is the one that came
 * @param events what was noticed
 * @param skipped images that could not be read
 * @param stopped true if it was asked to stop before its end
 * @param model the parts to go on with
 */
public record TrainingReport(
    String recipe,
    double metricBefore,
    List<EpochReport> epochs,
    int bestEpoch,
    List<TrainingEvent> events,
    List<SkippedImage> skipped,
    boolean stopped,
    FineTunedModel model) {
  private static final String HEADER =
      "epoch,loss,active_tuples,images,seconds,learning_rate,spread,exponent,map";

  /**
   * Copies the lists.
   *
   * @param recipe everything that decides the result, in one line
   * @param metricBefore mean average precision before the first epoch; NaN without a validation set
   * @param epochs what each did
   * @param bestEpoch whose weights the model has, from 0; -1 for those it came with
   * @param events what was noticed
   * @param skipped images that could not be read
   * @param stopped true if it was asked to stop before its end
   * @param model the parts to go on with
   */
  public TrainingReport {
    epochs = List.copyOf(epochs);
    events = List.copyOf(events);
    skipped = List.copyOf(skipped);
  }

  /**
   * Returns the best metric.
   *
   * @return mean average precision of the model, empty without a validation set
   */
  public OptionalDouble bestMetric() {
    double metric =
        bestEpoch < 0 || bestEpoch >= epochs.size()
            ? metricBefore
            : epochs.get(bestEpoch).meanAveragePrecision();
    return Double.isNaN(metric) ? OptionalDouble.empty() : OptionalDouble.of(metric);
  }

  /**
   * Writes one line an epoch, with a header; an unknown number is empty.
   *
   * @param file where to
   * @throws IOException if it cannot be written
   */
  public void writeCsv(Path file) throws IOException {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    if (!Double.isNaN(metricBefore)) {
      text.append("0,,,,,,,,").append(number(metricBefore)).append('\n');
    }
    for (EpochReport e : epochs) {
      text.append(e.epoch() + 1)
          .append(',')
          .append(number(e.loss()))
          .append(',')
          .append(e.activeTuples())
          .append(',')
          .append(e.images())
          .append(',')
          .append(number(e.seconds()))
          .append(',')
          .append(number(e.learningRate()))
          .append(',')
          .append(number(e.spread()))
          .append(',')
          .append(number(e.exponent()))
          .append(',')
          .append(number(e.meanAveragePrecision()))
          .append('\n');
    }
    AtomicFiles.write(file, text);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.6g", value);
  }

  /**
   * Writes the curves and events as one page that needs nothing else.
   *
   * @param file where to
   * @throws IOException if it cannot be written
   */
  public void writeHtml(Path file) throws IOException {
    AtomicFiles.write(file, TrainingPage.of(this));
  }
}
