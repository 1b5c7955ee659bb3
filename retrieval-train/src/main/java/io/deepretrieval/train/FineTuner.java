// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.Loss;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.sampler.BatchSampler;
import io.deepretrieval.train.sampler.MinedSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tunes a backbone, the pooling behind it and a projection on labeled images.
 *
 * <p>One step: the images of a batch through the network, {@code pooling -> L2 -> projection -> L2}
 * as far as asked for, the loss, its gradient back the same way, added up over {@link
 * Builder#accumulate} batches, clipped, and given to the optimizer. Whether the last L2 is taken is
 * what {@link Loss#wantsUnitLength} says, unless {@link Builder#normalize} says otherwise. Images
 * of different sizes in one batch, and batches that are larger than memory, run in parts: all
 * embeddings first, the loss over all of them, then each part again with its gradient, which is
 * exact and costs a second forward.
 *
 * <p>Everything random follows from the seed, the epoch and the image. With {@link
 * Builder#checkpoints} a training that was killed goes on where its last checkpoint was and ends
 * with the same weights, bit for bit, on the same machine and number of threads.
 *
 * <p>{@link #fit} is for one thread; {@link #stop} may be called from any other.
 */
public final class FineTuner {
  private final TrainingOptions options;
  private volatile boolean stopped;

  private FineTuner(TrainingOptions options) {
    this.options = options;
  }

  /**
   * Starts a training.
   *
   * @param backbone what is trained; changed by {@link #fit}, closed by the caller
   * @param pooling behind it; its parameters, p of a learnable GeM, are trained too
   * @param loss over the embeddings of a batch
   * @return a builder
   */
  public static Builder builder(
      TrainableBackbone backbone, DifferentiablePooling pooling, Loss loss) {
    return new Builder(backbone, pooling, loss);
  }

  /**
   * Trains.
   *
   * @return how it went; the backbone has the weights of the best epoch if there is a validation
   *     set, else of the last
   * @throws IOException if no image can be read, or a checkpoint is damaged or of another training
   */
  public TrainingReport fit() throws IOException {
    stopped = false;
    try (TrainingRun run = new TrainingRun(options, () -> stopped)) {
      return run.run();
    }
  }

  /** Asks {@link #fit} to write a checkpoint after the step under way and to return. */
  public void stop() {
    stopped = true;
  }

  /** Options of a training. */
  public static final class Builder {
    private static final Augmentation SIZE = Augmentation.builder().longerSide(362).build();

    final TrainableBackbone backbone;
    final DifferentiablePooling pooling;
    final Loss loss;
    final List<TrainingListener> listeners = new ArrayList<>();
    @Nullable LabeledImages training;
    @Nullable BatchSampler sampler;
    @Nullable MinedSampler miner;
    Augmentation mining = SIZE;
    int groupRows = 1;
    @Nullable ImageDecoder decoder;
    Augmentation augmentation = SIZE;
    Augmentation plain = SIZE;
    Optional<LabeledImages> validation = Optional.empty();
    int patience = Integer.MAX_VALUE;
    Optional<ProjectionHead> projection = Optional.empty();
    boolean normalize;
    Optimizer optimizer = Optimizer.adam();
    double learningRate = 1e-5;
    double projectionRate = 1;
    double poolingRate = 10;
    float poolingLow = 1;
    float poolingHigh = 10;
    Schedule schedule = Schedule.constant();
    int epochs = 10;
    int accumulate = 1;
    int imagesPerPass = Integer.MAX_VALUE;
    double clip = Double.POSITIVE_INFINITY;
    long seed;
    int decodeThreads = Runtime.getRuntime().availableProcessors();
    Optional<Path> checkpoints = Optional.empty();
    int checkpointSteps = Integer.MAX_VALUE;
    int cachedViews;
    long cacheBytes = 4L << 30;
    Optional<Path> cacheDirectory = Optional.empty();
    boolean checkData = true;

    private Builder(TrainableBackbone backbone, DifferentiablePooling pooling, Loss loss) {
      this.backbone = Objects.requireNonNull(backbone, "backbone");
      this.pooling = Objects.requireNonNull(pooling, "pooling");
      this.loss = Objects.requireNonNull(loss, "loss");
      this.normalize = loss.wantsUnitLength();
    }

    /**
     * Sets what is trained on. Needed.
     *
     * @param images labeled images
     * @param batches which of them make a batch, in the order that the loss needs
     * @param reader reads them; called by several threads at a time
     * @return this builder
     */
    public Builder images(LabeledImages images, BatchSampler batches, ImageDecoder reader) {
      training = Objects.requireNonNull(images, "images");
      sampler = Objects.requireNonNull(batches, "batches");
      miner = null;
      decoder = Objects.requireNonNull(reader, "reader");
      return this;
    }

    /**
     * Sets what is trained on, in batches that are chosen before each epoch with the network as it
     * is then, hard negatives for one.
     *
     * @param images labeled images
     * @param batches which of them make a batch, in the order that the loss needs
     * @param size what is done to the images that it chooses from
     * @param reader reads them; called by several threads at a time
     * @return this builder
     */
    public Builder images(
        LabeledImages images, MinedSampler batches, Augmentation size, ImageDecoder reader) {
      training = Objects.requireNonNull(images, "images");
      sampler = null;
      miner = Objects.requireNonNull(batches, "batches");
      mining = Objects.requireNonNull(size, "size");
      decoder = Objects.requireNonNull(reader, "reader");
      return this;
    }

    /**
     * Says that rows belong together, so that an image that cannot be read takes its group with it:
     * 2 for the pairs of n-pair, 2+k for tuples.
     *
     * @param rows at least 1, the default
     * @return this builder
     */
    public Builder tupleSize(int rows) {
      groupRows = atLeast("rows of a group", rows, 1);
      return this;
    }

    /**
     * Varies the images of the training, and sets their size.
     *
     * @param steps what is done to each; the longer side shrinks to 362 by default
     * @return this builder
     */
    public Builder augmentation(Augmentation steps) {
      augmentation = Objects.requireNonNull(steps, "augmentation");
      return this;
    }

    /**
     * Measures the mean average precision of other images before the first and after each epoch,
     * each image in turn as the query among the others, and keeps the best weights.
     *
     * @param images labeled images, of classes that are not trained
     * @param size what is done to each; the longer side shrinks to 362 by default
     * @return this builder
     */
    public Builder validation(LabeledImages images, Augmentation size) {
      validation = Optional.of(images);
      plain = Objects.requireNonNull(size, "size");
      return this;
    }

    /**
     * Stops when the metric has not risen for some epochs.
     *
     * @param limit at least 1; never by default
     * @return this builder
     */
    public Builder patience(int limit) {
      patience = atLeast("patience", limit, 1);
      return this;
    }

    /**
     * Puts a linear layer behind the pooling and trains it.
     *
     * @param head its first weights; its input dimension is that of the pooling
     * @param rateFactor of the learning rate; 1 is usual for one from a whitening, more for a drawn
     *     one
     * @return this builder
     */
    public Builder projection(ProjectionHead head, double rateFactor) {
      projection = Optional.of(head);
      projectionRate = positive("rate factor of the projection", rateFactor);
      return this;
    }

    /**
     * Says whether the loss gets embeddings of length 1.
     *
     * @param l2 what the loss says, by default
     * @return this builder
     */
    public Builder normalize(boolean l2) {
      normalize = l2;
      return this;
    }

    /**
     * Sets the rule, the rate and its course.
     *
     * @param rule Adam by default
     * @param rate positive; 1e-5 by default
     * @param course constant by default
     * @return this builder
     */
    public Builder optimizer(Optimizer rule, double rate, Schedule course) {
      optimizer = Objects.requireNonNull(rule, "rule");
      learningRate = positive("learning rate", rate);
      schedule = Objects.requireNonNull(course, "course");
      return this;
    }

    /**
     * Sets how the parameters of the pooling learn. They are not decayed.
     *
     * @param rateFactor of the learning rate; 10 by default
     * @param low least value; 1 by default
     * @param high greatest value; 10 by default
     * @return this builder
     */
    public Builder poolingParameters(double rateFactor, double low, double high) {
      poolingRate = positive("rate factor of the pooling", rateFactor);
      if (!(low > 0 && low < high)) {
        throw new IllegalArgumentException(
            "bounds of the pooling must satisfy 0 < low < high but were " + low + " and " + high);
      }
      poolingLow = (float) low;
      poolingHigh = (float) high;
      return this;
    }

    /**
     * Sets how often all images are seen.
     *
     * @param count at least 1; 10 by default
     * @return this builder
     */
    public Builder epochs(int count) {
      epochs = atLeast("epochs", count, 1);
      return this;
    }

    /**
     * Adds the gradients of several batches up before each update.
     *
     * @param batches at least 1, the default
     * @return this builder
     */
    public Builder accumulate(int batches) {
      accumulate = atLeast("batches to accumulate", batches, 1);
      return this;
    }

    /**
     * Bounds how many images are in the network at once. The result does not depend on it but for
     * rounding; a smaller number costs a second forward.
     *
     * @param images at least 1; all of a batch by default
     * @return this builder
     */
    public Builder imagesPerPass(int images) {
      imagesPerPass = atLeast("images a pass", images, 1);
      return this;
    }

    /**
     * Bounds the length of the gradient over all parameters.
     *
     * @param length positive; not bounded by default
     * @return this builder
     */
    public Builder clip(double length) {
      clip = positive("gradient length", length);
      return this;
    }

    /**
     * Sets what everything random follows from.
     *
     * @param value 0 by default
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets how many images are decoded at a time.
     *
     * @param threads at least 1; as many as processors by default
     * @return this builder
     */
    public Builder decodeThreads(int threads) {
      decodeThreads = atLeast("decode threads", threads, 1);
      return this;
    }

    /**
     * Writes {@code last.ckpt} after each epoch and every some steps, and goes on from it if it is
     * there.
     *
     * @param directory is made if absent
     * @param everySteps at least 1
     * @return this builder
     */
    public Builder checkpoints(Path directory, int everySteps) {
      checkpoints = Optional.of(directory);
      checkpointSteps = atLeast("steps between checkpoints", everySteps, 1);
      return this;
    }

    /**
     * Keeps what the untrained layers compute, in float16 on disk, where the backbone has such
     * layers. An image is then seen in that many variations, again and again.
     *
     * @param views variations of each image, at least 1
     * @param bytes most bytes on disk, at least 0; what does not fit is computed again
     * @return this builder
     * @throws IllegalArgumentException if the backbone is not a {@link FrozenTrunk}
     */
    public Builder cache(int views, long bytes) {
      if (!(backbone instanceof FrozenTrunk)) {
        throw new IllegalArgumentException(
            "backbone must be a FrozenTrunk to be cached but is " + backbone.getClass().getName());
      }
      cachedViews = atLeast("views", views, 1);
      if (bytes < 0) {
        throw new IllegalArgumentException("cache must be at least 0 bytes but was " + bytes);
      }
      cacheBytes = bytes;
      return this;
    }

    /**
     * Sets where the cache is; it is deleted at the end.
     *
     * @param directory an existing directory; that of temporary files by default
     * @return this builder
     */
    public Builder cacheDirectory(Path directory) {
      cacheDirectory = Optional.of(directory);
      return this;
    }

    /**
     * Says whether the bytes of all images are compared before the first epoch.
     *
     * @param check true by default
     * @return this builder
     */
    public Builder checkData(boolean check) {
      checkData = check;
      return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener called on the thread of the training
     * @return this builder
     */
    public Builder listener(TrainingListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    private static int atLeast(String name, int value, int least) {
      if (value < least) {
        throw new IllegalArgumentException(
            name + " must be at least " + least + " but was " + value);
      }
      return value;
    }

    private static double positive(String name, double value) {
      if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(name + " must be positive but was " + value);
      }
      return value;
    }

    /**
     * Makes the training; nothing runs before {@link FineTuner#fit}. What is called on this builder
     * later does not reach it.
     *
     * @return a training
     * @throws IllegalStateException if there are no images
     * @throws IllegalArgumentException if the projection does not fit the pooling
     */
    public FineTuner build() {
      if (training == null) {
        throw new IllegalStateException("a training must have images");
      }
      int dimension = pooling.dimension(backbone.spec().output().channels());
      projection.ifPresent(
          head -> {
            if (head.inputDimension() != dimension) {
              throw new IllegalArgumentException(
                  "projection must take dimension "
                      + dimension
                      + " of the pooling but takes "
                      + head.inputDimension());
            }
          });
      return new FineTuner(new TrainingOptions(this));
    }
  }
}
