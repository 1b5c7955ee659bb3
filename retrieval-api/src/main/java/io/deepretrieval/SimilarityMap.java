// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Objects;

/**
 * How much each part of an image adds to a cosine: {@code [H,W]} numbers that sum to it. A share
 * may be negative.
 *
 * <p>Immutable and thread-safe.
 */
public final class SimilarityMap {
  private final int height;
  private final int width;
  private final double[] shares;

  private SimilarityMap(int height, int width, double[] shares) {
    if (height < 1 || width < 1 || shares.length != (long) height * width) {
      throw new IllegalArgumentException(
          String.format(
              "share map [H,W] must be at least [1,1] with a share a cell but was [%d,%d] with %d",
              height, width, shares.length));
    }
    this.height = height;
    this.width = width;
    this.shares = shares;
  }

  /**
   * Makes a map.
   *
   * @param height H, at least 1
   * @param width W, at least 1
   * @param shares row by row (copied)
   * @return the map
   * @throws IllegalArgumentException if a size is less than 1 or the number of shares is not H·W
   */
  public static SimilarityMap of(int height, int width, double[] shares) {
    return new SimilarityMap(height, width, shares.clone());
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
   * Reads one share.
   *
   * @param y row in [0, H)
   * @param x column in [0, W)
   * @return what the cell adds
   * @throws IndexOutOfBoundsException if the place is outside the map
   */
  public double at(int y, int x) {
    return shares[Objects.checkIndex(y, height) * width + Objects.checkIndex(x, width)];
  }

  /**
   * Adds the shares up.
   *
   * @return the cosine that they are shares of, up to rounding
   */
  public double sum() {
    return Arrays.stream(shares).sum();
  }

  /**
   * Lays another grid over the same image. Each cell is split by area, so that the sum stays.
   *
   * @param newHeight rows, at least 1
   * @param newWidth columns, at least 1
   * @return the map on that grid
   * @throws IllegalArgumentException if a size is less than 1
   */
  public SimilarityMap resized(int newHeight, int newWidth) {
    if (newHeight < 1 || newWidth < 1) {
      throw new IllegalArgumentException(
          "share map [H,W] must be at least [1,1] but was [" + newHeight + "," + newWidth + "]");
    }
    if (newHeight == height && newWidth == width) {
      return this;
    }
    double[] rows = new double[newHeight * width];
    for (int y = 0; y < height; y++) {
      for (int to = 0; to < newHeight; to++) {
        double part = overlap(y, height, to, newHeight);
        for (int x = 0; part > 0 && x < width; x++) {
          rows[to * width + x] += part * shares[y * width + x];
        }
      }
    }
    double[] out = new double[newHeight * newWidth];
    for (int x = 0; x < width; x++) {
      for (int to = 0; to < newWidth; to++) {
        double part = overlap(x, width, to, newWidth);
        for (int y = 0; part > 0 && y < newHeight; y++) {
          out[y * newWidth + to] += part * rows[y * width + x];
        }
      }
    }
    return new SimilarityMap(newHeight, newWidth, out);
  }

  /** The part of interval i of n that lies in interval j of m; both divide the same line. */
  private static double overlap(long i, long n, long j, long m) {
    long common = Math.min((i + 1) * m, (j + 1) * n) - Math.max(i * m, j * n);
    return common <= 0 ? 0 : (double) common / m;
  }

  /** Adds another map of the same image, on the grid of this one, and a rest evenly. */
  SimilarityMap plus(SimilarityMap other, double rest) {
    double[] sum = other.resized(height, width).shares.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += shares[i] + rest / sum.length;
    }
    return new SimilarityMap(height, width, sum);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SimilarityMap that
        && height == that.height
        && width == that.width
        && Arrays.equals(shares, that.shares);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * height + width) + Arrays.hashCode(shares);
  }

  @Override
  public String toString() {
    return "SimilarityMap[" + height + "," + width + "]";
  }
}
