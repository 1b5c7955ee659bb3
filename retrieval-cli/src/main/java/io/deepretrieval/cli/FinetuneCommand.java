// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.Loss;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.ProjectionHead;
import io.deepretrieval.train.TrainingReport;
import io.deepretrieval.train.load.Augmentation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code finetune}: labeled images to a better network. */
@Command(
    name = "finetune",
    mixinStandardHelpOptions = true,
    description = {
      "Fine-tunes a network on images in one folder a class, or in a list, and prints the mean"
          + " average precision on other images before and after.",
      "Writes network.safetensors, projection.transform, training.csv and training.html to --out."
          + " Run again after an interruption, it goes on where it was."
    })
final class FinetuneCommand implements Callable<Integer> {
  /** Long enough for a checkpoint of the largest network. */
  private static final int SECONDS_TO_STOP = 60;

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "The results.")
  private Path out = Path.of("");

  @Option(
      names = "--train-from",
      paramLabel = "LAYER",
      defaultValue = "",
      description = "First layer, block or stage to train, for instance layer4. Default: all.")
  private String trainFrom = "";

  @Option(names = "--learn-p", description = "Train the exponent of gem too.")
  private boolean learnExponent;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Default: ${DEFAULT-VALUE}.")
  private int epochs = 10;

  @Option(
      names = "--views",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "With --train-from: keep what the untrained layers make of N variations of each image,"
              + " instead of varying it again each epoch. Default: ${DEFAULT-VALUE}, off.")
  private int views;

  @Option(
      names = "--cache-gb",
      paramLabel = "G",
      defaultValue = "4",
      description = "Most disk space for --views. Default: ${DEFAULT-VALUE}.")
  private double cacheGigabytes = 4;

  @Option(
      names = "--patience",
      paramLabel = "EPOCHS",
      description = "Stop when the metric has not risen for so long. Default: never.")
  private @Nullable Integer patience;

  @Option(
      names = "--training-seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of batches, variations and drawn layers. Default: ${DEFAULT-VALUE}.")
  private int trainingSeed = 1;

  @Option(
      names = "--checkpoint-steps",
      paramLabel = "N",
      defaultValue = "200",
      description = "Updates between checkpoints, beside each epoch's. Default: ${DEFAULT-VALUE}.")
  private int checkpointSteps = 200;

  @Mixin private TrainingDataOptions data = new TrainingDataOptions();
  @Mixin private LossOptions loss = new LossOptions();
  @Mixin private BatchOptions batches = new BatchOptions();
  @Mixin private ProjectionOptions projection = new ProjectionOptions();
  @Mixin private OptimizerOptions optimizer = new OptimizerOptions();
  @Mixin private AugmentationOptions augmentation = new AugmentationOptions();
  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  FinetuneCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    return Usage.of(spec, this::fit);
  }

  private int fit() throws IOException {
    extraction.requirePlain();
    TrainingDataOptions.Data images = data.read(trainingSeed);
    Files.createDirectories(out);
    DifferentiablePooling pooling = pooling();
    try (TrainableBackbone backbone =
        Providers.backbones()
            .get(extraction.backbone())
            .createTrainable(
                trainFrom.isEmpty()
                    ? extraction.trainableOptions()
                    : extraction.trainableOptions().with("train-from", trainFrom))) {
      TrainingReport report = fit(tuner(backbone, pooling, images));
      write(report, backbone);
      return report.stopped() ? 1 : 0;
    }
  }

  private DifferentiablePooling pooling() {
    Options options = extraction.poolingOptions();
    if (learnExponent) {
      options = options.with("learnable", "true");
    }
    if (Providers.poolings().get(extraction.pooling()).create(options)
        instanceof DifferentiablePooling pooling) {
      return pooling;
    }
    throw new IllegalArgumentException(
        "pooling must have a gradient to be trained behind but "
            + extraction.pooling()
            + " has none");
  }

  private FineTuner tuner(
      TrainableBackbone backbone, DifferentiablePooling pooling, TrainingDataOptions.Data images)
      throws IOException {
    int dimension = projection.dimension(pooling.dimension(backbone.spec().output().channels()));
    Loss made = loss.create(batches.context(images.training().classCount(), dimension));
    int longerSide = extraction.longerSide(augmentation.size());
    Augmentation plain = Augmentation.builder().longerSide(longerSide).build();
    FineTuner.Builder builder =
        FineTuner.builder(backbone, pooling, made)
            .augmentation(augmentation.augmentation())
            .epochs(epochs)
            .seed(trainingSeed)
            .checkpoints(out.resolve("checkpoints"), checkpointSteps)
            .listener(new TrainingLines(terminal));
    loss.apply(builder);
    optimizer.apply(builder);
    batches.apply(builder, made.batching(), images, plain, trainingSeed);
    images.validation().ifPresent(set -> builder.validation(set, plain));
    if (patience != null) {
      builder.patience(patience);
    }
    if (views > 0 && backbone instanceof FrozenTrunk) {
      builder.cache(views, (long) (cacheGigabytes * (1L << 30))).cacheDirectory(out);
    }
    // Last, for it takes a while and a wrong option should not wait for it.
    projection.apply(
        builder,
        backbone,
        pooling,
        images.training(),
        longerSide,
        trainingSeed,
        made.initialLength(),
        terminal);
    return builder.build();
  }

  /** Runs the training; Ctrl-C makes it write a checkpoint first. */
  private TrainingReport fit(FineTuner tuner) throws IOException {
    CountDownLatch done = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              tuner.stop();
              try {
                if (!done.await(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                  terminal.warn("the training did not stop in " + SECONDS_TO_STOP + " s");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "stop-training");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return tuner.fit();
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // It runs already, and the process ends with it.
        terminal.warn("interrupted; run the command again to go on");
      }
      done.countDown();
    }
  }

  private void write(TrainingReport report, TrainableBackbone backbone) throws IOException {
    backbone.save(out.resolve("network.safetensors"));
    Optional<ProjectionHead> head = report.model().projection();
    Path projectionFile = out.resolve("projection.transform");
    if (head.isPresent()) {
      LinearTransform.affine("projection", data.name(), head.get().weight(), head.get().bias())
          .write(projectionFile);
    }
    report.writeCsv(out.resolve("training.csv"));
    report.writeHtml(out.resolve("training.html"));
    report
        .bestMetric()
        .ifPresent(
            best -> terminal.print("mAP %.4f before, %.4f after", report.metricBefore(), best));
    float[] learned = ((DifferentiablePooling) report.model().pooling()).parameters();
    terminal.print(
        "use it with: --backbone trained --weights %s --pooling %s%s%s",
        out.resolve("network.safetensors"),
        extraction.poolingText(learned.length != 1),
        learned.length == 1 ? String.format(Locale.ROOT, " --p %s", learned[0]) : "",
        head.isPresent() ? " --whitening " + projectionFile : "");
    if (learned.length > 1) {
      terminal.warn(
          "the "
              + learned.length
              + " parameters that the pooling learned are in none of the files");
    }
  }
}
