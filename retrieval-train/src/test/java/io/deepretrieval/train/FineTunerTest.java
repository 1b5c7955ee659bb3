// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Loss;
import io.deepretrieval.LossResult;
import io.deepretrieval.Parameter;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.pooling.SpocPooling;
import io.deepretrieval.testkit.SmallDisk;
import io.deepretrieval.train.TrainingEvent.Kind;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.SkippedImage;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.NPairLoss;
import io.deepretrieval.train.loss.SoftmaxLoss;
import io.deepretrieval.train.loss.TripletLoss;
import io.deepretrieval.train.loss.TripletMiner;
import io.deepretrieval.train.sampler.HardNegativeMiner;
import io.deepretrieval.train.sampler.MPerClassSampler;
import io.deepretrieval.train.sampler.ShuffledSampler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FineTunerTest {
  private static final ImageDecoder DECODER = new ImageIoDecoder();
  private static final Augmentation AS_IT_IS = Augmentation.builder().build();
  private static final int CLASSES = 6;
  private static final int PER_CLASS = 6;

  @TempDir Path temp;

  private final LabeledImages training = Trainings.images(CLASSES, PER_CLASS, 16, 1);
  private final LabeledImages validation = Trainings.images(3, 4, 16, 77_000);

  private FineTuner.Builder tuner(TrainableBackbone backbone, Loss loss) {
    return FineTuner.builder(backbone, GemPooling.learnable(3), loss)
        .images(training, MPerClassSampler.of(training, 4, 3, 9), DECODER)
        .augmentation(Augmentation.builder().flip(0.5).brightness(0.2).build())
        .projection(ProjectionHead.random(Trainings.CHANNELS, 6, 4), 1)
        .optimizer(Optimizer.adam(), 5e-3, Schedule.cosine().withWarmUp(1))
        .seed(3)
        .epochs(4);
  }

  private static Loss triplet() {
    return TripletLoss.builder().margin(0.3).build();
  }

  private static List<Kind> kinds(TrainingReport report) {
    return report.events().stream().map(TrainingEvent::kind).toList();
  }

  private static TrainingEvent event(TrainingReport report, Kind kind) {
    return report.events().stream().filter(e -> e.kind() == kind).findFirst().orElseThrow();
  }

  @Test
  void learns() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      List<String> heard = new ArrayList<>();
      TrainingReport report =
          tuner(backbone, triplet())
              .validation(validation, AS_IT_IS)
              .epochs(12)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, int steps, double loss, int active) {
                      heard.add(epoch + "." + step + "/" + steps);
                    }

                    @Override
                    public void onEpoch(EpochReport epoch, int epochs) {
                      heard.add("epoch " + epoch.epoch() + "/" + epochs);
                    }
                  })
              .build()
              .fit();
      assertThat(report.epochs()).hasSize(12);
      double first = report.epochs().get(0).loss();
      double last = report.epochs().get(11).loss();
      assertThat(last).isLessThan(0.7 * first);
      assertThat(report.bestMetric().orElseThrow()).isGreaterThan(report.metricBefore() + 0.1);
      assertThat(report.stopped()).isFalse();
      assertThat(report.recipe())
          .contains("backbone=tiny", "loss=triplet", "seed=3", "images=36 of 6 classes");
      EpochReport one = report.epochs().get(1);
      assertThat(one.imagesPerSecond()).isPositive();
      assertThat(one.learningRate()).isBetween(1e-4, 5e-3);
      assertThat(one.images()).isEqualTo((long) batches() * 12);
      assertThat(one.exponent()).isNotEqualTo(3).isBetween(1.0, 10.0);
      assertThat(heard).startsWith("0.0/" + batches()).endsWith("epoch 11/12");
      assertThat(kinds(report)).contains(Kind.METRIC_BEFORE);
      // The result is an extractor's parts with the weights of the best epoch.
      assertThat(report.model().transform().orElseThrow().outputDimension()).isEqualTo(6);
      assertThat(report.model().pooling().recipe()).doesNotContain("p=3.0 ");
    }
  }

  private int batches() {
    return MPerClassSampler.of(training, 4, 3, 9).epoch(0).size();
  }

  @Test
  void theSameSeedGivesTheSameWeights() throws IOException {
    int[] results = new int[3];
    for (int i = 0; i < 3; i++) {
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        results[i] =
            Trainings.fingerprint(
                tuner(backbone, triplet()).decodeThreads(1 + i).seed(i / 2).build().fit());
      }
    }
    assertThat(results[1]).isEqualTo(results[0]);
    assertThat(results[2]).isNotEqualTo(results[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c2"})
  void goesOnFromWhereItWasStopped(String trainFrom) throws IOException {
    int expected;
    List<EpochReport> epochs;
    try (TrainableBackbone backbone = Trainings.backbone(trainFrom)) {
      TrainingReport report = resumable(backbone, temp.resolve("whole"), -1, -1);
      expected = Trainings.fingerprint(report);
      epochs = report.epochs();
    }
    Path parts = temp.resolve("parts");
    int[][] stops = {{0, 0}, {0, 2}, {1, 1}, {3, 0}};
    for (int[] stop : stops) {
      try (TrainableBackbone backbone = Trainings.backbone(trainFrom)) {
        TrainingReport report = resumable(backbone, parts, stop[0], stop[1]);
        assertThat(report.stopped()).isTrue();
        assertThat(kinds(report)).contains(Kind.STOPPED);
      }
    }
    try (TrainableBackbone backbone = Trainings.backbone(trainFrom)) {
      TrainingReport report = resumable(backbone, parts, -1, -1);
      assertThat(report.stopped()).isFalse();
      assertThat(Trainings.fingerprint(report)).isEqualTo(expected);
      assertThat(report.epochs())
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
          .isEqualTo(epochs);
    }
    // One that has come to its end has nothing more to do.
    try (TrainableBackbone backbone = Trainings.backbone(trainFrom)) {
      assertThat(Trainings.fingerprint(resumable(backbone, parts, -1, -1))).isEqualTo(expected);
    }
  }

  private TrainingReport resumable(TrainableBackbone backbone, Path directory, int epoch, int step)
      throws IOException {
    AtomicReference<FineTuner> self = new AtomicReference<>();
    FineTuner.Builder builder =
        tuner(backbone, SoftmaxLoss.random(CLASSES, 6, 2))
            .validation(validation, AS_IT_IS)
            .checkpoints(directory, 1)
            .listener(
                new TrainingListener() {
                  @Override
                  public void onStep(int e, int s, int steps, double loss, int active) {
                    if (e == epoch && s == step) {
                      Objects.requireNonNull(self.get()).stop();
                    }
                  }
                });
    if (backbone.parameters().size() < 4) {
      // With untrained layers, through a cache that has no room for all of their maps.
      builder.cache(2, 20_000);
    }
    FineTuner tuner = builder.build();
    self.set(tuner);
    return tuner.fit();
  }

  /**
   * Tuples that follow from the network of the moment, which a resumed epoch must not draw again.
   */
  @Test
  void minedBatchesAreThoseOfTheInterruptedRun() throws IOException {
    List<Integer> fingerprints = new ArrayList<>();
    for (int[][] stops : new int[][][] {{}, {{0, 1}, {1, 0}, {1, 2}, {2, 1}}}) {
      Path directory = temp.resolve("stops" + stops.length);
      for (int i = 0; i <= stops.length; i++) {
        int[] stop = i < stops.length ? stops[i] : new int[] {-1, -1};
        try (TrainableBackbone backbone = Trainings.backbone("c2")) {
          AtomicReference<FineTuner> self = new AtomicReference<>();
          FineTuner tuner =
              FineTuner.builder(
                      backbone,
                      GemPooling.learnable(3),
                      TripletLoss.builder().margin(0.5).selection(TripletMiner.tuples(4)).build())
                  .images(
                      training,
                      HardNegativeMiner.builder(training)
                          .queries(12)
                          .pool(30)
                          .negatives(2)
                          .tuplesPerBatch(3)
                          .seed(5)
                          .build(),
                      AS_IT_IS,
                      DECODER)
                  .tupleSize(4)
                  .augmentation(Augmentation.builder().flip(0.5).build())
                  .optimizer(Optimizer.adam(), 1e-2, Schedule.constant())
                  .epochs(3)
                  .cache(2, 1 << 20)
                  .checkpoints(directory, 1)
                  .listener(
                      new TrainingListener() {
                        @Override
                        public void onStep(int e, int s, int steps, double loss, int active) {
                          if (e == stop[0] && s == stop[1]) {
                            Objects.requireNonNull(self.get()).stop();
                          }
                        }
                      })
                  .build();
          self.set(tuner);
          TrainingReport report = tuner.fit();
          assertThat(report.stopped()).isEqualTo(i < stops.length);
          if (i == stops.length) {
            fingerprints.add(Trainings.fingerprint(report));
            assertThat(report.recipe()).contains("batches=mined ");
          }
        }
      }
    }
    assertThat(fingerprints.get(1)).isEqualTo(fingerprints.get(0));
  }

  @Test
  void aCheckpointOfAnotherTrainingIsRefused() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      tuner(backbone, triplet()).epochs(1).checkpoints(temp, 100).build().fit();
    }
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      FineTuner other = tuner(backbone, triplet()).epochs(1).seed(4).checkpoints(temp, 100).build();
      assertThatThrownBy(other::fit)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("checkpoint " + temp.resolve("last.ckpt"))
          .hasMessageContaining("must be of this training")
          .hasMessageEndingWith("but differs in\n  seed=3, now seed=4");
    }
    Files.writeString(temp.resolve("last.ckpt"), "broken");
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      FineTuner tuner = tuner(backbone, triplet()).checkpoints(temp, 100).build();
      assertThatThrownBy(tuner::fit)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot read checkpoint " + temp.resolve("last.ckpt"));
    }
  }

  @Test
  void accumulatedBatchesAreOneUpdate() throws IOException {
    // A mean over pairs of the same batch twice is twice the gradient of one; SGD with half the
    // rate then does the same.
    float[][] results = new float[2][];
    for (int i = 0; i < 2; i++) {
      boolean twice = i == 1;
      int[] batch = IntStream.range(0, 12).toArray();
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        FineTuner.builder(backbone, SpocPooling.mean(), triplet())
            .images(training, epoch -> twice ? List.of(batch, batch) : List.of(batch), DECODER)
            .augmentation(AS_IT_IS)
            .optimizer(Optimizer.sgd(0), twice ? 0.05 : 0.1, Schedule.constant())
            .accumulate(i + 1)
            .epochs(1)
            .build()
            .fit();
        results[i] = backbone.parameters().get(0).values();
      }
    }
    assertThat(results[1]).containsExactly(results[0], within(1e-6f));
    try (TrainableBackbone untouched = Trainings.backbone("")) {
      assertThat(results[0]).isNotEqualTo(untouched.parameters().get(0).values());
    }
  }

  @Test
  void theGradientIsCut() throws IOException {
    double[] lengths = new double[2];
    for (int i = 0; i < 2; i++) {
      try (TrainableBackbone backbone = Trainings.backbone("");
          TrainableBackbone before = Trainings.backbone("")) {
        FineTuner.Builder builder =
            FineTuner.builder(backbone, SpocPooling.mean(), triplet())
                .images(training, epoch -> List.of(IntStream.range(0, 12).toArray()), DECODER)
                .augmentation(AS_IT_IS)
                .optimizer(Optimizer.sgd(0), 1, Schedule.constant())
                .epochs(1);
        if (i == 1) {
          builder.clip(1e-3);
        }
        builder.build().fit();
        double squares = 0;
        for (int p = 0; p < backbone.parameters().size(); p++) {
          float[] a = backbone.parameters().get(p).values();
          float[] b = before.parameters().get(p).values();
          for (int k = 0; k < a.length; k++) {
            squares += Math.pow((double) a[k] - b[k], 2);
          }
        }
        lengths[i] = Math.sqrt(squares);
      }
    }
    assertThat(lengths[0]).isGreaterThan(2e-3);
    assertThat(lengths[1]).isCloseTo(1e-3, within(2e-5));
  }

  @Test
  void untrainedLayersStayAsTheyAreAndTheCacheChangesNothingButRounding() throws IOException {
    List<TrainingReport> reports = new ArrayList<>();
    List<float[]> weights = new ArrayList<>();
    for (long bytes : new long[] {-1, 0, 10_000, 1 << 20}) {
      try (TrainableBackbone backbone = Trainings.backbone("c2")) {
        assertThat(backbone.parameters()).hasSize(2);
        FineTuner.Builder builder =
            FineTuner.builder(backbone, SpocPooling.mean(), triplet())
                .images(training, MPerClassSampler.of(training, 4, 3, 9), DECODER)
                .augmentation(AS_IT_IS)
                .validation(validation, AS_IT_IS)
                .optimizer(Optimizer.sgd(0.9), 0.01, Schedule.constant())
                .epochs(3);
        if (bytes >= 0) {
          builder.cache(1, bytes).cacheDirectory(temp);
        }
        reports.add(builder.build().fit());
        weights.add(backbone.parameters().get(0).values());
      }
    }
    // However much room there is, the result is the same to the last bit.
    assertThat(weights.get(2)).containsExactly(weights.get(1));
    assertThat(weights.get(3)).containsExactly(weights.get(1));
    assertThat(weights.get(1)).containsExactly(weights.get(0), within(1e-3f));
    assertThat(reports.get(3).bestMetric().orElseThrow())
        .isEqualTo(reports.get(1).bestMetric().orElseThrow())
        .isCloseTo(reports.get(0).bestMetric().orElseThrow(), within(0.02));
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).as("the cache is deleted").isEmpty();
    }
  }

  @Test
  void eachViewIsAnotherVariation() throws IOException {
    float[][] weights = new float[2][];
    for (int views = 1; views <= 2; views++) {
      try (TrainableBackbone backbone = Trainings.backbone("c2")) {
        tuner(backbone, triplet()).epochs(2).cache(views, 1 << 20).build().fit();
        weights[views - 1] = backbone.parameters().get(0).values();
      }
    }
    assertThat(weights[1]).isNotEqualTo(weights[0]);
  }

  @Test
  void stopsWhenTheMetricStopsRising() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      TrainingReport report =
          tuner(backbone, new Still())
              .validation(validation, AS_IT_IS)
              .patience(2)
              .epochs(50)
              .build()
              .fit();
      assertThat(report.epochs()).hasSize(2);
      assertThat(report.bestEpoch()).isEqualTo(-1);
      assertThat(report.bestMetric()).hasValue(report.metricBefore());
      assertThat(event(report, Kind.STOPPED_EARLY).line())
          .isEqualTo("epoch 2: the metric has not risen for 2 epochs");
      assertThat(event(report, Kind.NO_ACTIVE_TUPLE).line())
          .isEqualTo(
              "epoch 1: no tuple had a part in the loss -- all negatives are beyond the margin:"
                  + " mine harder ones, raise the margin or stop");
    }
  }

  /** A loss that is content with everything. */
  private static final class Still implements Loss {
    @Override
    public String recipe() {
      return "still";
    }

    @Override
    public LossResult evaluate(EmbeddingBatch batch) {
      return LossResult.copyOf(
          0, batch.dimension(), new double[batch.size() * batch.dimension()], 0);
    }
  }

  @Test
  void goesBackToTheBestEpoch() throws IOException {
    for (boolean onDisk : new boolean[] {false, true}) {
      List<float[]> after = new ArrayList<>();
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        Parameter last = backbone.parameters().get(0);
        FineTuner.Builder builder =
            tuner(backbone, triplet())
                .validation(validation, AS_IT_IS)
                .epochs(8)
                .listener(
                    new TrainingListener() {
                      @Override
                      public void onEpoch(EpochReport epoch, int epochs) {
                        after.add(last.values());
                        if (epoch.epoch() == 5) {
                          // What was learned is lost from here on.
                          backbone.parameters().forEach(p -> p.set(new float[p.values().length]));
                        }
                      }
                    });
        if (onDisk) {
          builder.checkpoints(temp, 100);
        }
        TrainingReport report = builder.build().fit();
        assertThat(report.bestEpoch()).isBetween(0, 5);
        assertThat(report.bestMetric().orElseThrow()).isGreaterThan(report.metricBefore());
        assertThat(last.values()).containsExactly(after.get(report.bestEpoch()));
      }
    }
  }

  @Test
  void aBrokenImageAmongTenThousandIsSkippedAndListed() throws IOException {
    byte[] good = Trainings.png(1, 8, 1);
    byte[] other = Trainings.png(2, 8, 2);
    LabeledImages.Builder many = LabeledImages.builder();
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = i == 7_345 ? "not an image".getBytes(StandardCharsets.UTF_8) : good;
      many.add(
          ImageSource.of("image " + i, i % 2 == 0 ? bytes : i == 7_345 ? bytes : other),
          "c" + i % 2);
    }
    LabeledImages images = many.build();
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      TrainingReport report =
          FineTuner.builder(backbone, SpocPooling.mean(), SoftmaxLoss.random(2, 8, 1))
              .images(images, ShuffledSampler.of(images, 100, 1), DECODER)
              .augmentation(AS_IT_IS)
              .optimizer(Optimizer.sgd(0), 1e-3, Schedule.constant())
              .epochs(1)
              .checkData(false)
              .build()
              .fit();
      assertThat(report.skipped()).hasSize(1);
      SkippedImage skipped = report.skipped().get(0);
      assertThat(skipped.image()).isEqualTo("image 7345");
      assertThat(skipped.reason()).contains("image 7345");
      assertThat(report.epochs().get(0).images()).isEqualTo(9_999);
      assertThat(event(report, Kind.IMAGES_SKIPPED).images()).containsExactly("image 7345");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aBrokenImageTakesItsPairWithIt(int views) throws IOException {
    LabeledImages.Builder some = LabeledImages.builder();
    for (int i = 0; i < 8; i++) {
      some.add(
          i == 3
              ? ImageSource.of("broken", new byte[] {1, 2, 3})
              : ImageSource.of("ok " + i, Trainings.png(i / 2, 16, i)),
          "c" + i / 2);
    }
    LabeledImages images = some.build();
    try (TrainableBackbone backbone = Trainings.backbone("c2")) {
      FineTuner.Builder builder =
          FineTuner.builder(backbone, SpocPooling.mean(), NPairLoss.distinct(0.01))
              .images(images, epoch -> List.of(IntStream.range(0, 8).toArray()), DECODER)
              .tupleSize(2)
              .normalize(false)
              .augmentation(AS_IT_IS)
              .epochs(2);
      if (views > 0) {
        builder.cache(views, 1 << 20);
      }
      TrainingReport report = builder.build().fit();
      assertThat(report.epochs()).extracting(EpochReport::images).containsExactly(6L, 6L);
      assertThat(report.skipped()).extracting(SkippedImage::image).containsExactly("broken");
    }
  }

  @Test
  void imagesOfManySizesShareABatch() throws IOException {
    LabeledImages.Builder some = LabeledImages.builder();
    for (int i = 0; i < 8; i++) {
      some.add(ImageSource.of("i" + i, Trainings.png(i / 2, 12 + i, i)), "c" + i / 2);
    }
    LabeledImages images = some.build();
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      TrainingReport report =
          FineTuner.builder(backbone, GemPooling.fixed(3), triplet())
              .images(images, epoch -> List.of(IntStream.range(0, 8).toArray()), DECODER)
              .augmentation(AS_IT_IS)
              .optimizer(Optimizer.adam(), 1e-2, Schedule.constant())
              .epochs(15)
              .build()
              .fit();
      assertThat(report.epochs().get(14).loss()).isLessThan(report.epochs().get(0).loss());
      assertThat(report.epochs().get(0).exponent()).isNaN();
      assertThat(report.model().projection()).isEmpty();
    }
  }

  @Test
  void aNumberThatIsNotFiniteIsReportedWithItsImages() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      Parameter weight = backbone.parameters().get(3);
      float[] good = weight.values();
      float[] bad = good.clone();
      bad[0] = Float.POSITIVE_INFINITY;
      TrainingReport report =
          tuner(backbone, triplet())
              .epochs(3)
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onEpoch(EpochReport report, int epochs) {
                      if (report.epoch() == 0) {
                        weight.set(bad);
                      }
                    }

                    @Override
                    public void onEvent(TrainingEvent event) {
                      weight.set(good);
                    }
                  })
              .build()
              .fit();
      TrainingEvent event = event(report, Kind.NOT_FINITE);
      assertThat(event.line())
          .startsWith("epoch 2, step 1: ")
          .contains("not finite", "lower the learning rate");
      assertThat(event.images()).hasSize(12).allMatch(name -> name.endsWith(".png"));
      for (float value : weight.values()) {
        assertThat(value).isFinite();
      }
    }
  }

  @Test
  void givesUpWhenNoNumberIsFinite() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      float[] broken = backbone.parameters().get(3).values();
      broken[0] = Float.POSITIVE_INFINITY;
      backbone.parameters().get(3).set(broken);
      FineTuner tuner = tuner(backbone, triplet()).epochs(20).build();
      assertThatThrownBy(tuner::fit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "training must have finite numbers but 10 steps in a row had not: the map of an image"
                  + " was not finite");
    }
  }

  @Test
  void saysWhatIsWrongWithTheData() throws IOException {
    byte[] twice = Trainings.png(0, 16, 1);
    LabeledImages images =
        LabeledImages.builder()
            .add(ImageSource.of("a1", twice), "a")
            .add(ImageSource.of("a2", Trainings.png(0, 16, 2)), "a")
            .add(ImageSource.of("b1", Trainings.png(1, 16, 3)), "b")
            .add(ImageSource.of("b2", twice), "b")
            .add(ImageSource.of("lonely", Trainings.png(2, 16, 4)), "c")
            .build();
    LabeledImages check =
        LabeledImages.builder()
            .add(ImageSource.of("v1", Trainings.png(1, 16, 3)), "b")
            .add(ImageSource.of("v2", Trainings.png(1, 16, 9)), "b")
            .build();
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      TrainingReport report =
          FineTuner.builder(backbone, SpocPooling.mean(), triplet())
              .images(images, MPerClassSampler.of(images, 2, 2, 1), DECODER)
              .augmentation(AS_IT_IS)
              .validation(check, AS_IT_IS)
              .epochs(1)
              .build()
              .fit();
      assertThat(event(report, Kind.SINGLE_IMAGE_CLASSES).images()).containsExactly("c");
      assertThat(event(report, Kind.SAME_IMAGE_IN_TWO_CLASSES).images()).containsExactly("a1 = b2");
      assertThat(report.events())
          .filteredOn(e -> e.kind() == Kind.VALIDATION_CLASS_TRAINED)
          .extracting(TrainingEvent::message)
          .containsExactly(
              "1 validation images are also trained", "1 validation classes are also trained");
    }
  }

  @Test
  void aCollapseIsSeen() throws IOException {
    List<TrainingEvent> events = new ArrayList<>();
    TrainingDiagnostics doctor = new TrainingDiagnostics(events::add);
    EpochReport fine = new EpochReport(0, 0.1, 5, 10, 1, 1e-3, 0.5, 3, Double.NaN);
    EpochReport collapsed = new EpochReport(1, 0.3, 5, 10, 1, 1e-3, 1e-5, 10, Double.NaN);
    doctor.epoch(fine, List.of(), new float[] {3}, 1, 10);
    assertThat(events).isEmpty();
    doctor.epoch(collapsed, List.of(fine), new float[] {10}, 1, 10);
    doctor.epoch(collapsed, List.of(fine), new float[] {10}, 1, 10);
    assertThat(events)
        .extracting(TrainingEvent::kind)
        .containsExactly(Kind.COLLAPSE, Kind.EXPONENT_AT_BOUND, Kind.LEARNING_RATE_TOO_HIGH);
    assertThat(events.get(0).message())
        .isEqualTo("embeddings have come together: mean of 1 - cosine is 1.0e-05, loss 0.3000");
    assertThat(events.get(1).message())
        .isEqualTo("the exponent of the pooling stands at its bound 10.0");
    assertThat(events.get(2).message()).isEqualTo("the loss has risen from 0.1000 to 0.3000");
  }

  @Test
  void theExponentStaysWithinItsBounds() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      TrainingReport report =
          tuner(backbone, triplet()).poolingParameters(1e4, 2.5, 3.5).build().fit();
      float p = ((DifferentiablePooling) report.model().pooling()).parameters()[0];
      assertThat(p).isBetween(2.5f, 3.5f);
      assertThat(kinds(report)).contains(Kind.EXPONENT_AT_BOUND);
    }
  }

  /** A real full file system, where the tests may mount one. */
  @Test
  void aFullDiskLosesNothingThatWasSaved() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(temp.resolve("disk"), 128);
    Assumptions.assumeTrue(mounted.isPresent(), "may not mount a tmpfs");
    try (SmallDisk small = mounted.get()) {
      Path disk = small.directory();
      int expected;
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        expected = Trainings.fingerprint(tuner(backbone, triplet()).build().fit());
      }
      Path filler = disk.resolve("filler");
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        TrainingReport report =
            tuner(backbone, triplet())
                .checkpoints(disk.resolve("c"), 100)
                .listener(
                    new TrainingListener() {
                      @Override
                      public void onEpoch(EpochReport epoch, int epochs) {
                        if (epoch.epoch() == 1) {
                          fill(filler);
                        }
                      }
                    })
                .build()
                .fit();
        assertThat(event(report, Kind.CHECKPOINT_FAILED).line())
            .contains("No space left on device", "what was saved before is intact");
        assertThat(Trainings.fingerprint(report)).isEqualTo(expected);
      }
      assertThat(TrainingCheckpoint.read(disk.resolve("c/last.ckpt")).epoch()).isEqualTo(2);
      Files.delete(filler);
      try (TrainableBackbone backbone = Trainings.backbone("")) {
        TrainingReport report =
            tuner(backbone, triplet()).checkpoints(disk.resolve("c"), 100).build().fit();
        assertThat(Trainings.fingerprint(report)).isEqualTo(expected);
      }
    }
  }

  private static void fill(Path file) {
    try {
      Files.write(file, new byte[1 << 20]);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
      return;
    }
    throw new IllegalStateException("the disk must be full");
  }

  /** In a process of its own whose heap has its size from the beginning. */
  @Test
  void aThousandStepsDoNotGrow() throws Exception {
    Assumptions.assumeTrue(
        Files.isReadable(Path.of("/proc/self/status")),
        "resident memory can be read on Linux only");
    Process process = TrainingProcess.start("steps", "1000");
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(said).isZero();
    // A tensor kept at each step would be tens of megabytes.
    assertThat(Long.parseLong(said)).as("kilobytes in 1,000 steps").isLessThan(16_000);
  }

  /** {@code -Dsoak} kills 50 times, not 3. */
  @Test
  void aKilledTrainingEndsWithTheSameWeights() throws Exception {
    Process whole = TrainingProcess.start("train", temp.resolve("whole").toString());
    String expected = lastLine(whole);
    assertThat(whole.waitFor()).isZero();
    assertThat(expected).startsWith("weights ");
    int kills = System.getProperty("soak") == null ? 3 : 50;
    long seed = 20261124;
    Random random = new Random(seed);
    Path parts = temp.resolve("parts");
    int killed = 0;
    String last = "";
    for (int run = 0; run < kills * 3 && !last.startsWith("weights "); run++) {
      Process process = TrainingProcess.start("train", parts.toString());
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        int steps = killed < kills ? 1 + random.nextInt(6) : Integer.MAX_VALUE;
        String line = out.readLine();
        for (int step = 0; line != null && step < steps; step++) {
          last = line;
          line = out.readLine();
        }
        if (line != null) {
          TimeUnit.MICROSECONDS.sleep(random.nextInt(8_000));
          process.toHandle().destroyForcibly();
          killed++;
        }
      }
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(killed).as("seed %d", seed).isEqualTo(kills);
    assertThat(last).as("seed %d", seed).isEqualTo(expected);
  }

  private static String lastLine(Process process) throws IOException {
    String[] lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .strip()
            .split("\n", -1);
    return lines[lines.length - 1];
  }

  @Test
  void writesItsCurves() throws IOException {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      TrainingReport report =
          tuner(backbone, triplet()).validation(validation, AS_IT_IS).epochs(3).build().fit();
      report.writeCsv(temp.resolve("training.csv"));
      report.writeHtml(temp.resolve("training.html"));
      List<String> lines = Files.readAllLines(temp.resolve("training.csv"));
      assertThat(lines).hasSize(5);
      assertThat(lines.get(0))
          .isEqualTo("epoch,loss,active_tuples,images,seconds,learning_rate,spread,exponent,map");
      assertThat(lines.get(1)).startsWith("0,,,,,,,,0.");
      assertThat(lines.get(4)).startsWith("3,0.").doesNotContain("NaN");
      String page = Files.readString(temp.resolve("training.html"));
      assertThat(page)
          .startsWith("<!DOCTYPE html>")
          .contains("<svg", "mAP before training is", "backbone=tiny")
          .doesNotContain("http://", "src=");
    }
  }

  @Test
  void refusesWhatCannotWork() {
    try (TrainableBackbone backbone = Trainings.backbone("")) {
      FineTuner.Builder empty = FineTuner.builder(backbone, SpocPooling.mean(), triplet());
      assertThatThrownBy(empty::build)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a training must have images");
      FineTuner.Builder builder = tuner(backbone, triplet());
      assertThatThrownBy(() -> builder.projection(ProjectionHead.random(5, 2, 1), 1).build())
          .hasMessage("projection must take dimension 8 of the pooling but takes 5");
      assertThatThrownBy(() -> builder.epochs(0)).hasMessage("epochs must be at least 1 but was 0");
      assertThatThrownBy(() -> builder.tupleSize(0))
          .hasMessage("rows of a group must be at least 1 but was 0");
      assertThatThrownBy(() -> builder.clip(0))
          .hasMessage("gradient length must be positive but was 0.0");
      assertThatThrownBy(() -> builder.optimizer(Optimizer.adam(), Double.NaN, Schedule.constant()))
          .hasMessage("learning rate must be positive but was NaN");
      assertThatThrownBy(() -> builder.poolingParameters(1, 3, 2))
          .hasMessage("bounds of the pooling must satisfy 0 < low < high but were 3.0 and 2.0");
      assertThatThrownBy(() -> builder.cache(1, -1))
          .hasMessage("cache must be at least 0 bytes but was -1");
      assertThatThrownBy(() -> builder.cache(0, 1))
          .hasMessage("views must be at least 1 but was 0");
      assertThatThrownBy(
              () ->
                  tuner(backbone, triplet())
                      .images(training, epoch -> List.of(), DECODER)
                      .build()
                      .fit())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("an epoch must have at least 1 batch but epoch 1 of");
    }
  }
}
