// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.Loss;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.pooling.transform.PcaTrainer;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.Optimizer;
import io.deepretrieval.train.ProjectionHead;
import io.deepretrieval.train.Schedule;
import io.deepretrieval.train.TrainingReport;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.SfmDatabase;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.sampler.BatchSampler;
import io.deepretrieval.train.sampler.HardNegativeMiner;
import io.deepretrieval.train.sampler.MPerClassSampler;
import io.deepretrieval.train.sampler.MinedSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  private static final double NPAIR_LENGTH = 4;

  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--train",
      required = true,
      paramLabel = "DIR|FILE",
      description =
          "One folder a class, a .csv, .tsv or 'path label' list beside its images, a train.csv or"
              + " train_clean.csv of Google Landmarks v2 beside its folder 'train', or a .pkl"
              + " database of retrieval-SfM beside its folder 'ims'.")
  private Path train = Path.of("");

  @Option(
      names = "--validate",
      paramLabel = "DIR|FILE",
      description = "The same for the images to measure on; their classes should not be trained.")
  private @Nullable Path validate;

  @Option(
      names = "--validation-share",
      paramLabel = "S",
      defaultValue = "0",
      description =
          "Instead: measure on that share of the classes of --train, and do not train it.")
  private double validationShare;

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
      names = "--projection",
      paramLabel = "D",
      description = "Put a linear layer to D dimensions behind the pooling.")
  private @Nullable Integer projection;

  @Option(
      names = "--projection-from",
      paramLabel = "random|whitening",
      defaultValue = "whitening",
      description =
          "How it begins: drawn, or as a PCA-whitening of the training images. Default:"
              + " ${DEFAULT-VALUE}.")
  private String projectionFrom = "whitening";

  @Option(
      names = "--projection-length",
      paramLabel = "L",
      description =
          "Scale a whitening so that embeddings are so long on average. Default: 4 for npair, which"
              + " takes them as they are; no other loss notices.")
  private @Nullable Double projectionLength;

  @Option(
      names = "--projection-rate",
      paramLabel = "F",
      defaultValue = "1",
      description = "Its learning rate, as a factor. Default: ${DEFAULT-VALUE}.")
  private double projectionRate = 1;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      defaultValue = "triplet",
      description =
          "npair, triplet, contrastive, softmax, arcface or quantized-ap. Default:"
              + " ${DEFAULT-VALUE}.")
  private String loss = "triplet";

  @Option(
      names = "--loss-option",
      paramLabel = "NAME=VALUE",
      description = "Option of the loss, for instance margin=0.3. May be repeated.")
  private Map<String, String> lossOptions = new LinkedHashMap<>();

  @Option(
      names = "--no-l2",
      description = "Give the loss embeddings as they are; n-pair always gets them so.")
  private boolean raw;

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "12",
      description = "Classes a batch. Default: ${DEFAULT-VALUE}.")
  private int classes = 12;

  @Option(
      names = "--per-class",
      paramLabel = "M",
      defaultValue = "2",
      description = "Images of each class in a batch. Default: ${DEFAULT-VALUE}.")
  private int perClass = 2;

  @Option(
      names = "--mine",
      paramLabel = "K",
      description =
          "Instead of --classes and --per-class: tuples of a query, a positive and the K hardest"
              + " negatives of a random pool, chosen anew before each epoch.")
  private @Nullable Integer mine;

  @Option(
      names = "--mine-queries",
      paramLabel = "N",
      defaultValue = "2000",
      description = "With --mine: queries an epoch. Default: ${DEFAULT-VALUE}.")
  private int mineQueries = 2000;

  @Option(
      names = "--mine-pool",
      paramLabel = "N",
      defaultValue = "20000",
      description = "With --mine: images of the pool. Default: ${DEFAULT-VALUE}.")
  private int minePool = 20_000;

  @Option(
      names = "--mine-tuples",
      paramLabel = "N",
      defaultValue = "5",
      description = "With --mine: tuples a batch. Default: ${DEFAULT-VALUE}.")
  private int mineTuples = 5;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "10",
      description = "Default: ${DEFAULT-VALUE}.")
  private int epochs = 10;

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

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "224",
      description = "Training images are N x N crops. Default: ${DEFAULT-VALUE}.")
  private int size = 224;

  @Option(
      names = "--crop",
      paramLabel = "LEAST",
      defaultValue = "0.6",
      description =
          "Least share of an image that a crop shows, 1 for all. Default: ${DEFAULT-VALUE}.")
  private double crop = 0.6;

  @Option(names = "--no-flip", description = "Do not mirror images: for text and logos.")
  private boolean noFlip;

  @Option(
      names = {"--color", "--colour"},
      paramLabel = "V",
      defaultValue = "0.2",
      description = "How far brightness, contrast and saturation vary. Default: ${DEFAULT-VALUE}.")
  private double color = 0.2;

  @Option(
      names = "--views",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "With --train-from: keep what the untrained layers make of N variations of each image,"
              + " instead of varying it anew each epoch. Default: ${DEFAULT-VALUE}, off.")
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

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  FinetuneCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try {
      return fit();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private int fit() throws IOException {
    extraction.requirePlain();
    Optional<SfmDatabase> sfm = TrainingPictures.sfm(train);
    LabeledImages all = sfm.isPresent() ? sfm.get().images() : read(train);
    LabeledImages training = all;
    Optional<LabeledImages> validation = Optional.empty();
    if (validate != null) {
      validation = Optional.of(read(validate));
    } else if (validationShare > 0) {
      if (sfm.isPresent()) {
        throw new IllegalArgumentException(
            "--validation-share must not be given with a .pkl database, whose pairs it would cut");
      }
      LabeledImages.Split split = all.splitByClass(validationShare, trainingSeed);
      training = split.training();
      validation = Optional.of(split.validation());
    }
    Files.createDirectories(out);
    Options poolingOptions = extraction.poolingOptions();
    if (learnExponent) {
      poolingOptions = poolingOptions.with("learnable", "true");
    }
    if (!(Providers.poolings().get(extraction.pooling()).create(poolingOptions)
        instanceof DifferentiablePooling pooling)) {
      throw new IllegalArgumentException(
          "pooling must have a gradient to be trained behind but "
              + extraction.pooling()
              + " has none");
    }
    try (TrainableBackbone backbone =
        Providers.backbones()
            .get(extraction.backbone())
            .createTrainable(
                trainFrom.isEmpty()
                    ? extraction.trainableOptions()
                    : extraction.trainableOptions().with("train-from", trainFrom))) {
      int dimension =
          projection != null ? projection : pooling.dimension(backbone.spec().output().channels());
      FineTuner.Builder builder =
          FineTuner.builder(backbone, pooling, loss(training.classCount(), dimension))
              .augmentation(augmentation())
              .normalize(!raw && !loss.equals("npair"))
              .optimizer(rule(), rate, course())
              .epochs(epochs)
              .seed(trainingSeed)
              .checkpoints(out.resolve("checkpoints"), checkpointSteps)
              .listener(new TrainingLines(terminal));
      Augmentation plain = Augmentation.builder().longerSide(extraction.longerSide(size)).build();
      if (mine != null) {
        builder
            .images(training, miner(training, sfm), plain, new ImageIoDecoder())
            .tupleSize(2 + mine);
      } else {
        builder.images(training, sampler(training), new ImageIoDecoder()).tupleSize(perClass);
      }
      validation.ifPresent(set -> builder.validation(set, plain));
      if (clip != null) {
        builder.clip(clip);
      }
      if (patience != null) {
        builder.patience(patience);
      }
      if (views > 0 && backbone instanceof FrozenTrunk) {
        builder.cache(views, (long) (cacheGigabytes * (1L << 30))).cacheDirectory(out);
      }
      // Last, for it takes a while and a wrong option should not wait for it.
      head(backbone, pooling, training)
          .ifPresent(layer -> builder.projection(layer, projectionRate));
      TrainingReport report = fit(builder.build());
      write(report, backbone);
      return report.stopped() ? 1 : 0;
    }
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

  private static LabeledImages read(Path from) throws IOException {
    return Files.isDirectory(from) ? LabeledImages.ofFolders(from) : TrainingPictures.list(from);
  }

  private MinedSampler miner(LabeledImages images, Optional<SfmDatabase> sfm) {
    return sfm.map(HardNegativeMiner::builder)
        .orElseGet(() -> HardNegativeMiner.builder(images))
        .queries(mineQueries)
        .pool(minePool)
        .negatives(Objects.requireNonNull(mine))
        .tuplesPerBatch(mineTuples)
        .seed(trainingSeed)
        .build();
  }

  private BatchSampler sampler(LabeledImages images) {
    return MPerClassSampler.of(images, classes, perClass, trainingSeed);
  }

  private Augmentation augmentation() {
    return Augmentation.builder()
        .crop(crop, 1)
        .flip(noFlip ? 0 : 0.5)
        .brightness(color)
        .contrast(color)
        .saturation(color)
        .size(size, size)
        .build();
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

  private Loss loss(int classCount, int dimension) throws IOException {
    Options options = Options.of(lossOptions);
    if (mine != null && (loss.equals("triplet") || loss.equals("contrastive"))) {
      options = options.with("selection", "tuples").with("rows", String.valueOf(2 + mine));
    }
    if (loss.equals("softmax") || loss.equals("arcface")) {
      options =
          options
              .with("classes", String.valueOf(classCount))
              .with("dimension", String.valueOf(dimension));
    }
    return Providers.losses().get(loss).create(options);
  }

  private Optional<ProjectionHead> head(
      TrainableBackbone backbone, DifferentiablePooling pooling, LabeledImages images)
      throws IOException {
    if (projection == null) {
      return Optional.empty();
    }
    if (!projectionFrom.equals("random") && !projectionFrom.equals("whitening")) {
      throw new IllegalArgumentException(
          "--projection-from must be random or whitening but was '" + projectionFrom + "'");
    }
    int inputs = pooling.dimension(backbone.spec().output().channels());
    if (projectionFrom.equals("random")) {
      return Optional.of(ProjectionHead.random(inputs, projection, trainingSeed));
    }
    PcaTrainer trainer = new PcaTrainer(inputs);
    // The extractor would close the backbone, which is still needed.
    DescriptorExtractor extractor =
        DescriptorExtractor.builder(backbone, pooling, new ImageIoDecoder())
            .imageSize(extraction.longerSide(size))
            .build();
    List<ExtractionItem> items =
        IntStream.range(0, images.size())
            .mapToObj(i -> ExtractionItem.of("" + i, images.source(i)))
            .toList();
    new BulkRun(terminal).run(extractor, items, (item, d) -> trainer.add(d));
    LinearTransform whitening = trainer.fit("training").whitening(projection);
    ProjectionHead head = ProjectionHead.of(whitening.matrix(), whitening.constant());
    double length = projectionLength != null ? projectionLength : NPAIR_LENGTH;
    boolean scaled = projectionLength != null || loss.equals("npair");
    // Whitened vectors have variance 1 in each dimension.
    return Optional.of(scaled ? head.scaledBy(length / Math.sqrt(projection)) : head);
  }

  private void write(TrainingReport report, TrainableBackbone backbone) throws IOException {
    backbone.save(out.resolve("network.safetensors"));
    Optional<ProjectionHead> head = report.model().projection();
    Path projectionFile = out.resolve("projection.transform");
    if (head.isPresent()) {
      LinearTransform.affine(
              "projection",
              String.valueOf(train.getFileName()),
              head.get().weight(),
              head.get().bias())
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
        extraction.pooling(),
        learned.length == 1 ? String.format(Locale.ROOT, " --p %s", learned[0]) : "",
        head.isPresent() ? " --whitening " + projectionFile : "");
  }
}
