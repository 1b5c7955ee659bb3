// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import io.deepretrieval.pooling.RegionGrid.Region;
import io.deepretrieval.pooling.kernel.Kernels;
import java.util.Optional;

/**
 * MAC, the maximum activation of convolutions: f_c = max_{y,x} x_{c,y,x}.
 *
 * <p>{@code [C,H,W]} gives {@code [C]}. Negative values count like others; a dead channel gives 0
 * for a map after ReLU. NaN and +∞ are refused. The gradient goes to the first maximum in row-major
 * order. Cost: one pass over the map.
 *
 * @see "Razavian, Sullivan, Carlsson, Maki: Visual instance retrieval with deep convolutional
 *     networks, 2014, arXiv:1412.6574"
 */
public final class MacPooling implements DifferentiablePooling {
  private final Kernels kernels = Kernels.get();

  /** Makes the pooling; it has no options. */
  public MacPooling() {}

  @Override
  public String recipe() {
    return "mac";
  }

  @Override
  public int dimension(int channels) {
    return FiniteCheck.requireChannels(channels);
  }

  @Override
  public float[] pool(FeatureMap map) {
    float[] result = new float[map.channels()];
    Maxima.of(kernels, map, result);
    return FiniteCheck.require(result, map, this);
  }

  @Override
  public PoolingGradient backward(FeatureMap map, float[] upstream) {
    FiniteCheck.requireUpstream(upstream, map.channels());
    float[] max = pool(map);
    float[] values = map.sharedValues();
    int channels = max.length;
    int[] first = new int[channels];
    for (int base = values.length - channels; base >= 0; base -= channels) {
      for (int c = 0; c < channels; c++) {
        if (values[base + c] == max[c]) {
          first[c] = base + c;
        }
      }
    }
    float[] gradient = new float[values.length];
    for (int c = 0; c < channels; c++) {
      gradient[first[c]] = upstream[c];
    }
    return new PoolingGradient(
        FeatureMap.ofOwned(channels, map.height(), map.width(), gradient), new float[0]);
  }

  /** A maximum belongs to the first cell, row by row, that has it. */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    FiniteCheck.requireDirection(direction, map.channels());
    double[] shares = new double[map.height() * map.width()];
    Maxima.share(map, new Region(0, 0, map.height(), map.width()), direction, shares);
    return Optional.of(shares);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
