// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.cli.scene.SceneGenerator;
import io.deepretrieval.eval.EvaluationResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.GemPooling;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.Optimizer;
import io.deepretrieval.train.Schedule;
import io.deepretrieval.train.TrainingReport;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.loss.TripletLoss;
import io.deepretrieval.train.sampler.MPerClassSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstart}: the whole way on images that the program draws. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description =
        "Draws landmark photos, fine-tunes a network with random weights on some of the landmarks,"
            + " describes, searches and scores the others before and after, and writes a page with"
            + " the ranked images. Needs no file and no network.")
final class QuickstartCommand implements Callable<Integer> {
  private static final String LAYER = "layer4";
  private static final String POOLING = "gem";
  private static final int TRAINING_SEED = 1_000_000;
  private static final int TRAINING_LANDMARKS = 240;
  private static final int TRAINING_VIEWS = 8;
  private static final int TRAINING_SIZE = 160;
  private static final int CROP = 112;
  private static final int CLASSES = 16;
  private static final int PER_CLASS = 3;
  private static final int EPOCHS = 6;
  private static final double RATE = 3e-4;
  private static final double MARGIN = 0.3;

  private final Terminal terminal;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "quickstart",
      description = "An empty or absent directory. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("quickstart");

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the images and of the network's weights. Default: ${DEFAULT-VALUE}.")
  private int seed = 1;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "" + EPOCHS,
      description = "Epochs of the training. Default: ${DEFAULT-VALUE}.")
  private int epochs = EPOCHS;

  @Option(
      names = "--training-landmarks",
      paramLabel = "N",
      defaultValue = "" + TRAINING_LANDMARKS,
      description = "Landmarks to train on, at least 2. Default: ${DEFAULT-VALUE}.")
  private int trainingLandmarks = TRAINING_LANDMARKS;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures as JSON.")
  private @Nullable Path json;

  QuickstartCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    requireEmpty();
    long start = System.nanoTime();
    Path data = out.resolve("landmarks");
    Path training = out.resolve("training");
    draw(data, training, start);
    RetrievalDataSet read = DataSets.read("oxford5k", data);
    EvaluationPrinter run = new EvaluationPrinter(terminal);
    EvaluationResult before;
    try (DescriptorExtractor extractor =
        ExtractionOptions.of("resnet18", seed, LAYER, POOLING).open()) {
      before = run.run(extractor, read);
    }
    terminal.print("random weights: mAP %.4f", before.meanAveragePrecision());
    Options weights = Options.NONE.with("seed", String.valueOf(seed)).with("layer", LAYER);
    EvaluationResult after;
    try (TrainableBackbone backbone =
        Providers.backbones().get("resnet18").createTrainable(weights)) {
      TrainingReport report = train(backbone, training);
      report.writeHtml(out.resolve("training.html"));
      try (DescriptorExtractor extractor = report.model().extractor(new ImageIoDecoder()).build()) {
        after = run.run(extractor, read);
        run.writeReport(after, read, extractor, out.resolve("report.html"));
      }
    }
    run.print(after, read);
    if (json != null) {
      run.writeJson(after, json);
    }
    terminal.print(
        "mAP on landmarks that were not trained on: %.4f before, %.4f after fine-tuning (%+.4f)",
        before.meanAveragePrecision(),
        after.meanAveragePrecision(),
        after.meanAveragePrecision() - before.meanAveragePrecision());
    terminal.print("it took %.1f s altogether", (System.nanoTime() - start) / 1e9);
    return 0;
  }

  private void draw(Path data, Path training, long start) throws IOException {
    SceneGenerator scenes = SceneGenerator.builder().seed(seed).build();
    SceneGenerator others =
        SceneGenerator.builder()
            .seed(seed + TRAINING_SEED)
            .landmarks(trainingLandmarks)
            .views(TRAINING_VIEWS)
            .distractors(0)
            .size(TRAINING_SIZE)
            .build();
    try (Terminal.Progress progress =
        terminal.progress("draw", scenes.images() + others.images())) {
      scenes.writeOxford(data, progress::reach);
      others.writeFolders(training, count -> progress.reach(scenes.images() + count));
    }
    terminal.print(
        "drew %d images in %s, in the layout of Oxford 5k, and %d of %d other landmarks in %s to"
            + " train on, in %.1f s",
        scenes.images(),
        data,
        others.images(),
        trainingLandmarks,
        training,
        (System.nanoTime() - start) / 1e9);
  }

  private TrainingReport train(TrainableBackbone backbone, Path training) throws IOException {
    LabeledImages images = LabeledImages.ofFolders(training);
    return FineTuner.builder(
            backbone, GemPooling.fixed(3), TripletLoss.builder().margin(MARGIN).build())
        .images(
            images,
            MPerClassSampler.of(images, Math.min(CLASSES, images.classCount()), PER_CLASS, seed),
            new ImageIoDecoder())
        .augmentation(
            Augmentation.builder()
                .crop(0.6, 1)
                .flip(0.5)
                .brightness(0.2)
                .contrast(0.2)
                .saturation(0.2)
                .size(CROP, CROP)
                .build())
        .optimizer(Optimizer.adam(), RATE, Schedule.cosine().withWarmUp(0.5))
        .epochs(epochs)
        .seed(seed)
        .listener(new TrainingLines(terminal))
        .build()
        .fit();
  }

  private void requireEmpty() throws IOException {
    if (Files.exists(out)) {
      try (Stream<Path> inside = Files.list(out)) {
        if (inside.findAny().isPresent()) {
          throw new IOException("output directory must be empty but is not: " + out);
        }
      }
    }
  }
}
