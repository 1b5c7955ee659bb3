// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Batching;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.spi.LossContext;
import io.deepretrieval.train.FineTuner;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Seeds;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.sampler.HardNegativeMiner;
import io.deepretrieval.train.sampler.MPerClassSampler;
import io.deepretrieval.train.sampler.MinedSampler;
import io.deepretrieval.train.sampler.ShuffledSampler;
import io.deepretrieval.train.sampler.TupleSampler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How {@code finetune} makes batches, as far as the loss leaves that open. */
final class BatchOptions {
  private static final int PER_CLASS = 2;
  private static final int CLASSES = 12;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Classes a batch. Default: 12, or as many as there are.")
  private @Nullable Integer classes;

  @Option(
      names = "--per-class",
      paramLabel = "M",
      description = "Images of each class in a batch. Default: what the loss needs, or 2.")
  private @Nullable Integer perClass;

  @Option(
      names = "--mine",
      paramLabel = "K",
      description =
          "Instead of --classes and --per-class: tuples of a query, a positive and the K hardest"
              + " negatives of a random pool, chosen again before each epoch.")
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
      description = "Tuples a batch. Default: ${DEFAULT-VALUE}.")
  private int mineTuples = 5;

  /** What a loss should know of the training. */
  LossContext context(int classCount, int dimension) {
    LossContext context = LossContext.of(classCount, dimension);
    return mine == null ? context : context.withTupleSize(2 + mine);
  }

  /** Gives a training its images in such batches as the loss wants, or in mined tuples. */
  void apply(
      FineTuner.Builder builder,
      Batching wanted,
      TrainingDataOptions.Data data,
      Augmentation plain,
      int seed) {
    if (mine != null) {
      requireTuples(wanted, 2 + mine);
      builder
          .images(data.training(), miner(data, mine, seed), plain, new ImageIoDecoder())
          .tupleSize(2 + mine);
      return;
    }
    LabeledImages images = data.training();
    switch (wanted.order()) {
      case PER_CLASS -> {
        int rows = perClass(wanted.rows());
        builder
            .images(
                images,
                MPerClassSampler.of(images, classes(images, rows), rows, seed),
                new ImageIoDecoder())
            .tupleSize(rows);
      }
      case TUPLES ->
          builder
              .images(
                  images,
                  TupleSampler.of(images, wanted.rows() - 2, mineTuples, seed),
                  new ImageIoDecoder())
              .tupleSize(wanted.rows());
      case SHUFFLED ->
          builder.images(
              images,
              ShuffledSampler.of(images, (classes == null ? CLASSES : classes) * perClass(0), seed),
              new ImageIoDecoder());
    }
  }

  private static void requireTuples(Batching wanted, int rows) {
    if (wanted.rows() > 0 && !wanted.equals(Batching.tuples(rows))) {
      throw new IllegalArgumentException(
          "--mine makes tuples of "
              + rows
              + " images but the loss needs "
              + wanted.rows()
              + (wanted.order() == Batching.Order.TUPLES ? " in a tuple" : " of each class"));
    }
  }

  /** The option, or what there is of classes that can give so many images. */
  private int classes(LabeledImages images, int rows) {
    if (classes != null) {
      return classes;
    }
    int least = Math.min(2, rows);
    int able = Seeds.classesOf(images, least).length;
    if (able < 2) {
      throw new IllegalArgumentException(
          "--train must have at least 2 classes of "
              + least
              + " images or more but has "
              + able
              + " of "
              + images.classCount());
    }
    return Math.min(CLASSES, able);
  }

  private int perClass(int needed) {
    if (perClass == null) {
      return needed > 0 ? needed : PER_CLASS;
    }
    if (needed > 0 && perClass != needed) {
      throw new IllegalArgumentException(
          "--per-class must be " + needed + " for this loss but was " + perClass);
    }
    return perClass;
  }

  private MinedSampler miner(TrainingDataOptions.Data data, int negatives, int seed) {
    return data.pairs()
        .map(HardNegativeMiner::builder)
        .orElseGet(() -> HardNegativeMiner.builder(data.training()))
        .queries(mineQueries)
        .pool(minePool)
        .negatives(negatives)
        .tuplesPerBatch(mineTuples)
        .seed(seed)
        .build();
  }
}
