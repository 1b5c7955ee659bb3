// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import io.deepretrieval.RgbImage;

/** Brightness, contrast and saturation. */
final class Colors {
  /** Weights of luma, ITU-R BT.601. */
  private static final float RED = 0.299f;

  private static final float GREEN = 0.587f;
  private static final float BLUE = 0.114f;

  private Colors() {}

  static RgbImage vary(RgbImage image, double brightness, double contrast, double saturation) {
    byte[] rgb = new byte[3 * image.width() * image.height()];
    image.copyTo(rgb, 0);
    // A byte has 256 values: brightness is a table.
    float[] bright = new float[256];
    for (int v = 0; v < bright.length; v++) {
      bright[v] = cut((float) (v * brightness));
    }
    float mean = contrast == 1 ? 0 : meanLuma(rgb, bright);
    float c = (float) contrast;
    float s = (float) saturation;
    float[] level = new float[256];
    for (int v = 0; v < level.length; v++) {
      level[v] = c == 1 ? bright[v] : cut(mean + c * (bright[v] - mean));
    }
    for (int i = 0; i < rgb.length; i += 3) {
      float red = level[rgb[i] & 0xFF];
      float green = level[rgb[i + 1] & 0xFF];
      float blue = level[rgb[i + 2] & 0xFF];
      float luma = RED * red + GREEN * green + BLUE * blue;
      rgb[i] = rounded(luma + s * (red - luma));
      rgb[i + 1] = rounded(luma + s * (green - luma));
      rgb[i + 2] = rounded(luma + s * (blue - luma));
    }
    return RgbImage.copyOf(image.width(), image.height(), rgb);
  }

  private static float meanLuma(byte[] rgb, float[] level) {
    double sum = 0;
    for (int i = 0; i < rgb.length; i += 3) {
      sum +=
          RED * level[rgb[i] & 0xFF]
              + GREEN * level[rgb[i + 1] & 0xFF]
              + BLUE * level[rgb[i + 2] & 0xFF];
    }
    return (float) (sum / (rgb.length / 3.0));
  }

  private static float cut(float value) {
    return Math.min(255, Math.max(0, value));
  }

  private static byte rounded(float value) {
    return (byte) (int) (cut(value) + 0.5f);
  }
}
