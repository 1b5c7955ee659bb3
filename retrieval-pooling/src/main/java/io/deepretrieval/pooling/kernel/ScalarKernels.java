// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.kernel;

/** Plain Java loops; the JIT compiler vectorizes those without logarithms. */
final class ScalarKernels extends Kernels {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public float maxFast(float[] values, int from, int cells, int channels, float[] acc, int at) {
    maxExact(values, from, cells, channels, acc, at);
    return 0;
  }

  @Override
  void sumChunk(float[] values, int from, int cells, int channels, float[] acc) {
    ScalarLoops.sumOf(values, from, cells, channels, 0, channels, acc);
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
    ScalarLoops.weightedSumOf(
        values, from, cells, channels, 0, channels, weights, firstWeight, acc);
  }

  @Override
  void wholePowerSumChunk(
      float[] values, int from, int cells, int channels, int p, float eps, float[] acc) {
    ScalarLoops.wholePowerSumOf(values, from, cells, channels, 0, channels, p, eps, acc);
  }

  @Override
  void logRow(float[] values, int from, int channels, float[] shift, float eps, float[] out) {
    for (int i = 0; i < channels; i++) {
      out[i] = PowerMath.log2(Math.max(values[from + i], eps)) - shift[i];
    }
  }

  @Override
  void powerSumRow(float[] values, int from, int channels, float[] logs, float[] p, float[] acc) {
    for (int i = 0; i < channels; i++) {
      acc[i] += PowerMath.exp2(p[i] * logs[i]) + 0f * values[from + i];
    }
  }

  @Override
  void powerLogSumRow(float[] logs, int channels, float[] p, float[] acc) {
    for (int i = 0; i < channels; i++) {
      acc[i] += PowerMath.exp2(p[i] * logs[i]) * logs[i];
    }
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
    for (int i = 0; i < channels; i++) {
      out[from + i] = values[from + i] < eps ? 0f : coefficient[i] * PowerMath.exp2(q[i] * logs[i]);
    }
  }

  @Override
  void exp2Quotients(float[] values, int n, float[] p) {
    for (int i = 0; i < n; i++) {
      values[i] = PowerMath.exp2(values[i] / p[i]);
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
  public void addScaled(float factor, float[] values, int from, int n, float[] acc, int at) {
    for (int i = 0; i < n; i++) {
      acc[at + i] += factor * values[from + i];
    }
  }
}
