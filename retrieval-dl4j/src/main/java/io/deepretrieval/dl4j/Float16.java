// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

/** IEEE 754 binary16, which Java has since 20 only. */
final class Float16 {
  private Float16() {}

  /** Widens; exact for every value, NaN stays NaN. */
  static float toFloat(short half) {
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
}
