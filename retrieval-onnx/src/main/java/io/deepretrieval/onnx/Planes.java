// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

/** Turns planes into channels-last order. */
final class Planes {
  private static final int BLOCK = 16;

  private Planes() {}

  /** Returns {@code [cells,C]} of {@code [C,cells]}, by blocks that fit in the cache. */
  static float[] toChannelsLast(float[] planes, int channels, int cells) {
    float[] out = new float[planes.length];
    for (int c0 = 0; c0 < channels; c0 += BLOCK) {
      int c1 = Math.min(channels, c0 + BLOCK);
      for (int i0 = 0; i0 < cells; i0 += BLOCK) {
        int i1 = Math.min(cells, i0 + BLOCK);
        for (int i = i0; i < i1; i++) {
          for (int c = c0; c < c1; c++) {
            out[i * channels + c] = planes[c * cells + i];
          }
        }
      }
    }
    return out;
  }
}
