// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

/** Sums and maxima of some channels in plain Java, which all kernels share. */
final class ScalarLoops {
  private ScalarLoops() {}

  /** {@link Kernels#maxExact} of the channels in [low, high). */
  static void maxOf(
      float[] values, int from, int cells, int channels, int low, int high, float[] acc, int at) {
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      int a = from + cell * channels;
      int b = a + channels;
      int c = b + channels;
      int d = c + channels;
      for (int i = low; i < high; i++) {
        float ab = Math.max(values[a + i], values[b + i]);
        float cd = Math.max(values[c + i], values[d + i]);
        acc[at + i] = Math.max(acc[at + i], Math.max(ab, cd));
      }
    }
    for (; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = low; i < high; i++) {
        acc[at + i] = Math.max(acc[at + i], values[a + i]);
      }
    }
  }

  /** {@link Kernels#sumChunk} of the channels in [low, high). */
  static void sumOf(
      float[] values, int from, int cells, int channels, int low, int high, float[] acc) {
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      int a = from + cell * channels;
      int b = a + channels;
      int c = b + channels;
      int d = c + channels;
      for (int i = low; i < high; i++) {
        acc[i] += (values[a + i] + values[b + i]) + (values[c + i] + values[d + i]);
      }
    }
    for (; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = low; i < high; i++) {
        acc[i] += values[a + i];
      }
    }
  }

  /** {@link Kernels#weightedSumChunk} of the channels in [low, high). */
  static void weightedSumOf(
      float[] values,
      int from,
      int cells,
      int channels,
      int low,
      int high,
      float[] weights,
      int firstWeight,
      float[] acc) {
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      int a = from + cell * channels;
      int b = a + channels;
      int c = b + channels;
      int d = c + channels;
      float wa = weights[firstWeight + cell];
      float wb = weights[firstWeight + cell + 1];
      float wc = weights[firstWeight + cell + 2];
      float wd = weights[firstWeight + cell + 3];
      for (int i = low; i < high; i++) {
        acc[i] +=
            (wa * values[a + i] + wb * values[b + i]) + (wc * values[c + i] + wd * values[d + i]);
      }
    }
    for (; cell < cells; cell++) {
      int a = from + cell * channels;
      float w = weights[firstWeight + cell];
      for (int i = low; i < high; i++) {
        acc[i] += w * values[a + i];
      }
    }
  }

  /** {@link Kernels#wholePowerSumChunk} of the channels in [low, high). */
  static void wholePowerSumOf(
      float[] values,
      int from,
      int cells,
      int channels,
      int low,
      int high,
      int p,
      float eps,
      float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      // 0·raw carries infinity past the clamp, as the vector kernels do
      switch (p) {
        case 1 -> {
          for (int i = low; i < high; i++) {
            float raw = values[a + i];
            acc[i] += Math.max(raw, eps) + 0f * raw;
          }
        }
        case 2 -> {
          for (int i = low; i < high; i++) {
            float raw = values[a + i];
            float x = Math.max(raw, eps);
            acc[i] += x * x + 0f * raw;
          }
        }
        case 3 -> {
          for (int i = low; i < high; i++) {
            float raw = values[a + i];
            float x = Math.max(raw, eps);
            acc[i] += x * x * x + 0f * raw;
          }
        }
        case 4 -> {
          for (int i = low; i < high; i++) {
            float raw = values[a + i];
            float x = Math.max(raw, eps);
            acc[i] += (x * x) * (x * x) + 0f * raw;
          }
        }
        default -> throw new IllegalArgumentException("p must be 1, 2, 3 or 4 but was " + p);
      }
    }
  }
}
