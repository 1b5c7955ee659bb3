// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import io.deepretrieval.ImageDecoder;
import io.deepretrieval.train.data.LabeledImages;
import java.util.List;
import java.util.Objects;

/**
 * Decodes and varies the images of batches ahead of the network, on threads of its own.
 *
 * <p>Order and content depend on the batches, the seed and the epoch, not on the threads. An image
 * that cannot be decoded is left out of its batch and listed there with the reason; any other error
 * of the decoder ends the loading.
 *
 * <p>Memory: what is decoded and not yet taken has at most {@code pixelsAhead} pixels of 3 bytes,
 * and up to an image a thread more, for the size of an image is not known before it is decoded; one
 * image is always loaded, however large. Each thread needs the whole image while it decodes.
 *
 * <p>Immutable and thread-safe if the decoder is.
 */
public final class ImageLoader {
  private static final long PIXELS_AHEAD = 1L << 25;

  private final LabeledImages images;
  private final ImageDecoder decoder;
  private final Augmentation augmentation;
  private final long seed;
  private final int threads;
  private final long pixelsAhead;

  private ImageLoader(Builder builder) {
    images = builder.images;
    decoder = builder.decoder;
    augmentation = builder.augmentation;
    seed = builder.seed;
    threads = builder.threads;
    pixelsAhead = builder.pixelsAhead;
  }

  /**
   * Begins with as many threads as there are processors, 33,554,432 pixels ahead and no variation.
   *
   * @param images the images that batches refer to
   * @param decoder reads them; called by several threads at a time
   * @return a builder
   */
  public static Builder builder(LabeledImages images, ImageDecoder decoder) {
    return new Builder(images, decoder);
  }

  /**
   * Begins to load.
   *
   * @param epoch what the variation depends on, at least 0
   * @param batches images of each batch
   * @return the batches from the first; the caller closes it
   * @throws IllegalArgumentException if the epoch is negative or an image does not exist
   */
  public LoadedBatches load(int epoch, List<int[]> batches) {
    return load(epoch, batches, 0);
  }

  /**
   * Begins to load in the middle of an epoch.
   *
   * @param epoch what the variation depends on, at least 0
   * @param batches images of each batch
   * @param fromStep number of the batch that comes first, at most their number
   * @return the batches from that one; the caller closes it
   * @throws IllegalArgumentException if the epoch is negative, or a step or an image does not exist
   */
  public LoadedBatches load(int epoch, List<int[]> batches, int fromStep) {
    if (fromStep < 0 || fromStep > batches.size()) {
      throw new IllegalArgumentException(
          "first step must be in [0, " + batches.size() + "] but was " + fromStep);
    }
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch must be >= 0 but was " + epoch);
    }
    for (int step = 0; step < batches.size(); step++) {
      for (int image : batches.get(step)) {
        if (image < 0 || image >= images.size()) {
          throw new IllegalArgumentException(
              "image of batch "
                  + step
                  + " must be in [0, "
                  + (images.size() - 1)
                  + "] but was "
                  + image);
        }
      }
    }
    LoadedBatches loaded = new LoadedBatches(this, epoch, batches, fromStep);
    loaded.start();
    return loaded;
  }

  LabeledImages images() {
    return images;
  }

  ImageDecoder decoder() {
    return decoder;
  }

  Augmentation augmentation() {
    return augmentation;
  }

  long seed() {
    return seed;
  }

  int threads() {
    return threads;
  }

  long pixelsAhead() {
    return pixelsAhead;
  }

  /** Collects the settings. For one thread. */
  public static final class Builder {
    private final LabeledImages images;
    private final ImageDecoder decoder;
    private Augmentation augmentation = Augmentation.builder().build();
    private long seed;
    private int threads = Runtime.getRuntime().availableProcessors();
    private long pixelsAhead = PIXELS_AHEAD;

    private Builder(LabeledImages images, ImageDecoder decoder) {
      this.images = Objects.requireNonNull(images, "images");
      this.decoder = Objects.requireNonNull(decoder, "decoder");
    }

    /**
     * Varies the images.
     *
     * @param steps what is done to each
     * @return this builder
     */
    public Builder augmentation(Augmentation steps) {
      augmentation = Objects.requireNonNull(steps, "augmentation");
      return this;
    }

    /**
     * Sets what the variation depends on, besides the epoch and the image.
     *
     * @param value any number; 0 unless set
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets how many images are decoded at a time.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder threads(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("threads must be >= 1 but were " + count);
      }
      threads = count;
      return this;
    }

    /**
     * Bounds the memory of what is ready.
     *
     * @param pixels at least 1
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public Builder pixelsAhead(long pixels) {
      if (pixels < 1) {
        throw new IllegalArgumentException("pixels ahead must be >= 1 but were " + pixels);
      }
      pixelsAhead = pixels;
      return this;
    }

    /**
     * Makes the loader.
     *
     * @return an immutable value; no thread runs before {@link ImageLoader#load}
     */
    public ImageLoader build() {
      return new ImageLoader(this);
    }
  }
}
