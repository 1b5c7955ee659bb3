// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.Loss;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.load.ImageLoader;
import io.deepretrieval.train.sampler.BatchSampler;
import io.deepretrieval.train.sampler.MinedSampler;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a training was asked for when it was built. Immutable. */
final class TrainingOptions {
  final TrainableBackbone backbone;
  final DifferentiablePooling pooling;
  final Loss loss;
  final List<TrainingListener> listeners;
  final LabeledImages training;
  final @Nullable BatchSampler sampler;
  final @Nullable MinedSampler miner;
  final Augmentation mining;
  final int groupRows;
  final ImageDecoder decoder;
  final Augmentation augmentation;
  final Augmentation plain;
  final Optional<LabeledImages> validation;
  final int patience;
  final Optional<ProjectionHead> projection;
  final boolean normalize;
  final Optimizer optimizer;
  final double learningRate;
  final double projectionRate;
  final double poolingRate;
  final float poolingLow;
  final float poolingHigh;
  final Schedule schedule;
  final int epochs;
  final int accumulate;
  final int imagesPerPass;
  final double clip;
  final long seed;
  final int decodeThreads;
  final Optional<Path> checkpoints;
  final int checkpointSteps;
  final int cachedViews;
  final long cacheBytes;
  final Optional<Path> cacheDirectory;
  final boolean checkData;

  TrainingOptions(FineTuner.Builder builder) {
    backbone = builder.backbone;
    pooling = builder.pooling;
    loss = builder.loss;
    listeners = List.copyOf(builder.listeners);
    training = Objects.requireNonNull(builder.training);
    sampler = builder.sampler;
    miner = builder.miner;
    mining = builder.mining;
    groupRows = builder.groupRows;
    decoder = Objects.requireNonNull(builder.decoder);
    augmentation = builder.augmentation;
    plain = builder.plain;
    validation = builder.validation;
    patience = builder.patience;
    projection = builder.projection;
    normalize = builder.normalize;
    optimizer = builder.optimizer;
    learningRate = builder.learningRate;
    projectionRate = builder.projectionRate;
    poolingRate = builder.poolingRate;
    poolingLow = builder.poolingLow;
    poolingHigh = builder.poolingHigh;
    schedule = builder.schedule;
    epochs = builder.epochs;
    accumulate = builder.accumulate;
    imagesPerPass = builder.imagesPerPass;
    clip = builder.clip;
    seed = builder.seed;
    decodeThreads = builder.decodeThreads;
    checkpoints = builder.checkpoints;
    checkpointSteps = builder.checkpointSteps;
    cachedViews = builder.cachedViews;
    cacheBytes = builder.cacheBytes;
    cacheDirectory = builder.cacheDirectory;
    checkData = builder.checkData;
  }

  /** What makes the batches, for recipes and messages. */
  Object batches() {
    return miner == null ? Objects.requireNonNull(sampler) : miner;
  }

  /** Reads images as this training does. */
  ImageLoader loader(LabeledImages of, Augmentation how) {
    return ImageLoader.builder(of, decoder)
        .augmentation(how)
        .seed(seed)
        .threads(decodeThreads)
        .build();
  }

  /** The learning rate of a step. */
  double rate(int epoch, int step, int steps) {
    return learningRate * schedule.factor(epoch, step, steps, epochs);
  }

  /** All that a result follows from, in one line: a checkpoint of another is refused. */
  String recipe() {
    return "backbone="
        + backbone.spec().name()
        + " weights="
        + backbone.spec().weightsSha256().substring(0, 16)
        + "; trained="
        + backbone.parameters().size()
        + " tensors; pooling="
        + pooling.recipe()
        + "; projection="
        + projection.map(ProjectionHead::recipe).orElse("none")
        + (normalize ? "; l2" : "; no l2")
        + "; loss="
        + loss.recipe()
        + "; images="
        + training.size()
        + " of "
        + training.classCount()
        + " classes; batches="
        + batches()
        + "; augmentation="
        + augmentation
        + "; optimizer="
        + optimizer.recipe()
        + " rate="
        + learningRate
        + " x"
        + projectionRate
        + " x"
        + poolingRate
        + "; schedule="
        + schedule.recipe()
        + "; epochs="
        + epochs
        + "; accumulate="
        + accumulate
        + "; clip="
        + clip
        + "; views="
        + cachedViews
        + "; seed="
        + seed;
  }
}
