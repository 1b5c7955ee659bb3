// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Objects;

/**
 * The activations of one image at one layer: {@code [C,H,W]} in every formula and message, C
 * channels over H rows and W columns.
 *
 * <p>In memory the one layout of the library is <em>channels-last</em>: the value of channel c at
 * row y, column x stands at {@code (y*W + x)*C + c}. The compiled networks yield it and pooling
 * vectorizes across channels in it.
 *
 * <p>A map is several megabytes ([2048,32,24] has 6 MB) and is read once, so it is handed over and
 * shared rather than copied: see {@link #ofOwned} and {@link #sharedValues}. Values are not checked
 * for NaN here, which would cost one pass over the memory; every pooling and {@link
 * Descriptor#copyOf} refuses a result that is not finite.
 *
 * <p>Thread-safe as long as nobody writes to the shared array.
 */
public final class FeatureMap {
  private final int channels;
  private final int height;
  private final int width;
  private final float[] values;

  private FeatureMap(int channels, int height, int width, float[] values) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.values = values;
  }

  /**
   * Makes a map over an array that the caller gives away.
   *
   * @param channels C, at least 1
   * @param height H, at least 1
   * @param width W, at least 1
   * @param channelsLast {@code [H,W,C]} values (retained: the caller must not write to it again)
   * @return the map
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code C*H*W}
   */
  public static FeatureMap ofOwned(int channels, int height, int width, float[] channelsLast) {
    check(channels, height, width, channelsLast.length);
    return new FeatureMap(channels, height, width, channelsLast);
  }

  /**
   * Makes a map of values in channels-last order.
   *
   * @param channels C, at least 1
   * @param height H, at least 1
   * @param width W, at least 1
   * @param channelsLast {@code [H,W,C]} values (copied)
   * @return the map
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code C*H*W}
   */
  public static FeatureMap copyOfChannelsLast(
      int channels, int height, int width, float[] channelsLast) {
    return ofOwned(channels, height, width, channelsLast.clone());
  }

  /**
   * Makes a map of values in channels-first order, the order of PyTorch and of the formulas.
   *
   * @param channels C, at least 1
   * @param height H, at least 1
   * @param width W, at least 1
   * @param channelsFirst {@code [C,H,W]} values (copied)
   * @return the map
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code C*H*W}
   */
  public static FeatureMap copyOfChannelsFirst(
      int channels, int height, int width, float[] channelsFirst) {
    check(channels, height, width, channelsFirst.length);
    float[] values = new float[channelsFirst.length];
    int cells = height * width;
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < cells; i++) {
        values[i * channels + c] = channelsFirst[c * cells + i];
      }
    }
    return new FeatureMap(channels, height, width, values);
  }

  private static void check(int channels, int height, int width, int length) {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "feature map [C,H,W] must be at least [1,1,1] but was " + shape(channels, height, width));
    }
    long cells = (long) height * width;
    if (cells > Integer.MAX_VALUE || channels * cells > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "feature map must have at most "
              + Integer.MAX_VALUE
              + " values but was "
              + shape(channels, height, width));
    }
    if (length != channels * cells) {
      throw new IllegalArgumentException(
          "feature map "
              + shape(channels, height, width)
              + " must have "
              + channels * cells
              + " values but had "
              + length);
    }
  }

  private static String shape(int channels, int height, int width) {
    return "[" + channels + "," + height + "," + width + "]";
  }

  /**
   * Returns C.
   *
   * @return at least 1
   */
  public int channels() {
    return channels;
  }

  /**
   * Returns H.
   *
   * @return at least 1
   */
  public int height() {
    return height;
  }

  /**
   * Returns W.
   *
   * @return at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Reads one value.
   *
   * @param c channel in [0, C)
   * @param y row in [0, H)
   * @param x column in [0, W)
   * @return the activation
   * @throws IndexOutOfBoundsException if the place is outside the map
   */
  public float at(int c, int y, int x) {
    Objects.checkIndex(c, channels);
    Objects.checkIndex(y, height);
    Objects.checkIndex(x, width);
    return values[(y * width + x) * channels + c];
  }

  /**
   * Returns the array behind the map, {@code [H,W,C]}, without a copy, for kernels that read it at
   * memory speed.
   *
   * @return the values (shared: must not be written to)
   */
  public float[] sharedValues() {
    return values;
  }

  /**
   * Returns the values in channels-first order.
   *
   * @return a new array {@code [C,H,W]}
   */
  public float[] toChannelsFirst() {
    float[] out = new float[values.length];
    int cells = height * width;
    for (int i = 0; i < cells; i++) {
      for (int c = 0; c < channels; c++) {
        out[c * cells + i] = values[i * channels + c];
      }
    }
    return out;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureMap that
        && channels == that.channels
        && height == that.height
        && width == that.width
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * (31 * channels + height) + width) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "FeatureMap" + shape(channels, height, width);
  }
}
