// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;

/**
 * The one rule by which images change their size: separable Lanczos windowed sinc with three lobes,
 * stretched by the scale when shrinking, so that every source pixel counts (antialiasing).
 *
 * <p>With scale s = source/target and f = max(s, 1), target pixel i has its center at (i + 0.5)·s
 * and weighs the source pixels j of that center ± 3f by L((j + 0.5 - center)/f), L(x) = sinc(x)
 * sinc(x/3), normalized to sum 1. Rows are resampled first, then columns; weights are fixed-point
 * with 22 bits and the image between the passes has 8 bits. That is the arithmetic of the {@code
 * LANCZOS} filter of Pillow, which the reference implementations of this field use, and the golden
 * values of the tests come from there.
 *
 * <p>Cost: about 6·max(s, 1) multiplications a channel, pixel and pass. Stateless and thread-safe.
 *
 * @see <a href="https://doi.org/10.1175/1520-0450(1979)018%3C1016:LFIOAT%3E2.0.CO;2">C. Duchon,
 *     Lanczos filtering in one and two dimensions, J. Appl. Meteorology 18, 1979</a>
 */
public final class Resampler {
  private static final double LOBES = 3.0;
  private static final int PRECISION_BITS = 22;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  private Resampler() {}

  /**
   * Resamples an image.
   *
   * @param image the source (not modified)
   * @param width columns of the result, at least 1
   * @param height rows of the result, at least 1
   * @return the result; the image itself if it has that size
   * @throws IllegalArgumentException if a size is less than 1 or the result has too many pixels for
   *     one array
   */
  public static RgbImage resample(RgbImage image, int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "target size must be at least 1x1 but was " + width + "x" + height);
    }
    RgbImage.checkSize(width, height);
    if (width == image.width() && height == image.height()) {
      return image;
    }
    Weights vertical = Weights.of(image.height(), height);
    Rows rows = new Rows(image, Weights.of(image.width(), width), vertical.longest() + 1);
    int[] sums = new int[3 * width];
    byte[] out = new byte[sums.length * height];
    for (int y = 0, o = 0; y < height; y++) {
      Arrays.fill(sums, HALF);
      int source = vertical.first[y];
      for (int weight : vertical.values[y]) {
        int[] row = rows.row(source++);
        for (int x = 0; x < sums.length; x++) {
          sums[x] += weight * row[x];
        }
      }
      for (int sum : sums) {
        out[o++] = (byte) clip(sum);
      }
    }
    return RgbImage.copyOf(width, height, out);
  }

  /**
   * Shrinks an image to a longer side and keeps its proportions; a smaller one stays as it is.
   *
   * @param image the source (not modified)
   * @param longerSide pixels of the longer side, at least 1; the other side is rounded, at least 1
   * @return the result; the image itself if it is small enough
   * @throws IllegalArgumentException if the side is less than 1
   */
  public static RgbImage shrinkTo(RgbImage image, int longerSide) {
    if (longerSide < 1) {
      throw new IllegalArgumentException("longer side must be at least 1 but was " + longerSide);
    }
    int longer = Math.max(image.width(), image.height());
    return longer <= longerSide ? image : scale(image, (double) longerSide / longer);
  }

  /**
   * Resamples an image by a factor.
   *
   * @param image the source (not modified)
   * @param factor target over source, greater than 0; both sides are rounded, at least 1
   * @return the result
   * @throws IllegalArgumentException if the factor is not a positive number or the result has too
   *     many pixels for one array
   */
  public static RgbImage scale(RgbImage image, double factor) {
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("scale factor must be > 0 but was " + factor);
    }
    return resample(image, scaled(image.width(), factor), scaled(image.height(), factor));
  }

  private static int scaled(int side, double factor) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, Math.round(side * factor)));
  }

  private static int clip(int sum) {
    return Math.min(255, Math.max(0, sum >> PRECISION_BITS));
  }

  /** The horizontal pass, row by row as the vertical one asks for them; keeps the last few. */
  private static final class Rows {
    private final RgbImage image;
    private final Weights weights;
    private final int[][] ring;
    private final byte[] upper;
    private final byte[] lower;
    private final long[] pair;
    private int next;

    Rows(RgbImage image, Weights weights, int kept) {
      this.image = image;
      this.weights = weights;
      ring = new int[kept][3 * weights.first.length];
      upper = new byte[3 * image.width()];
      lower = new byte[3 * image.width()];
      pair = new long[3 * image.width()];
    }

    /** Row y, [W,3]; y must not be before the last call's y less what the vertical window spans. */
    int[] row(int y) {
      while (next <= y) {
        resampleTwo(next);
        next += 2;
      }
      return ring[y % ring.length];
    }

    /**
     * Two rows share one 64-bit sum, which halves the multiplications: each half stays within 32
     * bits, and what the lower half borrows from the upper one is given back at the end.
     */
    private void resampleTwo(int y) {
      int below = Math.min(y + 1, image.height() - 1);
      image.copyRowTo(y, upper);
      image.copyRowTo(below, lower);
      for (int i = 0; i < pair.length; i++) {
        pair[i] = (upper[i] & 0xFFL) << 32 | (lower[i] & 0xFFL);
      }
      int[] upperOut = ring[y % ring.length];
      int[] lowerOut = ring[(y + 1) % ring.length];
      long half = (long) HALF << 32 | HALF;
      for (int x = 0, o = 0; x < weights.first.length; x++, o += 3) {
        int i = 3 * weights.first[x];
        long red = half;
        long green = half;
        long blue = half;
        for (int weight : weights.values[x]) {
          red += weight * pair[i];
          green += weight * pair[i + 1];
          blue += weight * pair[i + 2];
          i += 3;
        }
        upperOut[o] = clip(upperHalf(red));
        upperOut[o + 1] = clip(upperHalf(green));
        upperOut[o + 2] = clip(upperHalf(blue));
        lowerOut[o] = clip((int) red);
        lowerOut[o + 1] = clip((int) green);
        lowerOut[o + 2] = clip((int) blue);
      }
    }

    private static int upperHalf(long sum) {
      return (int) ((sum - (int) sum) >> 32);
    }
  }

  /** For each target position: the first source position and the fixed-point weights from there. */
  private static final class Weights {
    final int[] first;
    final int[][] values;

    private Weights(int[] first, int[][] values) {
      this.first = first;
      this.values = values;
    }

    /** The largest number of weights of a target position. */
    int longest() {
      int longest = 0;
      for (int[] weights : values) {
        longest = Math.max(longest, weights.length);
      }
      return longest;
    }

    static Weights of(int source, int target) {
      if (source == target) {
        return identity(source);
      }
      double scale = (double) source / target;
      double stretch = Math.max(scale, 1);
      double support = LOBES * stretch;
      int[] first = new int[target];
      int[][] values = new int[target][];
      for (int i = 0; i < target; i++) {
        double center = (i + 0.5) * scale;
        int from = (int) Math.max(0, center - support + 0.5);
        int to = (int) Math.min(source, center + support + 0.5);
        double[] exact = new double[to - from];
        double sum = 0;
        for (int j = from; j < to; j++) {
          exact[j - from] = lanczos((j - center + 0.5) / stretch);
          sum += exact[j - from];
        }
        int[] fixed = new int[exact.length];
        for (int j = 0; j < fixed.length; j++) {
          double scaled = exact[j] / sum * (1 << PRECISION_BITS);
          fixed[j] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        }
        first[i] = from;
        values[i] = fixed;
      }
      return new Weights(first, values);
    }

    private static Weights identity(int size) {
      int[] first = new int[size];
      int[][] values = new int[size][];
      for (int i = 0; i < size; i++) {
        first[i] = i;
        values[i] = new int[] {1 << PRECISION_BITS};
      }
      return new Weights(first, values);
    }

    private static double lanczos(double x) {
      return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
    }

    private static double sinc(double x) {
      double angle = Math.PI * x;
      return x == 0 ? 1 : Math.sin(angle) / angle;
    }
  }
}
