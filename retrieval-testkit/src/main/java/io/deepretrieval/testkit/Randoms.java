// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.Descriptor;
import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Reproducible test data of one seed. {@link #toString} and {@link #note} carry the seed into the
 * description of an assertion, so that a failure shows how to repeat it. For one thread.
 *
 * <p>The generator is {@link Random}, whose sequence is part of the Java specification, so that a
 * seed means the same data on every platform.
 */
public final class Randoms {
  private final long seed;
  private final RandomGenerator generator;

  private Randoms(long seed) {
    this.seed = seed;
    this.generator = new Random(seed);
  }

  /**
   * Starts a sequence.
   *
   * @param seed what the data depend on, and nothing else
   * @return a generator at its beginning
   */
  public static Randoms ofSeed(long seed) {
    return new Randoms(seed);
  }

  /**
   * Returns the source of the numbers.
   *
   * @return the generator itself: drawing from it moves it on
   */
  public RandomGenerator generator() {
    return generator;
  }

  /**
   * Describes a check for {@code assertThat(…).as(…)}.
   *
   * @param what what is checked
   * @return the text and the seed
   */
  public String note(String what) {
    return what + " (" + this + ")";
  }

  /**
   * Draws numbers from the normal distribution.
   *
   * @param n how many
   * @return a new array
   */
  public float[] gaussians(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (float) generator.nextGaussian();
    }
    return out;
  }

  /**
   * Draws numbers from the normal distribution.
   *
   * @param n how many
   * @return a new array
   */
  public double[] wideGaussians(int n) {
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      out[i] = generator.nextGaussian();
    }
    return out;
  }

  /**
   * Makes what a layer behind a ReLU yields: half of the values 0, the others positive.
   *
   * @param channels C
   * @param height H
   * @param width W
   * @return a map {@code [C,H,W]}
   */
  public FeatureMap map(int channels, int height, int width) {
    float[] values = gaussians(channels * height * width);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(values[i], 0);
    }
    return FeatureMap.ofOwned(channels, height, width, values);
  }

  /**
   * Makes a map of normally distributed values, for instance a gradient.
   *
   * @param channels C
   * @param height H
   * @param width W
   * @return a map {@code [C,H,W]}
   */
  public FeatureMap signedMap(int channels, int height, int width) {
    return FeatureMap.ofOwned(channels, height, width, gaussians(channels * height * width));
  }

  /**
   * Draws a direction, evenly from the sphere.
   *
   * @param dimension D
   * @return a descriptor of length 1 of unknown origin
   */
  public Descriptor descriptor(int dimension) {
    return Descriptor.copyOf(gaussians(dimension)).normalized();
  }

  /**
   * Draws directions.
   *
   * @param n how many
   * @param dimension D
   * @return descriptors of length 1
   */
  public List<Descriptor> descriptors(int n, int dimension) {
    List<Descriptor> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      out.add(descriptor(dimension));
    }
    return out;
  }

  /**
   * Draws embeddings with the given classes.
   *
   * @param dimension D
   * @param labels class of each row
   * @return a batch {@code [N,D]} of normally distributed values
   */
  public EmbeddingBatch batch(int dimension, int... labels) {
    return EmbeddingBatch.copyOf(dimension, wideGaussians(labels.length * dimension), labels);
  }

  /**
   * Draws an image that has flat parts, edges and noise.
   *
   * @param width columns
   * @param height rows
   * @return an image, never of one color only if it has more than a few pixels
   */
  public RgbImage image(int width, int height) {
    int[] pixels = new int[width * height];
    Arrays.fill(pixels, generator.nextInt(1 << 24));
    for (int shape = 0; shape < 12; shape++) {
      int left = generator.nextInt(width);
      int top = generator.nextInt(height);
      int right = left + 1 + generator.nextInt(width - left);
      int bottom = top + 1 + generator.nextInt(height - top);
      int color = generator.nextInt(1 << 24);
      for (int y = top; y < bottom; y++) {
        Arrays.fill(pixels, y * width + left, y * width + right, color);
      }
    }
    for (int i = 0; i < pixels.length; i++) {
      // The low three bits of each byte: noise that no clipping can spoil.
      pixels[i] ^= generator.nextInt(1 << 24) & 0x070707;
    }
    return RgbImage.ofPacked(width, height, pixels);
  }

  /**
   * Draws an order.
   *
   * @param n how many places
   * @return the numbers 0 to n-1, shuffled
   */
  public int[] permutation(int n) {
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      int j = generator.nextInt(i + 1);
      out[i] = out[j];
      out[j] = i;
    }
    return out;
  }

  /** Returns the seed, for the description of a failure. */
  @Override
  public String toString() {
    return "seed " + seed;
  }
}
