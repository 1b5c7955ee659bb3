// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import io.deepretrieval.Parameter;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.train.EmbeddingHead.Trace;
import io.deepretrieval.train.TrainingEvent.Kind;
import io.deepretrieval.train.data.DataReport;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.SkippedImage;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.load.ImageLoader;
import io.deepretrieval.train.load.LoadedBatch;
import io.deepretrieval.train.load.LoadedBatches;
import io.deepretrieval.train.loss.TrainableLoss;
import io.deepretrieval.train.loss.TrainableLossResult;
import io.deepretrieval.train.sampler.BatchSampler;
import io.deepretrieval.train.sampler.MinedSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training from its first step, or from its last checkpoint, to its end. */
final class TrainingRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

  /** Steps without a finite number in a row after which there is no hope. */
  private static final int HOPELESS = 10;

  private static final int SPREAD_PAIRS = 64;
  private static final int EMBED_BATCH = 16;

  /** Numbers of images that are not varied, beside those of the variations. */
  private static final int VALIDATION = -1;

  private static final int MINING = -2;

  /** An image of a batch: its pixels, or what the untrained layers made of them. */
  private record Item(
      int row, int image, int label, @Nullable RgbImage pixels, @Nullable FeatureMap map) {
    /** What must be equal for images to run together. */
    List<Integer> size() {
      if (map != null) {
        return List.of(map.height(), map.width());
      }
      RgbImage image = Objects.requireNonNull(pixels);
      return List.of(image.height(), image.width());
    }
  }

  private final TrainingOptions options;
  private final BooleanSupplier stop;
  private final TrainableBackbone backbone;
  private final LabeledImages images;
  private final @Nullable BatchSampler sampler;
  private final @Nullable MinedSampler miner;
  private final ImageDecoder decoder;
  private final EmbeddingHead chain;
  private final TrainingDiagnostics doctor;
  private final String recipe;
  private final Map<String, float[][]> moments = new HashMap<>();
  private final List<TrainingEvent> events = new ArrayList<>();
  private final Map<String, SkippedImage> skipped = new LinkedHashMap<>();
  private final List<EpochReport> history = new ArrayList<>();
  private Loss loss;
  private @Nullable FrozenMapCache cache;
  private double metricBefore = Double.NaN;
  private double best = Double.NaN;
  private int bestEpoch = -1;
  private @Nullable Map<String, float[]> bestArrays;
  private int epoch;
  private int step;
  private long updates;
  private int hopeless;

  // Sums of the epoch under way.
  private double lossSum;
  private double steps;
  private double activeSum;
  private double imageSum;
  private double spreadSum;
  private double spreadCount;

  /** The batches of the epoch under way, if they depend on the network that began it. */
  private List<int[]> mined = List.of();

  /** The images that the gradient is of. */
  private final List<Integer> pending = new ArrayList<>();

  private float[] lossGradient = new float[0];

  TrainingRun(TrainingOptions options, BooleanSupplier stop) {
    this.options = options;
    this.stop = stop;
    this.backbone = options.backbone;
    this.images = Objects.requireNonNull(options.training);
    this.sampler = options.sampler;
    this.miner = options.miner;
    this.decoder = Objects.requireNonNull(options.decoder);
    this.loss = options.loss;
    this.chain =
        new EmbeddingHead(options.pooling, options.projection.orElse(null), options.normalize);
    this.doctor = new TrainingDiagnostics(this::tell);
    this.recipe = recipe();
  }

  private void tell(TrainingEvent event) {
    events.add(event);
    LOG.debug("{}", event.line());
    options.listeners.forEach(listener -> listener.onEvent(event));
  }

  private String recipe() {
    return "backbone="
        + backbone.spec().name()
        + " weights="
        + backbone.spec().weightsSha256().substring(0, 16)
        + "; trained="
        + backbone.parameters().size()
        + " tensors; pooling="
        + options.pooling.recipe()
        + "; projection="
        + options.projection.map(ProjectionHead::recipe).orElse("none")
        + (options.normalize ? "; l2" : "; no l2")
        + "; loss="
        + options.loss.recipe()
        + "; images="
        + images.size()
        + " of "
        + images.classCount()
        + " classes; batches="
        + (miner == null ? sampler : miner)
        + "; augmentation="
        + options.augmentation
        + "; optimizer="
        + options.optimizer.recipe()
        + " rate="
        + options.learningRate
        + " x"
        + options.projectionRate
        + " x"
        + options.poolingRate
        + "; schedule="
        + options.schedule.recipe()
        + "; epochs="
        + options.epochs
        + "; accumulate="
        + options.accumulate
        + "; clip="
        + options.clip
        + "; views="
        + options.cachedViews
        + "; seed="
        + options.seed;
  }

  TrainingReport run() throws IOException {
    if (options.checkData) {
      doctor.data(
          options.validation.isPresent()
              ? DataReport.of(images, options.validation.get())
              : DataReport.of(images));
    }
    if (options.cachedViews > 0) {
      Path directory =
          options.cacheDirectory.orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
      cache = new FrozenMapCache(directory, options.cacheBytes);
    }
    boolean resumed = resume();
    if (!resumed) {
      metricBefore = validate();
      best = metricBefore;
      doctor.before(metricBefore);
    }
    boolean early = false;
    while (epoch < options.epochs && !early && !stop.getAsBoolean()) {
      if (!runEpoch()) {
        break;
      }
      early = isStale();
    }
    boolean asked = stop.getAsBoolean() && epoch < options.epochs;
    if (asked) {
      tell(new TrainingEvent(Kind.STOPPED, epoch, step, "the training was stopped", "", List.of()));
    }
    if (early) {
      tell(
          new TrainingEvent(
              Kind.STOPPED_EARLY,
              epoch - 1,
              -1,
              "the metric has not risen for " + options.patience + " epochs",
              "",
              List.of()));
    }
    if (!asked) {
      restoreBest();
    }
    if (!skipped.isEmpty()) {
      List<String> names = skipped.values().stream().map(SkippedImage::image).toList();
      doctor.say(
          Kind.IMAGES_SKIPPED,
          -1,
          -1,
          skipped.size() + " images could not be read and were left out",
          "",
          names);
    }
    return new TrainingReport(
        recipe,
        metricBefore,
        history,
        Double.isNaN(best) ? history.size() - 1 : bestEpoch,
        events,
        List.copyOf(skipped.values()),
        asked,
        new FineTunedModel(backbone, chain.pooling(), chain.head()));
  }

  private boolean isStale() {
    return !Double.isNaN(best) && epoch - 1 - Math.max(bestEpoch, -1) >= options.patience;
  }

  /** Runs the rest of an epoch; says whether it came to its end. */
  private boolean runEpoch() throws IOException {
    List<int[]> batches = batches();
    if (batches.isEmpty()) {
      throw new IOException(
          "an epoch must have at least 1 batch but epoch "
              + (epoch + 1)
              + " of "
              + (miner == null ? sampler : miner)
              + " has 0");
    }
    long start = System.nanoTime();
    clearGradients();
    try (Batches loaded = new Batches(batches, step)) {
      while (step < batches.size()) {
        train(loaded.next(), batches.size());
        step++;
        boolean update = step % options.accumulate == 0 || step == batches.size();
        if (update) {
          update(batches.size());
          if (stop.getAsBoolean() && step < batches.size()) {
            checkpoint();
            return false;
          }
          if (step < batches.size() && step / options.accumulate % options.checkpointSteps == 0) {
            checkpoint();
          }
        }
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double metric = validate();
    float[] exponents = chain.pooling().parameters();
    EpochReport report =
        new EpochReport(
            epoch,
            steps > 0 ? lossSum / steps : 0,
            (long) activeSum,
            (long) imageSum,
            seconds,
            rate(batches.size() - 1, batches.size()),
            spreadCount > 0 ? spreadSum / spreadCount : 1,
            exponents.length > 0 ? exponents[0] : Double.NaN,
            metric);
    doctor.epoch(report, history, exponents, options.poolingLow, options.poolingHigh);
    history.add(report);
    if (metric > best) {
      best = metric;
      bestEpoch = epoch;
      keepBest("best.ckpt");
    }
    epoch++;
    step = 0;
    mined = List.of();
    lossSum = 0;
    steps = 0;
    activeSum = 0;
    imageSum = 0;
    spreadSum = 0;
    spreadCount = 0;
    checkpoint();
    options.listeners.forEach(listener -> listener.onEpoch(report, options.epochs));
    return true;
  }

  private List<int[]> batches() throws IOException {
    if (miner == null) {
      return Objects.requireNonNull(sampler).epoch(epoch);
    }
    // In the middle of an epoch the network is not the one any more that chose its batches.
    if (step == 0) {
      int[] wanted = miner.wanted(epoch);
      float[][] all = embed(images, options.mining, wanted, MINING);
      float[][] rows = new float[wanted.length][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = all[wanted[i]] == null ? new float[0] : all[wanted[i]];
      }
      mined = miner.epoch(epoch, rows);
    }
    return mined;
  }

  private double rate(int ofStep, int ofSteps) {
    return options.learningRate * options.schedule.factor(epoch, ofStep, ofSteps, options.epochs);
  }

  // ---- a step

  private void train(List<Item> batch, int ofSteps) {
    if (batch.isEmpty()) {
      return;
    }
    TrainingStep event = new TrainingStep();
    event.begin();
    List<List<Item>> parts = parts(batch);
    Map<Integer, Trace> traces = new HashMap<>();
    float[][] embeddings = new float[batch.size()][];
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      places.put(batch.get(i).row, i);
    }
    boolean whole = parts.size() == 1;
    for (List<Item> part : parts) {
      List<FeatureMap> maps = whole ? forward(part) : look(part);
      for (int i = 0; i < part.size(); i++) {
        if (!isFinite(maps.get(i).sharedValues())) {
          leaveOut(part, "the map of an image was not finite");
          return;
        }
        Trace trace = chain.forward(maps.get(i));
        int place = Objects.requireNonNull(places.get(part.get(i).row));
        embeddings[place] = trace.out();
        if (whole) {
          traces.put(place, trace);
        }
      }
    }
    int d = embeddings[0].length;
    float[] values = new float[batch.size() * d];
    int[] labels = new int[batch.size()];
    for (int i = 0; i < batch.size(); i++) {
      System.arraycopy(embeddings[i], 0, values, i * d, d);
      labels[i] = batch.get(i).label;
    }
    if (!isFinite(values)) {
      leaveOut(batch, "an embedding was not finite");
      return;
    }
    LossResult result = evaluate(EmbeddingBatch.copyOf(d, values, labels));
    double[] gradient = result.gradient();
    for (List<Item> part : parts) {
      List<FeatureMap> maps = whole ? List.of() : forward(part);
      List<FeatureMap> back = new ArrayList<>();
      for (int i = 0; i < part.size(); i++) {
        int place = Objects.requireNonNull(places.get(part.get(i).row));
        Trace trace =
            whole ? Objects.requireNonNull(traces.get(place)) : chain.forward(maps.get(i));
        back.add(chain.backward(trace, Arrays.copyOfRange(gradient, place * d, (place + 1) * d)));
      }
      backbone.backward(back);
    }
    batch.forEach(item -> pending.add(item.image));
    hopeless = 0;
    lossSum += result.value();
    steps++;
    activeSum += result.activeTuples();
    imageSum += batch.size();
    measureSpread(embeddings);
    event.epoch = epoch;
    event.step = step;
    event.images = batch.size();
    event.loss = result.value();
    event.activeTuples = result.activeTuples();
    event.commit();
    options.listeners.forEach(
        listener -> listener.onStep(epoch, step, ofSteps, result.value(), result.activeTuples()));
  }

  private LossResult evaluate(EmbeddingBatch batch) {
    if (loss instanceof TrainableLoss trainable) {
      TrainableLossResult result = trainable.evaluateWithWeights(batch);
      double[] more = result.weightGradient();
      float[] sums = lossGradient(more.length);
      for (int i = 0; i < more.length; i++) {
        sums[i] += (float) more[i];
      }
      return result.result();
    }
    return loss.evaluate(batch);
  }

  private float[] lossGradient(int length) {
    if (lossGradient.length != length) {
      lossGradient = new float[length];
    }
    return lossGradient;
  }

  /** Images of one size, no more than may be in the network at once. */
  private List<List<Item>> parts(List<Item> batch) {
    Map<List<Integer>, List<Item>> bySize = new LinkedHashMap<>();
    for (Item item : batch) {
      bySize.computeIfAbsent(item.size(), size -> new ArrayList<>()).add(item);
    }
    List<List<Item>> parts = new ArrayList<>();
    for (List<Item> same : bySize.values()) {
      for (int from = 0; from < same.size(); from += Math.min(options.imagesPerPass, same.size())) {
        parts.add(
            same.subList(from, (int) Math.min(same.size(), (long) from + options.imagesPerPass)));
      }
    }
    return parts;
  }

  private List<FeatureMap> forward(List<Item> part) {
    if (part.get(0).map != null) {
      return ((FrozenTrunk) backbone).forwardFrom(maps(part));
    }
    return backbone.forward(pixels(part));
  }

  private List<FeatureMap> look(List<Item> part) {
    if (part.get(0).map != null) {
      return ((FrozenTrunk) backbone).extractFrom(maps(part));
    }
    return backbone.extract(pixels(part));
  }

  private static List<FeatureMap> maps(List<Item> part) {
    return part.stream().map(item -> Objects.requireNonNull(item.map)).toList();
  }

  private static List<RgbImage> pixels(List<Item> part) {
    return part.stream().map(item -> Objects.requireNonNull(item.pixels)).toList();
  }

  private static boolean isFinite(float[] values) {
    float sum = 0;
    for (float value : values) {
      // 0 for every finite number, NaN for the others.
      sum += value * 0f;
    }
    return sum == 0;
  }

  private void leaveOut(List<Item> batch, String what) {
    leaveOutImages(batch.stream().map(Item::image).toList(), what);
  }

  private void leaveOutImages(List<Integer> which, String what) {
    List<String> names = which.stream().map(image -> images.source(image).name()).toList();
    doctor.say(
        Kind.NOT_FINITE,
        epoch,
        step,
        what + "; the step was left out",
        "look at the images, lower the learning rate, clip the gradient",
        names);
    hopeless++;
    if (hopeless >= HOPELESS) {
      throw new IllegalStateException(
          "training must have finite numbers but " + HOPELESS + " steps in a row had not: " + what);
    }
  }

  private void measureSpread(float[][] embeddings) {
    int pairs = 0;
    for (int i = 0; i + 1 < embeddings.length && pairs < SPREAD_PAIRS; i++) {
      for (int j = i + 1; j < embeddings.length && pairs < SPREAD_PAIRS; j++) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int k = 0; k < embeddings[i].length; k++) {
          dot += (double) embeddings[i][k] * embeddings[j][k];
          a += (double) embeddings[i][k] * embeddings[i][k];
          b += (double) embeddings[j][k] * embeddings[j][k];
        }
        spreadSum += a > 0 && b > 0 ? 1 - dot / Math.sqrt(a * b) : 0;
        spreadCount++;
        pairs++;
      }
    }
  }

  // ---- an update

  private void update(int ofSteps) {
    double squares =
        EmbeddingHead.squares(chain.weightGradient())
            + EmbeddingHead.squares(chain.biasGradient())
            + EmbeddingHead.squares(chain.poolingGradient())
            + EmbeddingHead.squares(lossGradient);
    double[] network = {0};
    for (Parameter parameter : backbone.parameters()) {
      parameter.update((values, gradient) -> network[0] += EmbeddingHead.squares(gradient));
    }
    double length = Math.sqrt(squares + network[0]);
    if (!Double.isFinite(length)) {
      leaveOutImages(List.copyOf(pending), "the gradient was not finite");
      clearGradients();
      return;
    }
    if (length == 0) {
      clearGradients();
      return;
    }
    float scale = length > options.clip ? (float) (options.clip / length) : 1;
    double rate = rate(step - 1, ofSteps);
    updates++;
    for (Parameter parameter : backbone.parameters()) {
      parameter.update(
          (values, gradient) -> apply(parameter.name(), values, gradient, scale, rate, true));
    }
    if (chain.hasHead()) {
      double own = rate * options.projectionRate;
      apply("projection.weight", chain.weight(), chain.weightGradient(), scale, own, true);
      apply("projection.bias", chain.bias(), chain.biasGradient(), scale, own, true);
    }
    float[] pooling = chain.pooling().parameters();
    if (pooling.length > 0) {
      apply("pooling", pooling, chain.poolingGradient(), scale, rate * options.poolingRate, false);
      for (int i = 0; i < pooling.length; i++) {
        pooling[i] = Math.max(options.poolingLow, Math.min(options.poolingHigh, pooling[i]));
      }
      chain.setPooling(pooling);
    }
    if (loss instanceof TrainableLoss trainable && lossGradient.length > 0) {
      float[] weights = narrow(trainable.weights());
      apply("loss", weights, lossGradient, scale, rate * options.projectionRate, true);
      loss = trainable.withWeights(widen(weights));
    }
    clearGradients();
  }

  private void apply(
      String name, float[] values, float[] gradient, float scale, double rate, boolean decayed) {
    float[][] own =
        moments.computeIfAbsent(name, n -> new float[options.optimizer.moments()][values.length]);
    options.optimizer.apply(values, gradient, scale, own, updates, rate, decayed);
  }

  private static float[] narrow(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  private static double[] widen(float[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  private void clearGradients() {
    backbone.parameters().forEach(Parameter::clearGradient);
    chain.clearGradients();
    pending.clear();
    Arrays.fill(lossGradient, 0);
  }

  // ---- images

  /** The batches of an epoch, decoded ahead, or from the cache as far as it has them. */
  private final class Batches implements AutoCloseable {
    private final List<int[]> batches;
    private final int view;
    private final LoadedBatches loaded;
    private final Set<Integer> loads = new HashSet<>();
    private int at;

    Batches(List<int[]> batches, int from) {
      this.batches = batches;
      this.at = from;
      boolean cached = cache != null;
      this.view = cached ? epoch % options.cachedViews : epoch;
      List<int[]> wanted = new ArrayList<>();
      Set<Integer> planned = new HashSet<>();
      for (int s = from; s < batches.size(); s++) {
        int[] missing =
            cached
                ? Arrays.stream(batches.get(s))
                    .filter(image -> !known(image) && planned.add(image))
                    .toArray()
                : batches.get(s);
        if (missing.length > 0) {
          wanted.add(missing);
          loads.add(s);
        }
      }
      loaded = loader(images, options.augmentation).load(view, wanted);
    }

    private boolean known(int image) {
      return Objects.requireNonNull(cache).contains(key(view, image))
          || skipped.containsKey(images.source(image).name());
    }

    List<Item> next() throws IOException {
      int[] batch = batches.get(at);
      Optional<LoadedBatch> fresh =
          loads.contains(at) ? Optional.of(loaded.next()) : Optional.empty();
      fresh.ifPresent(f -> f.skipped().forEach(image -> skipped.putIfAbsent(image.image(), image)));
      at++;
      List<Item> items = new ArrayList<>();
      if (cache == null) {
        fresh.ifPresent(
            f ->
                f.images()
                    .forEach(
                        p -> items.add(new Item(p.row(), p.image(), p.label(), p.pixels(), null))));
      } else {
        Map<Integer, FeatureMap> made = new HashMap<>();
        if (fresh.isPresent()) {
          freeze(fresh.get(), made);
        }
        for (int row = 0; row < batch.length; row++) {
          int image = batch[row];
          Optional<FeatureMap> map = frozen(image, made);
          if (map.isPresent()) {
            items.add(new Item(row, image, images.label(image), null, map.get()));
          }
        }
      }
      return LoadedBatch.wholeGroups(items, Item::row, options.groupRows);
    }

    private void freeze(LoadedBatch batch, Map<Integer, FeatureMap> made) throws IOException {
      List<RgbImage> pixels = batch.images().stream().map(LoadedBatch.Picture::pixels).toList();
      if (pixels.isEmpty()) {
        return;
      }
      List<FeatureMap> maps = ((FrozenTrunk) backbone).frozen(pixels);
      for (int i = 0; i < maps.size(); i++) {
        int image = batch.images().get(i).image();
        FeatureMap map = FrozenMapCache.rounded(maps.get(i));
        keep(key(view, image), map);
        made.put(image, map);
      }
    }

    private Optional<FeatureMap> frozen(int image, Map<Integer, FeatureMap> made)
        throws IOException {
      FrozenMapCache kept = Objects.requireNonNull(cache);
      Optional<FeatureMap> map = kept.get(key(view, image));
      if (map.isPresent()) {
        return map;
      }
      if (made.containsKey(image)) {
        return Optional.of(Objects.requireNonNull(made.get(image)));
      }
      String name = images.source(image).name();
      if (skipped.containsKey(name)) {
        return Optional.empty();
      }
      // It was made in an earlier batch and did not fit into the cache.
      try {
        RgbImage pixels =
            options.augmentation.apply(
                decoder.decode(images.source(image)), Augmentation.seed(options.seed, view, image));
        return Optional.of(
            FrozenMapCache.rounded(((FrozenTrunk) backbone).frozen(List.of(pixels)).get(0)));
      } catch (ImageDecodeException e) {
        skipped.put(name, new SkippedImage(name, String.valueOf(e.getMessage())));
        return Optional.empty();
      }
    }

    @Override
    public void close() {
      loaded.close();
    }
  }

  private void keep(long key, FeatureMap map) {
    try {
      Objects.requireNonNull(cache).put(key, map);
    } catch (IOException e) {
      // A full disk makes the training slower, not wrong.
      LOG.debug("a map could not be cached", e);
    }
  }

  private static long key(int view, int image) {
    return (long) view << 32 | image;
  }

  private ImageLoader loader(LabeledImages of, Augmentation how) {
    return ImageLoader.builder(of, decoder)
        .augmentation(how)
        .seed(options.seed)
        .threads(options.decodeThreads)
        .build();
  }

  // ---- the metric

  /**
   * Embeds images without variation; one that cannot be read has no vector.
   *
   * @param view number of their maps in the cache
   */
  private float[][] embed(LabeledImages set, Augmentation how, int[] which, int view)
      throws IOException {
    float[][] vectors = new float[set.size()][];
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < which.length; from += EMBED_BATCH) {
      batches.add(
          Arrays.stream(which, from, Math.min(which.length, from + EMBED_BATCH))
              .filter(image -> !embedFromCache(image, view, vectors))
              .toArray());
    }
    batches.removeIf(batch -> batch.length == 0);
    try (LoadedBatches loaded = loader(set, how).load(0, batches)) {
      while (loaded.hasNext()) {
        LoadedBatch batch = loaded.next();
        batch.skipped().forEach(image -> skipped.putIfAbsent(image.image(), image));
        embed(batch, view, vectors);
      }
    }
    return vectors;
  }

  /** Mean average precision of the validation set; NaN without one. */
  private double validate() throws IOException {
    if (options.validation.isEmpty()) {
      return Double.NaN;
    }
    LabeledImages set = options.validation.get();
    float[][] vectors =
        embed(set, options.plain, IntStream.range(0, set.size()).toArray(), VALIDATION);
    int count = (int) Arrays.stream(vectors).filter(Objects::nonNull).count();
    float[][] present = new float[count][];
    int[] labels = new int[count];
    int at = 0;
    for (int i = 0; i < vectors.length; i++) {
      if (vectors[i] != null) {
        present[at] = vectors[i];
        labels[at++] = set.label(i);
      }
    }
    return LeaveOneOut.meanAveragePrecision(present, labels);
  }

  private void embed(LoadedBatch batch, int view, float[][] vectors) {
    List<RgbImage> pixels = batch.images().stream().map(LoadedBatch.Picture::pixels).toList();
    if (pixels.isEmpty()) {
      return;
    }
    List<FeatureMap> maps;
    if (cache != null) {
      FrozenTrunk trunk = (FrozenTrunk) backbone;
      List<FeatureMap> frozen = trunk.frozen(pixels).stream().map(FrozenMapCache::rounded).toList();
      for (int i = 0; i < frozen.size(); i++) {
        keep(key(view, batch.images().get(i).image()), frozen.get(i));
      }
      maps = trunk.extractFrom(frozen);
    } else {
      maps = backbone.extract(pixels);
    }
    for (int i = 0; i < maps.size(); i++) {
      vectors[batch.images().get(i).image()] = searchVector(maps.get(i));
    }
  }

  private boolean embedFromCache(int image, int view, float[][] vectors) {
    if (cache == null) {
      return false;
    }
    try {
      Optional<FeatureMap> frozen = cache.get(key(view, image));
      if (frozen.isPresent()) {
        vectors[image] =
            searchVector(((FrozenTrunk) backbone).extractFrom(List.of(frozen.get())).get(0));
      }
      return frozen.isPresent();
    } catch (IOException e) {
      LOG.debug("a cached map could not be read and is made anew", e);
      return false;
    }
  }

  /** A map that is not finite ranks as a zero vector. */
  private float[] searchVector(FeatureMap map) {
    return isFinite(map.sharedValues())
        ? chain.search(map)
        : new float
            [chain.hasHead() ? chain.bias().length : chain.pooling().dimension(map.channels())];
  }

  // ---- state

  private Map<String, float[]> values() {
    Map<String, float[]> arrays = new LinkedHashMap<>();
    backbone.parameters().forEach(p -> arrays.put("backbone." + p.name(), p.values()));
    if (chain.hasHead()) {
      arrays.put("projection.weight", chain.weight().clone());
      arrays.put("projection.bias", chain.bias().clone());
    }
    arrays.put("pooling", chain.pooling().parameters());
    if (loss instanceof TrainableLoss trainable) {
      arrays.put("loss", narrow(trainable.weights()));
    }
    return arrays;
  }

  private void restore(Map<String, float[]> arrays) {
    backbone
        .parameters()
        .forEach(p -> p.set(Objects.requireNonNull(arrays.get("backbone." + p.name()), p.name())));
    if (chain.hasHead()) {
      copy(arrays, "projection.weight", chain.weight());
      copy(arrays, "projection.bias", chain.bias());
    }
    float[] pooling = Objects.requireNonNull(arrays.get("pooling"));
    if (pooling.length > 0) {
      chain.setPooling(pooling);
    }
    if (loss instanceof TrainableLoss trainable) {
      loss = trainable.withWeights(widen(Objects.requireNonNull(arrays.get("loss"))));
    }
  }

  private static void copy(Map<String, float[]> arrays, String name, float[] to) {
    float[] from = Objects.requireNonNull(arrays.get(name), name);
    System.arraycopy(from, 0, to, 0, to.length);
  }

  private Optional<Path> file(String name) {
    return options.checkpoints.map(directory -> directory.resolve(name));
  }

  private void checkpoint() {
    Optional<Path> file = file("last.ckpt");
    if (file.isEmpty()) {
      return;
    }
    Map<String, float[]> arrays = values();
    moments.forEach(
        (name, own) -> {
          for (int i = 0; i < own.length; i++) {
            arrays.put("moment " + i + " " + name, own[i]);
          }
        });
    save(file.get(), arrays);
  }

  /** Says whether it was written. */
  private boolean save(Path file, Map<String, float[]> arrays) {
    TrainingCheckpoint state =
        new TrainingCheckpoint(
            recipe,
            epoch,
            step,
            updates,
            new double[] {
              lossSum, steps, activeSum, imageSum, spreadSum, spreadCount, metricBefore
            },
            history,
            best,
            bestEpoch,
            mined,
            arrays);
    try {
      Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
      state.write(file);
      return true;
    } catch (IOException e) {
      doctor.say(
          Kind.CHECKPOINT_FAILED,
          epoch,
          step,
          "a checkpoint could not be written: " + e,
          "make room; what was saved before is intact and the training goes on",
          List.of(file.toString()));
      return false;
    }
  }

  private void keepBest(String name) {
    Optional<Path> file = file(name);
    Map<String, float[]> arrays = values();
    // What could not be written is kept in memory, ahead of an older file.
    bestArrays = file.isPresent() && save(file.get(), arrays) ? null : arrays;
  }

  private void restoreBest() throws IOException {
    if (Double.isNaN(best) || bestEpoch == epoch - 1) {
      return;
    }
    Optional<Path> file = file(bestEpoch < 0 ? "first.ckpt" : "best.ckpt");
    if (bestArrays != null) {
      restore(bestArrays);
    } else if (file.isPresent()) {
      restore(TrainingCheckpoint.read(file.get()).arrays());
    }
  }

  /** Goes on from the last checkpoint, if there is one. */
  private boolean resume() throws IOException {
    Optional<Path> file = file("last.ckpt");
    if (file.isEmpty() || !Files.exists(file.get())) {
      if (options.validation.isPresent()) {
        keepBest("first.ckpt");
      }
      return false;
    }
    TrainingCheckpoint state = TrainingCheckpoint.read(file.get());
    if (!state.recipe().equals(recipe)) {
      throw new IOException(
          "checkpoint "
              + file.get()
              + " must be of this training\n  "
              + recipe
              + "\nbut is of\n  "
              + state.recipe());
    }
    restore(state.arrays());
    moments.clear();
    int count = options.optimizer.moments();
    for (String name : state.arrays().keySet()) {
      if (name.startsWith("moment 0 ")) {
        String own = name.substring("moment 0 ".length());
        float[][] arrays = new float[count][];
        for (int i = 0; i < count; i++) {
          arrays[i] = Objects.requireNonNull(state.arrays().get("moment " + i + " " + own), own);
        }
        moments.put(own, arrays);
      }
    }
    epoch = state.epoch();
    step = state.step();
    updates = state.updates();
    lossSum = state.sums()[0];
    steps = state.sums()[1];
    activeSum = state.sums()[2];
    imageSum = state.sums()[3];
    spreadSum = state.sums()[4];
    spreadCount = state.sums()[5];
    metricBefore = state.sums()[6];
    history.addAll(state.history());
    best = state.best();
    bestEpoch = state.bestEpoch();
    mined = state.batches();
    return true;
  }

  @Override
  public void close() throws IOException {
    if (cache != null) {
      cache.close();
    }
  }
}
