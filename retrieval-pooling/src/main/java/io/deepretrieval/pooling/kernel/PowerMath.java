// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

/**
 * Base-2 logarithm and exponential in float, by range reduction and a polynomial.
 *
 * <p>log2: x = 2^e·m with m in [√½, √2), log2 x = e + r·P(r), r = m - 1, P of degree 8 (minimax
 * error 4·10⁻⁸). exp2: y = n + f with n the nearest whole number, 2^y = 2^n·Q(f), Q of degree 5
 * (minimax error 8·10⁻⁸). The logarithm of 1 is exactly 0 and 2^0 exactly 1.
 */
final class PowerMath {
  /** Bits of √½, the lower end of the mantissa. */
  static final int HALF_ROOT = 0x3f3504f3;

  /** 1.5·2²³: a float near it has its unit in the last bit, so adding it rounds. */
  static final float ROUND = 12582912f;

  /** Bits of {@link #ROUND}. */
  static final int ROUND_BITS = 0x4b400000;

  /** Smallest exponent of a normal float. */
  static final int LOWEST = -126;

  /** Largest exponent of a float. */
  static final int HIGHEST = 127;

  /* Coefficients of P and Q, lowest first, from a least-squares fit with Lawson weights. */
  static final float L0 = 1.4426950f;
  static final float L1 = -0.7213472f;
  static final float L2 = 0.48091027f;
  static final float L3 = -0.36071625f;
  static final float L4 = 0.28793907f;
  static final float L5 = -0.2386758f;
  static final float L6 = 0.21521251f;
  static final float L7 = -0.20893306f;
  static final float L8 = 0.12926264f;
  static final float E1 = 0.69314724f;
  static final float E2 = 0.24022107f;
  static final float E3 = 0.055502973f;
  static final float E4 = 0.009676036f;
  static final float E5 = 0.001341f;

  private PowerMath() {}

  /** Base-2 logarithm of a positive, normal number. */
  static float log2(float x) {
    int bits = Float.floatToRawIntBits(x) - HALF_ROOT;
    float e = bits >> 23;
    float r = Float.intBitsToFloat((bits & 0x7fffff) + HALF_ROOT) - 1f;
    float poly =
        ((((((((L8 * r + L7) * r + L6) * r + L5) * r + L4) * r + L3) * r + L2) * r + L1) * r + L0);
    return r * poly + e;
  }

  /**
   * 2^y. Where the whole part of y is outside [-126, 127] the result is about 2^-126 or 2^127; y
   * below -2²² gives a small, above 2²² a large number.
   */
  static float exp2(float y) {
    float shifted = y + ROUND;
    float f = y - (shifted - ROUND);
    float q = ((((E5 * f + E4) * f + E3) * f + E2) * f + E1) * f + 1f;
    int n = Float.floatToRawIntBits(shifted) - ROUND_BITS;
    n = Math.min(HIGHEST, Math.max(LOWEST, n));
    return Float.intBitsToFloat(Float.floatToRawIntBits(q) + (n << 23));
  }
}
