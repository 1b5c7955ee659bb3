// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * Turns a feature map {@code [C,H,W]} into a vector {@code [D]}.
 *
 * <p>Implementations are stateless and thread-safe. The result is <em>not</em> L2-normalised:
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
   * @throws IllegalArgumentException if the pooling does not fit that number of channels
   */
  int dimension(int channels);

  /**
   * Pools a map.
   *
   * @param map {@code [C,H,W]} (not modified)
   * @return a new array {@code [D]} of finite values
   * @throws IllegalArgumentException if the pooling does not fit the map, or the map holds NaN or
   *     values so large that the result is not finite; the message names the channel
   */
  float[] pool(FeatureMap map);
}
