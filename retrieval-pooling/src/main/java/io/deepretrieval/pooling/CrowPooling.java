// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import io.deepretrieval.pooling.kernel.Kernels;
import io.deepretrieval.pooling.kernel.Scratch;
import java.util.Arrays;
import java.util.Optional;

/**
 * CroW, cross-dimensional weighting: f_c = I_c Σ_{y,x} S'_{y,x} x_{c,y,x}.
 *
 * <p>{@code [C,H,W]} gives {@code [C]}. Spatial weights S' = (S/(Σ S²)^½)^½ with S the sum over
 * channels, so that cells with much activation count more. Channel weights I_c = ln(Σ_h Q_h / Q_c)
 * with Q_c the share of cells where channel c is not 0, so that rare channels count more.
 *
 * <p><b>Numbers.</b> I_c is 0 for a dead channel; if every channel but one is dead all weights are
 * 0 and so is the result, as it is for a dead map: a descriptor cannot be made of it. A cell whose
 * S is negative, which a map behind a ReLU has not, has the weight 0. NaN and infinite values are
 * refused. Counts are piecewise constant, so the gradient goes through S' and x only; it is left
 * out through S' where S is 0, where it would be infinite.
 *
 * <p>Cost: two passes over the map.
 *
 * @see "Kalantidis, Mellina, Osindero: Cross-dimensional weighting for aggregated deep
 *     convolutional features, ECCV workshops 2016, arXiv:1512.04065"
 */
public final class CrowPooling implements DifferentiablePooling {
  private final Kernels kernels = Kernels.get();

  /** Makes the pooling; it has no options. */
  public CrowPooling() {}

  @Override
  public String recipe() {
    return "crow";
  }

  @Override
  public int dimension(int channels) {
    return FiniteCheck.requireChannels(channels);
  }

  /**
   * Returns S'.
   *
   * @param map {@code [C,H,W]} (not modified)
   * @return one weight a cell, row by row
   * @throws IllegalArgumentException if the map holds NaN or an infinite value
   */
  public float[] spatialWeights(FeatureMap map) {
    int cells = map.height() * map.width();
    float[] weights = new float[cells];
    measure(map, weights, Scratch.TOTAL.floats(map.channels()));
    return weights;
  }

  /**
   * Returns I.
   *
   * @param map {@code [C,H,W]} (not modified)
   * @return one weight a channel
   * @throws IllegalArgumentException if the map holds NaN or an infinite value
   */
  public float[] channelWeights(FeatureMap map) {
    float[] weights = new float[map.channels()];
    measure(map, Scratch.WEIGHT.floats(map.height() * map.width()), weights);
    return weights;
  }

  @Override
  public float[] pool(FeatureMap map) {
    int channels = map.channels();
    int cells = map.height() * map.width();
    float[] spatial = Scratch.WEIGHT.floats(cells);
    float[] channel = Scratch.TOTAL.floats(channels);
    measure(map, spatial, channel);
    float[] result = new float[channels];
    kernels.weightedSum(map.sharedValues(), cells, channels, spatial, result);
    for (int c = 0; c < channels; c++) {
      result[c] *= channel[c];
    }
    return FiniteCheck.require(result, map, this);
  }

  /**
   * Writes both weights.
   *
   * @return (Σ S²)^½
   */
  private double measure(FeatureMap map, float[] spatial, float[] channel) {
    int channels = map.channels();
    int cells = map.height() * map.width();
    float[] values = map.sharedValues();
    Arrays.fill(channel, 0, channels, 0f);
    double squares = 0;
    for (int cell = 0; cell < cells; cell++) {
      // the second reads from the first-level cache what the first has fetched
      float total = kernels.total(values, cell * channels, channels);
      kernels.countNonZero(values, cell * channels, 1, channels, channel);
      if (!Float.isFinite(total)) {
        requireFiniteCell(map, cell, total);
      }
      spatial[cell] = Math.max(0, total);
      squares += (double) total * total;
    }
    double norm = Math.sqrt(squares);
    for (int cell = 0; cell < cells; cell++) {
      spatial[cell] = norm == 0 ? 0 : (float) Math.sqrt(spatial[cell] / norm);
    }
    double counts = 0;
    for (int c = 0; c < channels; c++) {
      counts += channel[c];
    }
    int last = -1;
    float weight = 0;
    for (int c = 0; c < channels; c++) {
      // counts are small whole numbers, so neighbors are often equal
      int count = (int) channel[c];
      if (count != last) {
        weight = count == 0 ? 0 : (float) Math.log(counts / count);
        last = count;
      }
      channel[c] = weight;
    }
    return norm;
  }

  private void requireFiniteCell(FeatureMap map, int cell, float total) {
    int base = cell * map.channels();
    int worst = 0;
    for (int c = 0; c < map.channels(); c++) {
      if (!Float.isFinite(map.sharedValues()[base + c])) {
        throw FiniteCheck.failure(c, map.sharedValues()[base + c], map, this);
      }
      if (map.sharedValues()[base + c] > map.sharedValues()[base + worst]) {
        worst = c;
      }
    }
    throw FiniteCheck.failure(worst, total, map, this);
  }

  @Override
  public PoolingGradient backward(FeatureMap map, float[] upstream) {
    int channels = map.channels();
    FiniteCheck.requireUpstream(upstream, channels);
    int cells = map.height() * map.width();
    float[] values = map.sharedValues();
    float[] spatial = new float[cells];
    float[] channel = new float[channels];
    double norm = measure(map, spatial, channel);
    float[] scaled = new float[channels];
    for (int c = 0; c < channels; c++) {
      scaled[c] = upstream[c] * channel[c];
    }
    // t = d loss / d S'
    double[] t = new double[cells];
    double along = 0;
    for (int cell = 0; cell < cells; cell++) {
      t[cell] = kernels.dot(values, cell * channels, scaled, 0, channels);
      along += t[cell] * spatial[cell];
    }
    float[] gradient = new float[values.length];
    for (int cell = 0; cell < cells; cell++) {
      double s = spatial[cell];
      float through = s == 0 ? 0 : (float) ((t[cell] / s - s * s * along) / (2 * norm));
      int base = cell * channels;
      for (int c = 0; c < channels; c++) {
        gradient[base + c] = spatial[cell] * scaled[c] + through;
      }
    }
    return new PoolingGradient(
        FeatureMap.ofOwned(channels, map.height(), map.width(), gradient), new float[0]);
  }

  /** The share of a cell is what it adds under the weights of this map: S' ⟨direction, I x⟩. */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    int channels = map.channels();
    FiniteCheck.requireDirection(direction, channels);
    float[] spatial = spatialWeights(map);
    float[] rarity = channelWeights(map);
    float[] values = map.sharedValues();
    double[] shares = new double[spatial.length];
    for (int cell = 0; cell < shares.length; cell++) {
      for (int c = 0; c < channels; c++) {
        shares[cell] += direction[c] * rarity[c] * values[cell * channels + c];
      }
      shares[cell] *= spatial[cell];
    }
    return Optional.of(shares);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
