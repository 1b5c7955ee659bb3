// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.FeatureMap;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An output {@code [1,C,H,W]}.
 *
 * @param file for messages
 */
record SpatialLayout(Path file) implements OutputLayout {
  @Override
  public int patch() {
    return 1;
  }

  @Override
  public FeatureMap map(long[] shape, float[] values, int height, int width) {
    if (shape.length != 4 || shape[0] != 1) {
      throw new IllegalStateException(
          "ONNX file " + file + " must give [1,C,H,W] but gave " + Arrays.toString(shape));
    }
    int channels = (int) shape[1];
    int rows = (int) shape[2];
    int columns = (int) shape[3];
    return FeatureMap.ofOwned(
        channels, rows, columns, Planes.toChannelsLast(values, channels, rows * columns));
  }
}
