// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops of the Vector API, of the widest shape of the machine; channels beyond a whole number of
 * vectors are left to scalar code.
 *
 * <p>HotSpot has a budget of nodes for what it compiles together, and beyond it vectors become
 * objects, ten times slower. No vector therefore lives across two nested loops, and those with a
 * logarithm or an exponential are in {@link VectorPowers}.
 */
final class VectorKernels extends Kernels {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = FLOATS.length();

  @Override
  public String name() {
    return "vector of " + LANES + " floats";
  }

  @Override
  public float maxFast(float[] values, int from, int cells, int channels, float[] acc, int at) {
    int lead = lead(channels);
    int bound = lead + FLOATS.loopBound(channels - lead);
    float poison = 0;
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      poison += maxOfFour(values, from + cell * channels, channels, lead, bound, acc, at);
    }
    for (; cell < cells; cell++) {
      poison += maxOfOne(values, from + cell * channels, lead, bound, acc, at);
    }
    ScalarLoops.maxOf(values, from, cells, channels, 0, lead, acc, at);
    ScalarLoops.maxOf(values, from, cells, channels, bound, channels, acc, at);
    return poison;
  }

  private static float maxOfFour(
      float[] values, int a, int channels, int lead, int bound, float[] acc, int at) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector poison = zero;
    int b = a + channels;
    int c = b + channels;
    int d = c + channels;
    for (int i = lead; i < bound; i += LANES) {
      FloatVector xa = FloatVector.fromArray(FLOATS, values, a + i);
      FloatVector xb = FloatVector.fromArray(FLOATS, values, b + i);
      FloatVector xc = FloatVector.fromArray(FLOATS, values, c + i);
      FloatVector xd = FloatVector.fromArray(FLOATS, values, d + i);
      poison = xa.add(xb).add(xc.add(xd)).fma(zero, poison);
      IntVector ab = xa.reinterpretAsInts().max(xb.reinterpretAsInts());
      IntVector cd = xc.reinterpretAsInts().max(xd.reinterpretAsInts());
      FloatVector.fromArray(FLOATS, acc, at + i)
          .reinterpretAsInts()
          .max(ab.max(cd))
          .reinterpretAsFloats()
          .intoArray(acc, at + i);
    }
    return poison.reduceLanes(VectorOperators.ADD);
  }

  private static float maxOfOne(float[] values, int a, int lead, int bound, float[] acc, int at) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector poison = zero;
    for (int i = lead; i < bound; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, values, a + i);
      poison = x.fma(zero, poison);
      FloatVector.fromArray(FLOATS, acc, at + i)
          .reinterpretAsInts()
          .max(x.reinterpretAsInts())
          .reinterpretAsFloats()
          .intoArray(acc, at + i);
    }
    return poison.reduceLanes(VectorOperators.ADD);
  }

  @Override
  void sumChunk(float[] values, int from, int cells, int channels, float[] acc) {
    int lead = lead(channels);
    int bound = lead + FLOATS.loopBound(channels - lead);
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      sumOfFour(values, from + cell * channels, channels, lead, bound, acc);
    }
    for (; cell < cells; cell++) {
      addOne(values, from + cell * channels, lead, bound, 1f, acc);
    }
    ScalarLoops.sumOf(values, from, cells, channels, 0, lead, acc);
    ScalarLoops.sumOf(values, from, cells, channels, bound, channels, acc);
  }

  private static void sumOfFour(
      float[] values, int a, int channels, int lead, int bound, float[] acc) {
    int b = a + channels;
    int c = b + channels;
    int d = c + channels;
    for (int i = lead; i < bound; i += LANES) {
      FloatVector ab =
          FloatVector.fromArray(FLOATS, values, a + i)
              .add(FloatVector.fromArray(FLOATS, values, b + i));
      FloatVector cd =
          FloatVector.fromArray(FLOATS, values, c + i)
              .add(FloatVector.fromArray(FLOATS, values, d + i));
      FloatVector.fromArray(FLOATS, acc, i).add(ab.add(cd)).intoArray(acc, i);
    }
  }

  private static void addOne(
      float[] values, int a, int lead, int bound, float weight, float[] acc) {
    FloatVector w = FloatVector.broadcast(FLOATS, weight);
    for (int i = lead; i < bound; i += LANES) {
      FloatVector.fromArray(FLOATS, values, a + i)
          .fma(w, FloatVector.fromArray(FLOATS, acc, i))
          .intoArray(acc, i);
    }
  }

  /**
   * Values at the head of a cell that are left to scalar code. A large float array begins 16 bytes
   * behind a cache line, so that 12 floats on, loads of 64 bytes no longer cross lines: a tenth to
   * a fifth faster.
   */
  private static int lead(int channels) {
    return LANES == 16 && channels % LANES == 0 && channels >= 256 ? 12 : 0;
  }

  @Override
  public void weightedSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] weights,
      int firstWeight,
      float[] acc) {
    int lead = lead(channels);
    int bound = lead + FLOATS.loopBound(channels - lead);
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      weightedSumOfFour(
          values, from + cell * channels, channels, lead, bound, weights, firstWeight + cell, acc);
    }
    for (; cell < cells; cell++) {
      addOne(values, from + cell * channels, lead, bound, weights[firstWeight + cell], acc);
    }
    ScalarLoops.weightedSumOf(values, from, cells, channels, 0, lead, weights, firstWeight, acc);
    ScalarLoops.weightedSumOf(
        values, from, cells, channels, bound, channels, weights, firstWeight, acc);
  }

  private static void weightedSumOfFour(
      float[] values,
      int a,
      int channels,
      int lead,
      int bound,
      float[] weights,
      int weight,
      float[] acc) {
    int b = a + channels;
    int c = b + channels;
    int d = c + channels;
    FloatVector wa = FloatVector.broadcast(FLOATS, weights[weight]);
    FloatVector wb = FloatVector.broadcast(FLOATS, weights[weight + 1]);
    FloatVector wc = FloatVector.broadcast(FLOATS, weights[weight + 2]);
    FloatVector wd = FloatVector.broadcast(FLOATS, weights[weight + 3]);
    for (int i = lead; i < bound; i += LANES) {
      FloatVector ab =
          FloatVector.fromArray(FLOATS, values, a + i)
              .fma(wa, FloatVector.fromArray(FLOATS, values, b + i).mul(wb));
      FloatVector cd =
          FloatVector.fromArray(FLOATS, values, c + i)
              .fma(wc, FloatVector.fromArray(FLOATS, values, d + i).mul(wd));
      FloatVector.fromArray(FLOATS, acc, i).add(ab.add(cd)).intoArray(acc, i);
    }
  }

  @Override
  void wholePowerSumChunk(
      float[] values, int from, int cells, int channels, int p, float eps, float[] acc) {
    int lead = lead(channels);
    int bound = lead + FLOATS.loopBound(channels - lead);
    switch (p) {
      case 1 -> clampedSum(values, from, cells, channels, lead, bound, eps, acc);
      case 2 -> squareSum(values, from, cells, channels, lead, bound, eps, acc);
      case 3 -> cubeSum(values, from, cells, channels, lead, bound, eps, acc);
      case 4 -> fourthSum(values, from, cells, channels, lead, bound, eps, acc);
      default -> throw new IllegalArgumentException("p must be 1, 2, 3 or 4 but was " + p);
    }
    ScalarLoops.wholePowerSumOf(values, from, cells, channels, 0, lead, p, eps, acc);
    ScalarLoops.wholePowerSumOf(values, from, cells, channels, bound, channels, p, eps, acc);
  }

  private static void clampedSum(
      float[] values,
      int from,
      int cells,
      int channels,
      int lead,
      int bound,
      float eps,
      float[] acc) {
    IntVector low = FloatVector.broadcast(FLOATS, eps).reinterpretAsInts();
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = lead; i < bound; i += LANES) {
        FloatVector raw = FloatVector.fromArray(FLOATS, values, a + i);
        FloatVector x = clamp(raw, low);
        raw.fma(zero, FloatVector.fromArray(FLOATS, acc, i).add(x)).intoArray(acc, i);
      }
    }
  }

  private static void squareSum(
      float[] values,
      int from,
      int cells,
      int channels,
      int lead,
      int bound,
      float eps,
      float[] acc) {
    IntVector low = FloatVector.broadcast(FLOATS, eps).reinterpretAsInts();
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = lead; i < bound; i += LANES) {
        FloatVector raw = FloatVector.fromArray(FLOATS, values, a + i);
        FloatVector x = clamp(raw, low);
        raw.fma(zero, x.fma(x, FloatVector.fromArray(FLOATS, acc, i))).intoArray(acc, i);
      }
    }
  }

  private static void cubeSum(
      float[] values,
      int from,
      int cells,
      int channels,
      int lead,
      int bound,
      float eps,
      float[] acc) {
    IntVector low = FloatVector.broadcast(FLOATS, eps).reinterpretAsInts();
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = lead; i < bound; i += LANES) {
        FloatVector raw = FloatVector.fromArray(FLOATS, values, a + i);
        FloatVector x = clamp(raw, low);
        raw.fma(zero, x.mul(x).fma(x, FloatVector.fromArray(FLOATS, acc, i))).intoArray(acc, i);
      }
    }
  }

  private static void fourthSum(
      float[] values,
      int from,
      int cells,
      int channels,
      int lead,
      int bound,
      float eps,
      float[] acc) {
    IntVector low = FloatVector.broadcast(FLOATS, eps).reinterpretAsInts();
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = lead; i < bound; i += LANES) {
        FloatVector raw = FloatVector.fromArray(FLOATS, values, a + i);
        FloatVector x = clamp(raw, low);
        FloatVector square = x.mul(x);
        raw.fma(zero, square.fma(square, FloatVector.fromArray(FLOATS, acc, i))).intoArray(acc, i);
      }
    }
  }

  /**
   * The larger of x and a positive eps, compared as whole numbers: one instruction instead of six.
   * A NaN may be lost, so callers carry it past with 0·x.
   */
  private static FloatVector clamp(FloatVector x, IntVector eps) {
    return x.reinterpretAsInts().max(eps).reinterpretAsFloats();
  }

  @Override
  void logRow(float[] values, int from, int channels, float[] shift, float eps, float[] out) {
    VectorPowers.logRow(values, from, channels, shift, eps, out);
  }

  @Override
  void powerSumRow(float[] values, int from, int channels, float[] logs, float[] p, float[] acc) {
    VectorPowers.powerSumRow(values, from, channels, logs, p, acc);
  }

  @Override
  void powerLogSumRow(float[] logs, int channels, float[] p, float[] acc) {
    VectorPowers.powerLogSumRow(logs, channels, p, acc);
  }

  @Override
  void powerRow(
      float[] values,
      int from,
      int channels,
      float[] logs,
      float[] q,
      float[] coefficient,
      float eps,
      float[] out) {
    VectorPowers.powerRow(values, from, channels, logs, q, coefficient, eps, out);
  }

  @Override
  void exp2Quotients(float[] values, int n, float[] p) {
    VectorPowers.exp2Quotients(values, n, p);
  }

  @Override
  public void countNonZero(float[] values, int from, int cells, int channels, float[] acc) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector zero = FloatVector.zero(FLOATS);
    int bound = FLOATS.loopBound(channels);
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      int i = 0;
      for (; i < bound; i += LANES) {
        FloatVector x = FloatVector.fromArray(FLOATS, values, a + i);
        FloatVector count = one.blend(zero, x.eq(zero));
        FloatVector.fromArray(FLOATS, acc, i).add(count).intoArray(acc, i);
      }
      for (; i < channels; i++) {
        acc[i] += values[a + i] == 0f ? 0f : 1f;
      }
    }
  }

  @Override
  public float total(float[] values, int from, int n) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    int bound = n - n % (2 * LANES);
    int i = 0;
    for (; i < bound; i += 2 * LANES) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, values, from + i));
      s1 = s1.add(FloatVector.fromArray(FLOATS, values, from + i + LANES));
    }
    float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      sum += values[from + i];
    }
    return sum;
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    int bound = n - n % (2 * LANES);
    int i = 0;
    for (; i < bound; i += 2 * LANES) {
      s0 =
          FloatVector.fromArray(FLOATS, a, aFrom + i)
              .fma(FloatVector.fromArray(FLOATS, b, bFrom + i), s0);
      s1 =
          FloatVector.fromArray(FLOATS, a, aFrom + i + LANES)
              .fma(FloatVector.fromArray(FLOATS, b, bFrom + i + LANES), s1);
    }
    float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      sum += a[aFrom + i] * b[bFrom + i];
    }
    return sum;
  }

  @Override
  public void addScaled(float factor, float[] values, int from, int n, float[] acc, int at) {
    FloatVector scale = FloatVector.broadcast(FLOATS, factor);
    int bound = FLOATS.loopBound(n);
    int i = 0;
    for (; i < bound; i += LANES) {
      FloatVector.fromArray(FLOATS, values, from + i)
          .mul(scale)
          .add(FloatVector.fromArray(FLOATS, acc, at + i))
          .intoArray(acc, at + i);
    }
    for (; i < n; i++) {
      acc[at + i] += factor * values[from + i];
    }
  }
}
