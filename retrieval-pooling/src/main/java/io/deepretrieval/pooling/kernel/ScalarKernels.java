// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

/**
 * Plain Java loops; the JIT compiler vectorises those without logarithms.
 *
 * <p>Four cells are taken at a time so that an accumulator is loaded and stored once for them.
 */
final class ScalarKernels extends Kernels {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void max(float[] values, int from, int cells, int channels, float[] acc, int at) {
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      int a = from + cell * channels;
      int b = a + channels;
      int c = b + channels;
      int d = c + channels;
      for (int i = 0; i < channels; i++) {
        float ab = Math.max(values[a + i], values[b + i]);
        float cd = Math.max(values[c + i], values[d + i]);
        acc[at + i] = Math.max(acc[at + i], Math.max(ab, cd));
      }
    }
    for (; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        acc[at + i] = Math.max(acc[at + i], values[a + i]);
      }
    }
  }

  @Override
  void sumChunk(float[] values, int from, int cells, int channels, float[] acc) {
    int cell = 0;
    for (; cell + 4 <= cells; cell += 4) {
      int a = from + cell * channels;
      int b = a + channels;
      int c = b + channels;
      int d = c + channels;
      for (int i = 0; i < channels; i++) {
        acc[i] += (values[a + i] + values[b + i]) + (values[c + i] + values[d + i]);
      }
    }
    for (; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        acc[i] += values[a + i];
      }
    }
  }

  @Override
  void weightedSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
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
      for (int i = 0; i < channels; i++) {
        acc[i] +=
            (wa * values[a + i] + wb * values[b + i]) + (wc * values[c + i] + wd * values[d + i]);
      }
    }
    for (; cell < cells; cell++) {
      addScaled(weights[firstWeight + cell], values, from + cell * channels, channels, acc);
    }
  }

  @Override
  void wholePowerSumChunk(
      float[] values, int from, int cells, int channels, int p, float eps, float[] acc) {
    switch (p) {
      case 1 -> clampedSum(values, from, cells, channels, eps, acc);
      case 2 -> squareSum(values, from, cells, channels, eps, acc);
      case 3 -> cubeSum(values, from, cells, channels, eps, acc);
      case 4 -> fourthSum(values, from, cells, channels, eps, acc);
      default -> throw new IllegalArgumentException("p must be 1, 2, 3 or 4 but was " + p);
    }
  }

  private static void clampedSum(
      float[] values, int from, int cells, int channels, float eps, float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        acc[i] += Math.max(values[a + i], eps);
      }
    }
  }

  private static void squareSum(
      float[] values, int from, int cells, int channels, float eps, float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        float x = Math.max(values[a + i], eps);
        acc[i] += x * x;
      }
    }
  }

  private static void cubeSum(
      float[] values, int from, int cells, int channels, float eps, float[] acc) {
    int cell = 0;
    for (; cell + 2 <= cells; cell += 2) {
      int a = from + cell * channels;
      int b = a + channels;
      for (int i = 0; i < channels; i++) {
        float x = Math.max(values[a + i], eps);
        float y = Math.max(values[b + i], eps);
        acc[i] += x * x * x + y * y * y;
      }
    }
    if (cell < cells) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        float x = Math.max(values[a + i], eps);
        acc[i] += x * x * x;
      }
    }
  }

  private static void fourthSum(
      float[] values, int from, int cells, int channels, float eps, float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        float x = Math.max(values[a + i], eps);
        acc[i] += (x * x) * (x * x);
      }
    }
  }

  @Override
  void powerSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] p,
      float[] shift,
      float eps,
      float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        float x = Math.max(values[a + i], eps);
        // 0·x carries NaN and infinity past the bit tricks
        acc[i] += PowerMath.exp2(p[i] * (PowerMath.log2(x) - shift[i])) + 0f * x;
      }
    }
  }

  @Override
  void powerLogSumChunk(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] p,
      float[] shift,
      float eps,
      float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        float log = PowerMath.log2(Math.max(values[a + i], eps)) - shift[i];
        acc[i] += PowerMath.exp2(p[i] * log) * log;
      }
    }
  }

  @Override
  public void power(
      float[] values,
      int from,
      int cells,
      int channels,
      float[] q,
      float[] shift,
      float[] coefficient,
      float eps,
      float[] out) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        float x = values[a + i];
        out[a + i] =
            x < eps ? 0f : coefficient[i] * PowerMath.exp2(q[i] * (PowerMath.log2(x) - shift[i]));
      }
    }
  }

  @Override
  public void root(float[] values, int n, float scale, float[] p) {
    for (int i = 0; i < n; i++) {
      values[i] = PowerMath.exp2(PowerMath.log2(values[i] * scale) / p[i]);
    }
  }

  @Override
  public void log2(float[] values, int n, float[] out) {
    for (int i = 0; i < n; i++) {
      out[i] = PowerMath.log2(values[i]);
    }
  }

  @Override
  public void countNonZero(float[] values, int from, int cells, int channels, float[] acc) {
    for (int cell = 0; cell < cells; cell++) {
      int a = from + cell * channels;
      for (int i = 0; i < channels; i++) {
        acc[i] += values[a + i] == 0f ? 0f : 1f;
      }
    }
  }

  @Override
  public float total(float[] values, int from, int n) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      a += values[from + i];
      b += values[from + i + 1];
      c += values[from + i + 2];
      d += values[from + i + 3];
    }
    for (; i < n; i++) {
      a += values[from + i];
    }
    return (a + b) + (c + d);
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      s0 += a[aFrom + i] * b[bFrom + i];
      s1 += a[aFrom + i + 1] * b[bFrom + i + 1];
      s2 += a[aFrom + i + 2] * b[bFrom + i + 2];
      s3 += a[aFrom + i + 3] * b[bFrom + i + 3];
    }
    for (; i < n; i++) {
      s0 += a[aFrom + i] * b[bFrom + i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public void addScaled(float factor, float[] values, int from, int n, float[] acc) {
    for (int i = 0; i < n; i++) {
      acc[i] += factor * values[from + i];
    }
  }
}
