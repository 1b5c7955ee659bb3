// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops of the Vector API with a logarithm or an exponential, those of {@link PowerMath}.
 *
 * <p>HotSpot has a budget of nodes for what it compiles together. Such a loop takes more than half
 * of it, and beyond it vectors become objects, ten times slower. Each is therefore a method of more
 * than 325 bytes (FreqInlineSize), written out, 2^y too, so that it is compiled alone and never
 * inlined into its caller: with {@link PowerMath#exp2} called in the last loop, two would be
 * smaller.
 */
final class VectorPowers {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());
  private static final int LANES = FLOATS.length();

  private VectorPowers() {}

  /** {@link Kernels#logRow}. */
  static void logRow(
      float[] values, int from, int channels, float[] shift, float eps, float[] out) {
    IntVector low = FloatVector.broadcast(FLOATS, eps).reinterpretAsInts();
    int bound = FLOATS.loopBound(channels);
    int i = 0;
    for (; i < bound; i += LANES) {
      IntVector x = FloatVector.fromArray(FLOATS, values, from + i).reinterpretAsInts().max(low);
      IntVector bits = x.sub(PowerMath.HALF_ROOT);
      FloatVector e =
          bits.lanewise(VectorOperators.ASHR, 23)
              .add(PowerMath.ROUND_BITS)
              .reinterpretAsFloats()
              .sub(PowerMath.ROUND);
      FloatVector r = bits.and(0x7fffff).add(PowerMath.HALF_ROOT).reinterpretAsFloats().sub(1f);
      FloatVector log = FloatVector.broadcast(FLOATS, PowerMath.L8);
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L7));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L6));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L5));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L4));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L3));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L2));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L1));
      log = log.fma(r, FloatVector.broadcast(FLOATS, PowerMath.L0));
      log = log.fma(r, e);
      log.sub(FloatVector.fromArray(FLOATS, shift, i)).intoArray(out, i);
    }
    for (; i < channels; i++) {
      out[i] = PowerMath.log2(Math.max(values[from + i], eps)) - shift[i];
    }
  }

  /** {@link Kernels#powerSumRow}. */
  static void powerSumRow(
      float[] values, int from, int channels, float[] logs, float[] p, float[] acc) {
    FloatVector zero = FloatVector.zero(FLOATS);
    int bound = FLOATS.loopBound(channels);
    int i = 0;
    for (; i < bound; i += LANES) {
      FloatVector y =
          FloatVector.fromArray(FLOATS, logs, i).mul(FloatVector.fromArray(FLOATS, p, i));
      FloatVector shifted = y.add(PowerMath.ROUND);
      FloatVector f = y.sub(shifted.sub(PowerMath.ROUND));
      FloatVector q = FloatVector.broadcast(FLOATS, PowerMath.E5);
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E4));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E3));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E2));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E1));
      q = q.fma(f, FloatVector.broadcast(FLOATS, 1f));
      IntVector n =
          shifted
              .reinterpretAsInts()
              .sub(PowerMath.ROUND_BITS)
              .max(IntVector.broadcast(INTS, PowerMath.LOWEST))
              .min(IntVector.broadcast(INTS, PowerMath.HIGHEST))
              .lanewise(VectorOperators.LSHL, 23);
      FloatVector power = q.reinterpretAsInts().add(n).reinterpretAsFloats();
      FloatVector sum = FloatVector.fromArray(FLOATS, acc, i).add(power);
      // 0·x carries NaN and infinity past the bit tricks
      FloatVector.fromArray(FLOATS, values, from + i).fma(zero, sum).intoArray(acc, i);
    }
    for (; i < channels; i++) {
      float y = p[i] * logs[i];
      float shifted = y + PowerMath.ROUND;
      float f = y - (shifted - PowerMath.ROUND);
      float poly = PowerMath.E5;
      poly = poly * f + PowerMath.E4;
      poly = poly * f + PowerMath.E3;
      poly = poly * f + PowerMath.E2;
      poly = poly * f + PowerMath.E1;
      poly = poly * f + 1f;
      int n = Float.floatToRawIntBits(shifted) - PowerMath.ROUND_BITS;
      n = Math.min(PowerMath.HIGHEST, Math.max(PowerMath.LOWEST, n));
      float power = Float.intBitsToFloat(Float.floatToRawIntBits(poly) + (n << 23));
      acc[i] += power + 0f * values[from + i];
    }
  }

  /** {@link Kernels#powerLogSumRow}. */
  static void powerLogSumRow(float[] logs, int channels, float[] p, float[] acc) {
    int bound = FLOATS.loopBound(channels);
    int i = 0;
    for (; i < bound; i += LANES) {
      FloatVector log = FloatVector.fromArray(FLOATS, logs, i);
      FloatVector y = log.mul(FloatVector.fromArray(FLOATS, p, i));
      FloatVector shifted = y.add(PowerMath.ROUND);
      FloatVector f = y.sub(shifted.sub(PowerMath.ROUND));
      FloatVector q = FloatVector.broadcast(FLOATS, PowerMath.E5);
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E4));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E3));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E2));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E1));
      q = q.fma(f, FloatVector.broadcast(FLOATS, 1f));
      IntVector n =
          shifted
              .reinterpretAsInts()
              .sub(PowerMath.ROUND_BITS)
              .max(IntVector.broadcast(INTS, PowerMath.LOWEST))
              .min(IntVector.broadcast(INTS, PowerMath.HIGHEST))
              .lanewise(VectorOperators.LSHL, 23);
      FloatVector power = q.reinterpretAsInts().add(n).reinterpretAsFloats();
      power.fma(log, FloatVector.fromArray(FLOATS, acc, i)).intoArray(acc, i);
    }
    for (; i < channels; i++) {
      float y = p[i] * logs[i];
      float shifted = y + PowerMath.ROUND;
      float f = y - (shifted - PowerMath.ROUND);
      float poly = PowerMath.E5;
      poly = poly * f + PowerMath.E4;
      poly = poly * f + PowerMath.E3;
      poly = poly * f + PowerMath.E2;
      poly = poly * f + PowerMath.E1;
      poly = poly * f + 1f;
      int n = Float.floatToRawIntBits(shifted) - PowerMath.ROUND_BITS;
      n = Math.min(PowerMath.HIGHEST, Math.max(PowerMath.LOWEST, n));
      float power = Float.intBitsToFloat(Float.floatToRawIntBits(poly) + (n << 23));
      acc[i] += power * logs[i];
    }
  }

  /** {@link Kernels#powerRow}. */
  static void powerRow(
      float[] values,
      int from,
      int channels,
      float[] logs,
      float[] q,
      float[] coefficient,
      float eps,
      float[] out) {
    FloatVector low = FloatVector.broadcast(FLOATS, eps);
    FloatVector zero = FloatVector.zero(FLOATS);
    int bound = FLOATS.loopBound(channels);
    int i = 0;
    for (; i < bound; i += LANES) {
      FloatVector y =
          FloatVector.fromArray(FLOATS, logs, i).mul(FloatVector.fromArray(FLOATS, q, i));
      FloatVector shifted = y.add(PowerMath.ROUND);
      FloatVector f = y.sub(shifted.sub(PowerMath.ROUND));
      FloatVector poly = FloatVector.broadcast(FLOATS, PowerMath.E5);
      poly = poly.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E4));
      poly = poly.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E3));
      poly = poly.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E2));
      poly = poly.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E1));
      poly = poly.fma(f, FloatVector.broadcast(FLOATS, 1f));
      IntVector n =
          shifted
              .reinterpretAsInts()
              .sub(PowerMath.ROUND_BITS)
              .max(IntVector.broadcast(INTS, PowerMath.LOWEST))
              .min(IntVector.broadcast(INTS, PowerMath.HIGHEST))
              .lanewise(VectorOperators.LSHL, 23);
      FloatVector power = poly.reinterpretAsInts().add(n).reinterpretAsFloats();
      power
          .mul(FloatVector.fromArray(FLOATS, coefficient, i))
          .blend(zero, FloatVector.fromArray(FLOATS, values, from + i).lt(low))
          .intoArray(out, from + i);
    }
    for (; i < channels; i++) {
      out[from + i] = values[from + i] < eps ? 0f : coefficient[i] * PowerMath.exp2(q[i] * logs[i]);
    }
  }

  /** {@link Kernels#exp2Quotients}. */
  static void exp2Quotients(float[] values, int n, float[] p) {
    int bound = FLOATS.loopBound(n);
    int i = 0;
    for (; i < bound; i += LANES) {
      FloatVector y =
          FloatVector.fromArray(FLOATS, values, i).div(FloatVector.fromArray(FLOATS, p, i));
      FloatVector shifted = y.add(PowerMath.ROUND);
      FloatVector f = y.sub(shifted.sub(PowerMath.ROUND));
      FloatVector q = FloatVector.broadcast(FLOATS, PowerMath.E5);
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E4));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E3));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E2));
      q = q.fma(f, FloatVector.broadcast(FLOATS, PowerMath.E1));
      q = q.fma(f, FloatVector.broadcast(FLOATS, 1f));
      IntVector exponent =
          shifted
              .reinterpretAsInts()
              .sub(PowerMath.ROUND_BITS)
              .max(IntVector.broadcast(INTS, PowerMath.LOWEST))
              .min(IntVector.broadcast(INTS, PowerMath.HIGHEST))
              .lanewise(VectorOperators.LSHL, 23);
      FloatVector power = q.reinterpretAsInts().add(exponent).reinterpretAsFloats();
      power.intoArray(values, i);
    }
    for (; i < n; i++) {
      values[i] = PowerMath.exp2(values[i] / p[i]);
    }
  }
}
