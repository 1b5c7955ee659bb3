// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

/**
 * Conversion between {@code float} and IEEE 754 binary16, the half precision of networks: 1 sign, 5
 * exponent and 10 fraction bits, largest finite value 65,504, least positive one 2^-24. Java has it
 * since 20 only.
 */
public final class Float16 {
  private Float16() {}

  /**
   * Widens a half to a float. Exact for every value, subnormal ones too.
   *
   * @param half the 16 bits of the number
   * @return its value; zero and infinity keep their sign, NaN stays NaN
   */
  public static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1F;
    int mantissa = half & 0x3FF;
    if (exponent == 0x1F) {
      return Float.intBitsToFloat(sign | 0x7F800000 | (mantissa << 13));
    }
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }

  /**
   * Rounds a float to the nearest half, ties to even.
   *
   * @param value any number
   * @return the 16 bits of the half; infinity with the sign of the value from a magnitude of 65,520
   *     on, zero with its sign up to 2^-25, a quiet NaN for NaN
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & Integer.MAX_VALUE;
    if (magnitude > 0x7F800000) {
      return (short) (sign | 0x7E00);
    }
    if (magnitude >= 0x477FF000) {
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x38800000) {
      // Below the normal range the unit is 2^-24; rint rounds ties to even.
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
    }
    int odd = magnitude >>> 13 & 1;
    return (short) (sign | ((magnitude - 0x38000000 + 0xFFF + odd) >>> 13));
  }
}
