// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import java.util.Optional;

/**
 * Neural codes: the activations of a fully connected layer, or of the last convolution flattened,
 * as they are.
 *
 * <p>Takes maps of one fixed size, {@code [C,h,w]}, and gives {@code [C·h·w]} in channels-first
 * order, the order of PyTorch's {@code flatten}. A fully connected layer (fc6, fc7) is a map of 1 x
 * 1; the published network sees every image at 224 x 224. No kinks, no cost. NaN and infinite
 * values are refused.
 *
 * @see "Babenko, Slesarev, Chigorin, Lempitsky: Neural codes for image retrieval, ECCV 2014,
 *     arXiv:1404.1777"
 */
public final class NeuralCodesPooling implements DifferentiablePooling {
  private final int height;
  private final int width;

  /**
   * Makes the codes of a convolution (layer 5 of the paper: 6 x 6 of 256 channels).
   *
   * @param height h, at least 1
   * @param width w, at least 1
   * @throws IllegalArgumentException if a size is less than 1
   */
  public NeuralCodesPooling(int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "map of neural codes must be at least [1,1] but was [" + height + "," + width + "]");
    }
    this.height = height;
    this.width = width;
  }

  /** Makes the codes of a fully connected layer. */
  public NeuralCodesPooling() {
    this(1, 1);
  }

  @Override
  public String recipe() {
    return "neural-codes map=" + height + "x" + width;
  }

  @Override
  public int dimension(int channels) {
    return Math.multiplyExact(FiniteCheck.requireChannels(channels), height * width);
  }

  @Override
  public float[] pool(FeatureMap map) {
    requireSize(map);
    return FiniteCheck.require(map.toChannelsFirst(), map, this);
  }

  private void requireSize(FeatureMap map) {
    if (map.height() != height || map.width() != width) {
      throw new IllegalArgumentException(
          String.format(
              "map of neural codes must be [%d,%d,%d] but was [%d,%d,%d]; all images must have the"
                  + " size that the layer was trained for",
              map.channels(), height, width, map.channels(), map.height(), map.width()));
    }
  }

  @Override
  public PoolingGradient backward(FeatureMap map, float[] upstream) {
    requireSize(map);
    FiniteCheck.requireUpstream(upstream, dimension(map.channels()));
    return new PoolingGradient(
        FeatureMap.copyOfChannelsFirst(map.channels(), height, width, upstream), new float[0]);
  }

  /** The share of a cell is what its channels add. */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    requireSize(map);
    int cells = height * width;
    FiniteCheck.requireDirection(direction, dimension(map.channels()));
    double[] shares = new double[cells];
    for (int i = 0; i < direction.length; i++) {
      float value = map.at(i / cells, i % cells / width, i % width);
      shares[i % cells] += direction[i] * value;
    }
    return Optional.of(shares);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
