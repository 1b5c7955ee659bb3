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
 * SPoC, sum-pooled convolutional features: f_c = Σ_{y,x} w_{y,x} x_{c,y,x}.
 *
 * <p>{@code [C,H,W]} gives {@code [C]}. Three weights: the mean, w = 1/(HW), which the later
 * literature calls SPoC; the sum, w = 1, of the original, the same after L2; and the sum with the
 * center prior of the original, w = exp(-((y-(H-1)/2)² + (x-(W-1)/2)²) / (2s²)), s = min(H,W)/6,
 * that is a third of the way from the center to the nearest border. The prior helps where the
 * subject is in the middle (Oxford), not elsewhere (Holidays, UKBench).
 *
 * <p>NaN and infinite values are refused, as is a sum beyond the range of float. A dead channel
 * gives 0. Cost: one pass over the map.
 *
 * @see "Babenko, Lempitsky: Aggregating deep convolutional features for image retrieval, ICCV 2015,
 *     arXiv:1510.07493"
 */
public final class SpocPooling implements DifferentiablePooling {
  private enum Mode {
    MEAN("mean"),
    SUM("sum"),
    CENTER_PRIOR("centre-prior");

    private final String text;

    Mode(String text) {
      this.text = text;
    }
  }

  private final Mode mode;
  private final Kernels kernels = Kernels.get();

  private SpocPooling(Mode mode) {
    this.mode = mode;
  }

  /**
   * Makes the mean.
   *
   * @return SPoC as in the GeM papers
   */
  public static SpocPooling mean() {
    return new SpocPooling(Mode.MEAN);
  }

  /**
   * Makes the plain sum.
   *
   * @return SPoC without center prior
   */
  public static SpocPooling sum() {
    return new SpocPooling(Mode.SUM);
  }

  /**
   * Makes the sum under the Gaussian center prior.
   *
   * @return SPoC as published
   */
  public static SpocPooling centerPrior() {
    return new SpocPooling(Mode.CENTER_PRIOR);
  }

  /** Finds a mode by its text in a recipe. */
  static SpocPooling parse(String text) {
    for (Mode mode : Mode.values()) {
      if (mode.text.equals(text)) {
        return new SpocPooling(mode);
      }
    }
    throw new IllegalArgumentException(
        "spoc mode must be mean, sum or centre-prior but was '" + text + "'");
  }

  @Override
  public String recipe() {
    return "spoc mode=" + mode.text;
  }

  @Override
  public int dimension(int channels) {
    return FiniteCheck.requireChannels(channels);
  }

  @Override
  public float[] pool(FeatureMap map) {
    int channels = map.channels();
    int cells = map.height() * map.width();
    float[] result = new float[channels];
    float[] values = map.sharedValues();
    switch (mode) {
      case MEAN -> {
        kernels.sum(values, cells, channels, result);
        for (int c = 0; c < channels; c++) {
          result[c] =
              Float.isFinite(result[c]) ? result[c] / cells : preciseMean(values, c, channels);
        }
      }
      case SUM -> kernels.sum(values, cells, channels, result);
      case CENTER_PRIOR ->
          kernels.weightedSum(
              values, cells, channels, centerPrior(map.height(), map.width()), result);
    }
    return FiniteCheck.require(result, map, this);
  }

  /** A sum may leave the range of float where the mean does not. */
  private static float preciseMean(float[] values, int channel, int channels) {
    double sum = 0;
    for (int i = channel; i < values.length; i += channels) {
      sum += values[i];
    }
    int cells = values.length / channels;
    return (float) (sum / cells);
  }

  private static float[] centerPrior(int height, int width) {
    float[] weights = Scratch.WEIGHT.floats(height * width);
    double s = Math.min(height, width) / 6.0;
    double middleY = (height - 1) / 2.0;
    double middleX = (width - 1) / 2.0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double squared = (y - middleY) * (y - middleY) + (x - middleX) * (x - middleX);
        weights[y * width + x] = (float) Math.exp(-squared / (2 * s * s));
      }
    }
    return weights;
  }

  @Override
  public PoolingGradient backward(FeatureMap map, float[] upstream) {
    int channels = map.channels();
    FiniteCheck.requireUpstream(upstream, channels);
    int cells = map.height() * map.width();
    float[] weights =
        mode == Mode.CENTER_PRIOR ? centerPrior(map.height(), map.width()) : new float[0];
    float same = mode == Mode.MEAN ? 1f / cells : 1f;
    float[] gradient = new float[cells * channels];
    for (int cell = 0; cell < cells; cell++) {
      float weight = mode == Mode.CENTER_PRIOR ? weights[cell] : same;
      int base = cell * channels;
      for (int c = 0; c < channels; c++) {
        gradient[base + c] = weight * upstream[c];
      }
    }
    return new PoolingGradient(
        FeatureMap.ofOwned(channels, map.height(), map.width(), gradient), new float[0]);
  }

  /** The share of a cell is what it adds: ⟨direction, w x⟩. */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    int channels = map.channels();
    FiniteCheck.requireDirection(direction, channels);
    double[] shares = new double[map.height() * map.width()];
    float[] weights = new float[shares.length];
    Arrays.fill(weights, mode == Mode.MEAN ? 1f / shares.length : 1f);
    if (mode == Mode.CENTER_PRIOR) {
      weights = centerPrior(map.height(), map.width());
    }
    float[] values = map.sharedValues();
    for (int cell = 0; cell < shares.length; cell++) {
      for (int c = 0; c < channels; c++) {
        shares[cell] += direction[c] * values[cell * channels + c];
      }
      shares[cell] *= weights[cell];
    }
    return Optional.of(shares);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
