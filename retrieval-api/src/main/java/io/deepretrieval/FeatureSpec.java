// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * The shape of what a backbone yields.
 *
 * @param channels C of its maps, at least 1
 * @param stride pixels of the input between two neighboring cells, at least 1
 */
public record FeatureSpec(int channels, int stride) {
  /**
   * Checks the numbers.
   *
   * @param channels C of its maps, at least 1
   * @param stride pixels of the input between two neighboring cells, at least 1
   * @throws IllegalArgumentException if one is less than 1
   */
  public FeatureSpec {
    if (channels < 1 || stride < 1) {
      throw new IllegalArgumentException(
          "feature channels and stride must be at least 1 but were " + channels + " and " + stride);
    }
  }
}
