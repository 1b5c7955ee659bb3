// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import com.google.common.hash.Hashing;
import io.deepretrieval.DifferentiablePooling;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.PoolingGradient;
import io.deepretrieval.pooling.kernel.Kernels;
import io.deepretrieval.pooling.kernel.Scratch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * GeM, the generalised mean: f_c = (1/(HW) Σ_{y,x} max(x_{c,y,x}, eps)^p)^(1/p).
 *
 * <p>{@code [C,H,W]} gives {@code [C]}. p = 1 is the mean (SPoC), p → ∞ tends to the maximum (MAC);
 * 3 is usual. p is fixed, learnable, or learnable with one p a channel (GeM-mp).
 *
 * <p><b>Numbers.</b> eps, {@value #DEFAULT_EPS} by default, is a lower clamp, so a dead channel
 * gives eps, and values below eps get no gradient. p must be greater than 0 and finite. Powers that
 * would leave the range of float are taken relative to the maximum of the channel, so that no p and
 * no finite map overflows. The relative error of a result is below 4·10⁻⁶; p below 0.5 or above
 * 50,000 is computed in double. NaN and infinite values in the map are refused.
 *
 * <p><b>Gradient.</b> With N = HW: df/dx_i = f^(1-p) x_i^(p-1) / N for x_i at least eps, else 0;
 * df/dp = f/p² · (ln(N/Σx^p) + p Σ x^p ln x / Σ x^p).
 *
 * <p>Cost: one pass over the map for usual p, two for a large one (p·log2(eps) below -100, that is
 * p above 5 for the default eps).
 *
 * @see "Radenović, Tolias, Chum: Fine-tuning CNN image retrieval with no human annotation, TPAMI
 *     2019, arXiv:1711.02512"
 */
public final class GemPooling implements DifferentiablePooling {
  /** The usual lower clamp. */
  public static final float DEFAULT_EPS = 1e-6f;

  /** Below it the root would magnify the rounding of float sums. */
  private static final float PRECISE_BELOW = 0.5f;

  /** Above it the powers of small values leave what the bit tricks of the kernels can take. */
  private static final float PRECISE_ABOVE = 50_000;

  /** Sums up to here have lost nothing to overflow. */
  private static final float LARGEST_SUM = 1e37f;

  private final float[] p;
  private final boolean perChannel;
  private final boolean learnable;
  private final float eps;
  private final float lowest;
  private final float highest;
  private final Kernels kernels = Kernels.get();

  private GemPooling(float[] p, boolean perChannel, boolean learnable, float eps) {
    float low = Float.POSITIVE_INFINITY;
    float high = 0;
    for (float one : p) {
      if (!(one > 0) || Float.isInfinite(one)) {
        throw new IllegalArgumentException("p must be > 0 and finite but was " + one);
      }
      low = Math.min(low, one);
      high = Math.max(high, one);
    }
    if (!(eps >= 1e-20f && eps <= 1)) {
      throw new IllegalArgumentException("eps must be in [1.0E-20, 1.0] but was " + eps);
    }
    this.p = p;
    this.perChannel = perChannel;
    this.learnable = learnable;
    this.eps = eps;
    this.lowest = low;
    this.highest = high;
  }

  /**
   * Makes GeM with a fixed p.
   *
   * @param p exponent, greater than 0
   * @return a pooling without parameters
   * @throws IllegalArgumentException if p is not a positive number
   */
  public static GemPooling fixed(float p) {
    return new GemPooling(new float[] {p}, false, false, DEFAULT_EPS);
  }

  /**
   * Makes GeM with one learnable p.
   *
   * @param p its first value, greater than 0
   * @return a pooling with one parameter
   * @throws IllegalArgumentException if p is not a positive number
   */
  public static GemPooling learnable(float p) {
    return new GemPooling(new float[] {p}, false, true, DEFAULT_EPS);
  }

  /**
   * Makes GeM-mp: one learnable p a channel.
   *
   * @param p exponents, each greater than 0 (copied); as many as the maps have channels
   * @return a pooling with that many parameters
   * @throws IllegalArgumentException if there is no p or one is not a positive number
   */
  public static GemPooling perChannel(float... p) {
    if (p.length == 0) {
      throw new IllegalArgumentException("p must number at least 1 but numbered 0");
    }
    return new GemPooling(p.clone(), true, true, DEFAULT_EPS);
  }

  /**
   * Returns the same pooling with another lower clamp.
   *
   * @param other in [1e-20, 1]
   * @return a changed copy
   * @throws IllegalArgumentException if it is out of range
   */
  public GemPooling withEps(float other) {
    return new GemPooling(p, perChannel, learnable, other);
  }

  @Override
  public float[] parameters() {
    return learnable ? p.clone() : new float[0];
  }

  @Override
  public GemPooling withParameters(float[] parameters) {
    int expected = learnable ? p.length : 0;
    if (parameters.length != expected) {
      throw new IllegalArgumentException(
          "parameters of ["
              + recipe()
              + "] must number "
              + expected
              + " but numbered "
              + parameters.length);
    }
    return learnable ? new GemPooling(parameters.clone(), perChannel, true, eps) : this;
  }

  /** Names the exponents; many different ones are named by a hash. */
  @Override
  public String recipe() {
    String clamp = eps == DEFAULT_EPS ? "" : " eps=" + eps;
    if (!perChannel) {
      return "gem p=" + p[0] + clamp;
    }
    String exponents = lowest == highest ? String.valueOf(lowest) : hash(p);
    return "gem-mp channels=" + p.length + " p=" + exponents + clamp;
  }

  private static String hash(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return "sha256:" + Hashing.sha256().hashBytes(bytes.array()).toString().substring(0, 16);
  }

  @Override
  public int dimension(int channels) {
    FiniteCheck.requireChannels(channels);
    if (perChannel && channels != p.length) {
      throw new IllegalArgumentException(
          "[" + recipe() + "] must have maps of " + p.length + " channels but had " + channels);
    }
    return channels;
  }

  @Override
  public float[] pool(FeatureMap map) {
    int channels = dimension(map.channels());
    int cells = map.height() * map.width();
    float[] values = map.sharedValues();
    float[] result = new float[channels];
    if (lowest < PRECISE_BELOW || highest > PRECISE_ABOVE) {
      return PreciseGem.pool(map, exponents(channels), eps, this);
    }
    if (highest * Math.log(eps) / Math.log(2) > -100) {
      boolean whole = lowest == highest && highest <= 4 && highest == Math.rint(highest);
      if (whole) {
        kernels.wholePowerSum(values, cells, channels, (int) highest, eps, result);
      } else {
        float[] unit = Scratch.SHIFT.floats(channels);
        Arrays.fill(unit, 0, channels, 0f);
        kernels.powerSum(values, cells, channels, exponents(channels), unit, eps, result);
      }
      if (inRange(result)) {
        takeRoots(result, cells);
        return result;
      }
    }
    return poolScaled(map, result);
  }

  private static boolean inRange(float[] sums) {
    for (float sum : sums) {
      if (!(sum <= LARGEST_SUM)) {
        return false;
      }
    }
    return true;
  }

  private void takeRoots(float[] sums, int cells) {
    if (lowest == highest && highest <= 2 && highest == Math.rint(highest)) {
      for (int c = 0; c < sums.length; c++) {
        float mean = sums[c] / cells;
        sums[c] = highest == 1 ? mean : (float) Math.sqrt(mean);
      }
      return;
    }
    kernels.root(sums, sums.length, cells, exponents(sums.length));
  }

  /** Pools relative to the maximum of each channel. */
  private float[] poolScaled(FeatureMap map, float[] result) {
    int channels = result.length;
    int cells = map.height() * map.width();
    float[] max = maxima(map, Scratch.TOTAL);
    float[] shift = Scratch.SHIFT.floats(channels);
    kernels.log2(max, channels, shift);
    float[] exponents = exponents(channels);
    kernels.powerSum(map.sharedValues(), cells, channels, exponents, shift, eps, result);
    kernels.root(result, channels, cells, exponents);
    for (int c = 0; c < channels; c++) {
      result[c] *= max[c];
    }
    return FiniteCheck.require(result, map, this);
  }

  /** The maximum of each channel, at least eps. */
  private float[] maxima(FeatureMap map, Scratch slot) {
    int channels = map.channels();
    float[] max = slot.floats(channels);
    Maxima.of(kernels, map, max);
    for (int c = 0; c < channels; c++) {
      max[c] = Math.max(max[c], eps);
      if (!Float.isFinite(max[c])) {
        throw FiniteCheck.failure(c, max[c], map, this);
      }
    }
    return max;
  }

  private float[] exponents(int channels) {
    if (perChannel) {
      return p;
    }
    float[] same = Scratch.EXPONENT.floats(channels);
    Arrays.fill(same, 0, channels, p[0]);
    return same;
  }

  @Override
  public PoolingGradient backward(FeatureMap map, float[] upstream) {
    int channels = dimension(map.channels());
    FiniteCheck.requireUpstream(upstream, channels);
    float[] exponents = exponents(channels);
    if (lowest < PRECISE_BELOW || highest > PRECISE_ABOVE) {
      return PreciseGem.backward(map, upstream, exponents, eps, this, p.length, learnable);
    }
    int cells = map.height() * map.width();
    float[] values = map.sharedValues();
    float[] max = maxima(map, Scratch.TOTAL);
    float[] shift = Scratch.SHIFT.floats(channels);
    kernels.log2(max, channels, shift);
    float[] sums = new float[channels];
    kernels.powerSum(values, cells, channels, exponents, shift, eps, sums);

    float[] parameters = new float[learnable ? p.length : 0];
    if (learnable) {
      double[] gradient = new double[p.length];
      float[] logs = Scratch.SECOND.floats(channels);
      kernels.powerLogSum(values, cells, channels, exponents, shift, eps, logs);
      for (int c = 0; c < channels; c++) {
        double mean = (double) sums[c] / cells;
        double root = max[c] * Math.pow(mean, 1.0 / exponents[c]);
        double inner = -Math.log(mean) / exponents[c] + Math.log(2) * logs[c] / sums[c];
        gradient[perChannel ? c : 0] += upstream[c] * root * inner / exponents[c];
      }
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] = (float) gradient[i];
      }
    }

    float[] coefficients = sums;
    float[] less = new float[channels];
    for (int c = 0; c < channels; c++) {
      double mean = (double) sums[c] / cells;
      coefficients[c] = (float) (upstream[c] * Math.pow(mean, 1.0 / exponents[c] - 1) / cells);
      less[c] = exponents[c] - 1;
    }
    float[] out = new float[values.length];
    kernels.power(values, cells, channels, less, shift, coefficients, eps, out);
    return new PoolingGradient(
        FeatureMap.ofOwned(channels, map.height(), map.width(), out), parameters);
  }

  /**
   * A share of f_c is as large as the share of the sum under its root: f_c x_i^p / Σ x^p. So p = 1
   * gives what a cell adds to the mean, and p → ∞ gives all to the maximum.
   */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    int channels = dimension(map.channels());
    FiniteCheck.requireDirection(direction, channels);
    float[] pooled = pool(map);
    float[] exponents = exponents(channels).clone();
    float[] max = maxima(map, Scratch.TOTAL).clone();
    float[] values = map.sharedValues();
    double[] shares = new double[map.height() * map.width()];
    double[] powers = new double[shares.length];
    for (int c = 0; c < channels; c++) {
      double atEps = Math.pow(eps / (double) max[c], exponents[c]);
      double sum = 0;
      for (int cell = 0; cell < shares.length; cell++) {
        float value = values[cell * channels + c];
        powers[cell] = value <= eps ? atEps : power(value / (double) max[c], exponents[c]);
        sum += powers[cell];
      }
      double whole = direction[c] * pooled[c] / sum;
      for (int cell = 0; cell < shares.length; cell++) {
        shares[cell] += whole * powers[cell];
      }
    }
    return Optional.of(shares);
  }

  private static double power(double base, float exponent) {
    return exponent == 3 ? base * base * base : Math.pow(base, exponent);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
