// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.FeatureMap;

/** How the numbers of an output become a map. Thread-safe. */
interface OutputLayout {
  /** Images are cut to whole multiples of this, in pixels. */
  int patch();

  /**
   * Makes a map.
   *
   * @param shape of the output
   * @param values of the output, which are given away
   * @param height rows of the input
   * @param width columns of the input
   * @return the map
   * @throws IllegalStateException if the shape does not fit
   */
  FeatureMap map(long[] shape, float[] values, int height, int width);
}
