// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.LossResult;
import io.deepretrieval.train.TrainingEvent.Kind;
import io.deepretrieval.train.data.DataReport;
import io.deepretrieval.train.data.SkippedImage;
import io.deepretrieval.train.loss.TrainableLoss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training from its first step, or from its last checkpoint, to its end. */
final class TrainingRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainingOptions options;
  private final BooleanSupplier stop;
  private final String recipe;
  private final EmbeddingHead head;
  private final TrainingDiagnostics diagnostics;
  private final TrainingState state = new TrainingState();
  private final List<TrainingEvent> events = new ArrayList<>();
  private final SkippedImages skipped = new SkippedImages();
  private final BatchGradient gradient;
  private final ParameterUpdate update;
  private final TrainingFiles files;
  private final @Nullable FrozenMaps frozen;
  private final PlainEmbeddings embeddings;

  TrainingRun(TrainingOptions options, BooleanSupplier stop) throws IOException {
    this.options = options;
    this.stop = stop;
    this.recipe = options.recipe();
    this.diagnostics = new TrainingDiagnostics(this::tell);
    this.head =
        new EmbeddingHead(options.pooling, options.projection.orElse(null), options.normalize);
    Function<EmbeddingBatch, LossResult> loss = options.loss::evaluate;
    List<TrainedTensor> added =
        new ArrayList<>(
            head.tensors(
                options.projectionRate,
                options.poolingRate,
                options.poolingLow,
                options.poolingHigh));
    if (options.loss instanceof TrainableLoss trainable) {
      LossTensor tensor = new LossTensor(trainable, options.projectionRate);
      added.add(tensor);
      loss = tensor::evaluate;
    }
    TrainedTensors tensors =
        new TrainedTensors(
            options.backbone.parameters().stream().<TrainedTensor>map(NetworkTensor::new).toList(),
            added);
    NonFiniteGuard guard = new NonFiniteGuard(state, options.training, diagnostics);
    this.gradient = new BatchGradient(options.backbone, head, loss, guard, options.imagesPerPass);
    this.update = new ParameterUpdate(options, state, tensors, guard);
    this.files = new TrainingFiles(options, recipe, state, tensors, diagnostics);
    this.frozen = options.cachedViews > 0 ? new FrozenMaps(options) : null;
    this.embeddings = new PlainEmbeddings(options, head, skipped, frozen);
  }

  private void tell(TrainingEvent event) {
    events.add(event);
    LOG.debug("{}", event.line());
    options.listeners.forEach(listener -> listener.onEvent(event));
  }

  TrainingReport run() throws IOException {
    if (options.checkData) {
      diagnostics.data(
          options.validation.isPresent()
              ? DataReport.of(options.training, options.validation.get())
              : DataReport.of(options.training));
    }
    if (!files.resume()) {
      begin();
    }
    boolean early = false;
    while (state.epoch < options.epochs && !early && !stop.getAsBoolean()) {
      if (!runEpoch()) {
        break;
      }
      early = isStale();
    }
    boolean asked = stop.getAsBoolean() && state.epoch < options.epochs;
    if (asked) {
      diagnostics.say(
          Kind.STOPPED, state.epoch, state.step, "the training was stopped", "", List.of());
    }
    if (early) {
      diagnostics.say(
          Kind.STOPPED_EARLY,
          state.epoch - 1,
          -1,
          "the metric has not risen for " + options.patience + " epochs",
          "",
          List.of());
    }
    if (!asked) {
      files.restoreBest();
    }
    return report(asked);
  }

  private void begin() throws IOException {
    if (options.validation.isPresent()) {
      files.keepFirst();
    }
    state.metricBefore = embeddings.validate();
    state.best = state.metricBefore;
    diagnostics.before(state.metricBefore);
  }

  private TrainingReport report(boolean stopped) {
    List<SkippedImage> left = skipped.list();
    if (!left.isEmpty()) {
      diagnostics.say(
          Kind.IMAGES_SKIPPED,
          -1,
          -1,
          left.size() + " images could not be read and were left out",
          "",
          left.stream().map(SkippedImage::image).toList());
    }
    return new TrainingReport(
        recipe,
        state.metricBefore,
        state.history,
        Double.isNaN(state.best) ? state.history.size() - 1 : state.bestEpoch,
        events,
        left,
        stopped,
        new FineTunedModel(options.backbone, head.pooling(), head.head()));
  }

  private boolean isStale() {
    return !Double.isNaN(state.best)
        && state.epoch - 1 - Math.max(state.bestEpoch, -1) >= options.patience;
  }

  /** Runs the rest of an epoch; says whether it came to its end. */
  private boolean runEpoch() throws IOException {
    List<int[]> batches = batches();
    if (batches.isEmpty()) {
      throw new IOException(
          "an epoch must have at least 1 batch but epoch "
              + (state.epoch + 1)
              + " of "
              + options.batches()
              + " has 0");
    }
    long start = System.nanoTime();
    update.clear();
    try (BatchFeed feed = feed(batches)) {
      while (state.step < batches.size()) {
        train(feed.next(), batches.size());
        state.step++;
        if (state.step % options.accumulate == 0 || state.step == batches.size()) {
          update.apply(options.rate(state.epoch, state.step - 1, batches.size()));
          if (state.step < batches.size()) {
            boolean asked = stop.getAsBoolean();
            if (asked || state.step / options.accumulate % options.checkpointSteps == 0) {
              files.saveLast();
            }
            if (asked) {
              return false;
            }
          }
        }
      }
    }
    endEpoch((System.nanoTime() - start) / 1e9, batches.size());
    return true;
  }

  private void endEpoch(double seconds, int steps) throws IOException {
    double metric = embeddings.validate();
    float[] exponents = head.pooling().parameters();
    double rate = options.rate(state.epoch, steps - 1, steps);
    EpochReport report = state.sums.report(state.epoch, seconds, rate, exponents, metric);
    diagnostics.epoch(report, state.history, exponents, options.poolingLow, options.poolingHigh);
    state.history.add(report);
    if (metric > state.best) {
      state.best = metric;
      state.bestEpoch = state.epoch;
      files.keepBest();
    }
    state.nextEpoch();
    files.saveLast();
    options.listeners.forEach(listener -> listener.onEpoch(report, options.epochs));
  }

  private List<int[]> batches() throws IOException {
    if (options.miner == null) {
      return Objects.requireNonNull(options.sampler).epoch(state.epoch);
    }
    // In the middle of an epoch the network is not the one any more that chose its batches.
    if (state.step == 0) {
      float[][] rows = embeddings.mining(options.miner.wanted(state.epoch));
      state.mined = options.miner.epoch(state.epoch, rows);
    }
    return state.mined;
  }

  private BatchFeed feed(List<int[]> batches) {
    return frozen != null
        ? new FrozenFeed(options, skipped, frozen, batches, state.epoch, state.step)
        : new DecodedFeed(options, skipped, batches, state.epoch, state.step);
  }

  private void train(List<TrainingItem> batch, int steps) {
    if (batch.isEmpty()) {
      return;
    }
    TrainingStep event = new TrainingStep();
    event.begin();
    Optional<BatchGradient.Result> result = gradient.add(batch);
    if (result.isEmpty()) {
      return;
    }
    LossResult loss = result.get().loss();
    update.added(batch);
    state.sums.add(loss, result.get().embeddings());
    event.epoch = state.epoch;
    event.step = state.step;
    event.images = batch.size();
    event.loss = loss.value();
    event.activeTuples = loss.activeTuples();
    event.commit();
    options.listeners.forEach(
        listener ->
            listener.onStep(state.epoch, state.step, steps, loss.value(), loss.activeTuples()));
  }

  @Override
  public void close() throws IOException {
    if (frozen != null) {
      frozen.close();
    }
  }
}
