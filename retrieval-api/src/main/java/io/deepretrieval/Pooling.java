// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Optional;

/**
 * Turns a feature map {@code [C,H,W]} into a vector {@code [D]}.
 *
 * <p>Implementations are stateless and thread-safe. The result is <em>not</em> L2-normalized:
 * {@link DescriptorExtractor} does that. Contract test: {@code
 * io.deepretrieval.testkit.PoolingContract}.
 */
public interface Pooling {
  /**
   * Returns the name and the parameters in one line, the part of a recipe.
   *
   * @return for instance {@code gem p=3.0}; without {@code ;}
   */
  String recipe();

  /**
   * Returns D for a number of channels, so that a pipeline can be checked before an image runs.
   *
   * @param channels C, at least 1
   * @return D, at least 1
   * @throws IllegalArgumentException if the pooling does not fit that number of channels; the
   *     message shows it
   */
  int dimension(int channels);

  /**
   * Pools a map.
   *
   * @param map {@code [C,H,W]} (not modified)
   * @return a new array {@code [D]} of finite values
   * @throws IllegalArgumentException if the pooling does not fit the map, or the map holds NaN or
   *     values so large that the result is not finite; the message then names the channel, from 0,
   *     as {@code channel 7}
   */
  float[] pool(FeatureMap map);

  /**
   * Splits an inner product with the result over the cells of the map, to show where in an image a
   * similarity comes from. Where the result is a sum over cells, a share is what the cell adds;
   * where it is not, the pooling states what a share is. The shares always sum to ⟨direction,
   * pool(map)⟩ up to the rounding of float.
   *
   * @param map {@code [C,H,W]} (not modified)
   * @param direction what the result is multiplied with, {@code [D]} (not modified)
   * @return a new array of H·W shares, row by row; empty, as by default, if the pooling cannot tell
   * @throws IllegalArgumentException if the pooling does not fit the map or direction has not D
   *     values; the message then shows both numbers
   */
  default Optional<double[]> contributions(FeatureMap map, double[] direction) {
    return Optional.empty();
  }
}
