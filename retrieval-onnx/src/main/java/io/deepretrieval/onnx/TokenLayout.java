// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.FeatureMap;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An output {@code [1,T,C]}: tokens for the whole image, then one for each patch, row by row.
 *
 * @param file for messages
 * @param patch side of a patch in pixels
 * @param prefix tokens before the patches, or less than 0 for 0, 1 or 5 as the output shows
 */
record TokenLayout(Path file, int patch, int prefix) implements OutputLayout {
  @Override
  public FeatureMap map(long[] shape, float[] values, int height, int width) {
    int rows = height / patch;
    int columns = width / patch;
    long front = shape.length == 3 ? shape[1] - (long) rows * columns : -1;
    boolean holds = prefix >= 0 ? front == prefix : front == 0 || front == 1 || front == 5;
    if (shape.length != 3 || shape[0] != 1 || !holds) {
      throw new IllegalStateException(
          "ONNX file "
              + file
              + " must give [1,T,C] with T = "
              + (prefix >= 0 ? Integer.toString(prefix) : "0, 1 or 5")
              + " + "
              + rows
              + "*"
              + columns
              + " for "
              + width
              + "x"
              + height
              + " in patches of "
              + patch
              + " but gave "
              + Arrays.toString(shape));
    }
    int channels = (int) shape[2];
    return FeatureMap.ofOwned(
        channels, rows, columns, Arrays.copyOfRange(values, (int) front * channels, values.length));
  }
}
