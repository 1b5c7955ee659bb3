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
  /** Cells a chunk, a multiple of 4. */
  public static final int CHUNK = 64;

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
   * Takes the maximum {@code acc[at+c] = max(acc[at+c], values)}; NaN wins.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param acc (modified) the maxima so far, at first -∞
   * @param at index of channel 0 in {@code acc}
   */
  public final void maxExact(
      float[] values, int from, int cells, int channels, float[] acc, int at) {
    ScalarLoops.maxOf(values, from, cells, channels, 0, channels, acc, at);
  }

  /**
   * Takes the maximum {@code acc[at+c] = max(acc[at+c], values)} if no value is NaN or infinite and
   * the result is at least 0, that is, for almost any map behind a ReLU. The result does not count
   * if this returns NaN, nor does a maximum that is negative, NaN or infinite.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param acc (modified) the maxima so far, at first -0 or more
   * @param at index of channel 0 in {@code acc}
   * @return 0, or NaN if a NaN or infinite value was seen that the maxima may not show
   */
  public abstract float maxFast(
      float[] values, int from, int cells, int channels, float[] acc, int at);

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
   * Adds up one chunk with a weight a cell: {@code acc[c] += Σ w x}. For callers that make chunks
   * of no more than {@value #CHUNK} cells themselves.
   *
   * @param values the map
   * @param from index of the first value
   * @param cells length of the run
   * @param channels values a cell
   * @param weights one a cell
   * @param firstWeight index of the weight of the first cell
   * @param acc (modified) the sums so far
   */
  public abstract void weightedSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] weights,
      int firstWeight,
      float[] acc);

  /**
   * Adds up small whole powers of one chunk: {@code acc[c] += Σ max(x, eps)^p}. NaN and infinite
   * values give NaN or infinity.
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
   * Takes the logarithms of one cell: {@code out[c] = log2(max(x, eps)) - shift[c]}.
   *
   * @param values the map
   * @param from index of the first value of the cell
   * @param channels values a cell
   * @param shift base-2 logarithms of the units, one a channel
   * @param eps the lower clamp
   * @param out (modified) receives them
   */
  abstract void logRow(
      float[] values, int from, int channels, float[] shift, float eps, float[] out);

  /**
   * Adds up the powers of one cell: {@code acc[c] += 2^(p[c]·logs[c]) + 0·x}, so that NaN and
   * infinite values give NaN.
   *
   * @param values the map
   * @param from index of the first value of the cell
   * @param channels values a cell
   * @param logs logarithms of the cell
   * @param p exponents, one a channel
   * @param acc (modified) the sums so far
   */
  abstract void powerSumRow(
      float[] values, int from, int channels, float[] logs, float[] p, float[] acc);

  /**
   * Adds up powers times logarithms of one cell: {@code acc[c] += 2^(p[c]·logs[c]) · logs[c]}.
   *
   * @param logs logarithms of the cell
   * @param channels values a cell
   * @param p exponents, one a channel
   * @param acc (modified) the sums so far
   */
  abstract void powerLogSumRow(float[] logs, int channels, float[] p, float[] acc);

  /**
   * Writes the powers of one cell: {@code out = coefficient[c] · 2^(q[c]·logs[c])}, and 0 where x
   * is below eps.
   *
   * @param values the map
   * @param from index of the first value of the cell, also in {@code out}
   * @param channels values a cell
   * @param logs logarithms of the cell
   * @param q exponents, one a channel
   * @param coefficient factors, one a channel
   * @param eps the lower clamp
   * @param out (modified) receives the cell
   */
  abstract void powerRow(
      float[] values,
      int from,
      int channels,
      float[] logs,
      float[] q,
      float[] coefficient,
      float eps,
      float[] out);

  /**
   * Takes exponentials of quotients: {@code values[c] = 2^(values[c]/p[c])}.
   *
   * @param values (modified) the numbers
   * @param n how many
   * @param p divisors, one a number
   */
  abstract void exp2Quotients(float[] values, int n, float[] p);

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
   * Adds up neighbors in memory: Σ values[from .. from+n).
   *
   * @param values the numbers
   * @param from index of the first
   * @param n how many
   * @return the sum
   */
  public abstract float total(float[] values, int from, int n);

  /**
   * Takes an inner product of neighbors in memory.
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
   * Adds a multiple: {@code acc[at+c] += factor · values[from+c]}.
   *
   * @param factor the multiple
   * @param values the numbers
   * @param from index of the first
   * @param n how many
   * @param acc (modified) the sums so far
   * @param at index of the first sum
   */
  public abstract void addScaled(
      float factor, float[] values, int from, int n, float[] acc, int at);

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
      addScaled(1f, chunk, 0, channels, total, 0);
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
      addScaled(1f, chunk, 0, channels, total, 0);
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
      addScaled(1f, chunk, 0, channels, total, 0);
    }
  }

  /**
   * Sums any powers over all cells: {@code total[c] = Σ t^p[c]}, t = max(x, eps) / 2^shift[c]. NaN
   * and infinite values give NaN.
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
    float[] logs = Scratch.LOG.floats(channels);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      int end = Math.min(cell + CHUNK, cells) * channels;
      for (int at = cell * channels; at < end; at += channels) {
        logRow(values, at, channels, shift, eps, logs);
        powerSumRow(values, at, channels, logs, p, chunk);
      }
      addScaled(1f, chunk, 0, channels, total, 0);
    }
  }

  /**
   * Sums powers times logarithms over all cells: {@code total[c] = Σ t^p[c] log2(t)}.
   *
   * @param values the map, finite
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
    float[] logs = Scratch.LOG.floats(channels);
    for (int cell = 0; cell < cells; cell += CHUNK) {
      Arrays.fill(chunk, 0, channels, 0f);
      int end = Math.min(cell + CHUNK, cells) * channels;
      for (int at = cell * channels; at < end; at += channels) {
        logRow(values, at, channels, shift, eps, logs);
        powerLogSumRow(logs, channels, p, chunk);
      }
      addScaled(1f, chunk, 0, channels, total, 0);
    }
  }

  /**
   * Writes powers: {@code out = coefficient[c] · t^q[c]}, t = x / 2^shift[c], and 0 where x is
   * below eps.
   *
   * @param values the map, finite
   * @param cells how many
   * @param channels values a cell
   * @param q exponents, one a channel
   * @param shift base-2 logarithms of the units, one a channel
   * @param coefficient factors, one a channel
   * @param eps the lower clamp
   * @param out (modified) receives a map of the same shape
   */
  public final void power(
      float[] values,
      int cells,
      int channels,
      float[] q,
      float[] shift,
      float[] coefficient,
      float eps,
      float[] out) {
    float[] logs = Scratch.LOG.floats(channels);
    for (int at = 0; at < cells * channels; at += channels) {
      logRow(values, at, channels, shift, eps, logs);
      powerRow(values, at, channels, logs, q, coefficient, eps, out);
    }
  }

  /**
   * Takes roots of means: {@code values[c] = (values[c]/cells)^(1/p[c])}.
   *
   * @param values (modified) numbers that are positive and normal, divided by the cells too
   * @param n how many
   * @param cells a divisor, at least 1
   * @param p exponents, one a channel
   */
  public final void root(float[] values, int n, int cells, float[] p) {
    float[] logs = Scratch.LOG.floats(n);
    log2(values, n, logs);
    float unit = (float) (Math.log(cells) / Math.log(2));
    for (int i = 0; i < n; i++) {
      values[i] = logs[i] - unit;
    }
    exp2Quotients(values, n, p);
  }

  /**
   * Takes base-2 logarithms, to an absolute error of 2⁻²³·max(1, |log2 x|).
   *
   * @param values positive, normal numbers
   * @param n how many
   * @param out (modified) receives them
   */
  public final void log2(float[] values, int n, float[] out) {
    float[] none = Scratch.NONE.floats(n);
    Arrays.fill(none, 0, n, 0f);
    logRow(values, 0, n, none, Float.MIN_NORMAL, out);
  }

  private static float[] begin(int channels, float[] total) {
    Arrays.fill(total, 0, channels, 0f);
    return Scratch.CHUNK.floats(channels);
  }
}
