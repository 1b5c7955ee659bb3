// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Numbers of {@code benchmarks/peers/parity.py}, which a formula gives. */
public final class FormulaValues {
  private FormulaValues() {}

  /** Number {@code index} of a name, in [0, 1). */
  public static double uniform(long seed, int index) {
    long z = seed + (index + 1L) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 40) * 0x1p-24;
  }

  public static long seed(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue() * 0x9E3779B97F4A7C15L;
  }

  public static float[] between(String name, int count, double low, double high) {
    long seed = seed(name);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (low + (high - low) * uniform(seed, i));
    }
    return values;
  }
}
