// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

import java.util.Arrays;

/**
 * Inner loops over runs of cells in channels-last memory: the value of channel c of cell i stands
 * at {@code from + i*channels + c}.
 *
 * <p>All loops run over cells outside and channels inside, so that memory is read once, forwards,
 * and the accumulators, one a channel, stay in the first-level cache. Sums go in two levels, chunks
 * of {@value #CHUNK} cells and then chunk by chunk, which keeps their relative rounding error below
 * 3·10⁻⁶ for any map of less than 4,096 cells, constant maps included.
 *
 * <p>Stateless and thread-safe.
 */
public abstract class Kernels {
  /** Cells a chunk. */
  static final int CHUNK = 64;

  /** Makes kernels. */
  Kernels() {}

  /**
   * Returns the kernels of this JVM, chosen once.
   *
   * @return the fastest that can run
   */
  public static Kernels get() {
    return Holder.KERNELS;
  }

  private static final class Holder {
    static final Kernels KERNELS = KernelChoice.choose();
  }

  /**
   * Returns what they are made of, for the log.
   *
   * @return for instance {@code scalar}
   */
  public abstract String name();

  /**
   * Takes the maximum: {@code acc[at+c] = max(acc[at+c], values)}; NaN wins.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param acc (modified) the maxima so far
   * @param at index of channel 0 in {@code acc}
   */
  public abstract void max(float[] values, int from, int cells, int channels, float[] acc, int at);

  /**
   * Adds up one chunk: {@code acc[c] += Σ x}.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param acc (modified) the sums so far
   */
  abstract void sumChunk(float[] values, int from, int cells, int channels, float[] acc);

  /**
   * Adds up one chunk with a weight a cell: {@code acc[c] += Σ w x}.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param weights one a cell
   * @param firstWeight index of the weight of the first cell
   * @param acc (modified) the sums so far
   */
  abstract void weightedSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] weights,
      int firstWeight,
      float[] acc);

  /**
   * Adds up small whole powers of one chunk: {@code acc[c] += Σ max(x, eps)^p}.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param p 1, 2, 3 or 4
   * @param eps the lower clamp
   * @param acc (modified) the sums so far
   */
  abstract void wholePowerSumChunk(
      float[] values, int from, int cells, int channels, int p, float eps, float[] acc);

  /**
   * Adds up any powers of one chunk: {@code acc[c] += Σ t^p[c]}, t = max(x, eps) / 2^shift[c].
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param p exponents, one a channel
   * @param shift base-2 logarithms of the units, one a channel
   * @param eps the lower clamp
   * @param acc (modified) the sums so far
   */
  abstract void powerSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] p,
      float[] shift,
      float eps,
      float[] acc);

  /**
   * Adds up powers times logarithms of one chunk: {@code acc[c] += Σ t^p[c] log2(t)}.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param p exponents, one a channel
   * @param shift base-2 logarithms of the units, one a channel
   * @param eps the lower clamp
   * @param acc (modified) the sums so far
   */
  abstract void powerLogSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] p,
      float[] shift,
      float eps,
      float[] acc);

  /**
   * Writes {@code out = coefficient[c] · t^q[c]}, t = x / 2^shift[c], and 0 where x is below eps.
   *
   * @param values the map
   * @param from index of the first value, also in {@code out}
   * @param cells length of the run
   * @param channels values a cell
   * @param q exponents, one a channel
   * @param shift base-2 logarithms of the units, one a channel
   * @param coefficient factors, one a channel
   * @param eps the lower clamp
   * @param out (modified) receives the run
   */
  public abstract void power(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] q,
      float[] shift,
      float[] coefficient,
      float eps,
      float[] out);

  /**
   * Takes roots: {@code values[c] = (values[c]·scale)^(1/p[c])}.
   *
   * @param values (modified) numbers whose product with scale is positive and normal
   * @param n how many
   * @param scale a factor, greater than 0
   * @param p exponents, one a channel
   */
  public abstract void root(float[] values, int n, float scale, float[] p);

  /**
   * Takes base-2 logarithms, to an absolute error of 2⁻²³·max(1, |log2 x|).
   *
   * @param values positive, normal numbers
   * @param n how many
   * @param out (modified) receives them
   */
  public abstract void log2(float[] values, int n, float[] out);

  /**
   * Counts the values of each channel that are not zero: {@code acc[c] += #(x ≠ 0)}.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param acc (modified) the counts so far
   */
  public abstract void countNonZero(float[] values, int from, int cells, int channels, float[] acc);

  /**
   * Adds up neighbours in memory: Σ values[from .. from+n).
   *
   * @param values the numbers
   * @param from index of the first
   * @param n how many
   * @return the sum
   */
  public abstract float total(float[] values, int from, int n);

  /**
   * Takes an inner product of neighbours in memory.
   *
   * @param a the one vector
   * @param aFrom index of its first value
   * @param b the other
   * @param bFrom index of its first value
   * @param n how many
   * @return Σ a b
   */
  public abstract float dot(float[] a, int aFrom, float[] b, int bFrom, int n);

  /**
   * Adds a multiple: {@code acc[c] += factor · values[from+c]}.
   *
   * @param factor the multiple
   * @param values the numbers
   * @param from index of the first
   * @param n how many
   * @param acc (modified) the sums so far
   */
  public abstract void addScaled(float factor, float[] values, int from, int n, float[] acc);

  /**
   * Sums a map over its cells: {@code total[c] = Σ x}.
   *
   * @param values the map
   * @param cells how many
   * @param channels values a cell
   * @param total (modified) receives the sums
   */
  public final void sum(float[] values, int cells, int channels, float[] total) {
    float[] chunk = begin(channels, total);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      sumChunk(values, cell * channels, Math.min(CHUNK, cells - cell), channels, chunk);
      addScaled(1f, chunk, 0, channels, total);
    }
  }

  /**
   * Sums a map over its cells with weights: {@code total[c] = Σ w x}.
   *
   * @param values the map
   * @param cells how many
   * @param channels values a cell
   * @param weights one a cell
   * @param total (modified) receives the sums
   */
  public final void weightedSum(
      float[] values, int cells, int channels, float[] weights, float[] total) {
    float[] chunk = begin(channels, total);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      int run = Math.min(CHUNK, cells - cell);
      weightedSumChunk(values, cell * channels, run, channels, weights, cell, chunk);
      addScaled(1f, chunk, 0, channels, total);
    }
  }

  /**
   * Sums small whole powers over all cells: {@code total[c] = Σ max(x, eps)^p}.
   *
   * @param values the map
   * @param cells how many
   * @param channels values a cell
   * @param p 1, 2, 3 or 4
   * @param eps the lower clamp
   * @param total (modified) receives the sums
   */
  public final void wholePowerSum(
      float[] values, int cells, int channels, int p, float eps, float[] total) {
    float[] chunk = begin(channels, total);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      int run = Math.min(CHUNK, cells - cell);
      wholePowerSumChunk(values, cell * channels, run, channels, p, eps, chunk);
      addScaled(1f, chunk, 0, channels, total);
    }
  }

  /**
   * Sums any powers over all cells: {@code total[c] = Σ t^p[c]}, t = max(x, eps) / 2^shift[c].
   *
   * @param values the map
   * @param cells how many
   * @param channels values a cell
   * @param p exponents, one a channel
   * @param shift base-2 logarithms of the units, one a channel
   * @param eps the lower clamp
   * @param total (modified) receives the sums
   */
  public final void powerSum(
      float[] values, int cells, int channels, float[] p, float[] shift, float eps, float[] total) {
    float[] chunk = begin(channels, total);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      int run = Math.min(CHUNK, cells - cell);
      powerSumChunk(values, cell * channels, run, channels, p, shift, eps, chunk);
      addScaled(1f, chunk, 0, channels, total);
    }
  }

  /**
   * Sums powers times logarithms over all cells: {@code total[c] = Σ t^p[c] log2(t)}.
   *
   * @param values the map
   * @param cells how many
   * @param channels values a cell
   * @param p exponents, one a channel
   * @param shift base-2 logarithms of the units, one a channel
   * @param eps the lower clamp
   * @param total (modified) receives the sums
   */
  public final void powerLogSum(
      float[] values, int cells, int channels, float[] p, float[] shift, float eps, float[] total) {
    float[] chunk = begin(channels, total);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      int run = Math.min(CHUNK, cells - cell);
      powerLogSumChunk(values, cell * channels, run, channels, p, shift, eps, chunk);
      addScaled(1f, chunk, 0, channels, total);
    }
  }

  private static float[] begin(int channels, float[] total) {
    Arrays.fill(total, 0, channels, 0f);
    return Scratch.CHUNK.floats(channels);
  }
}
