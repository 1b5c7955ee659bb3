// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import java.util.Locale;

/**
 * A rule by which gradients change values: Adam or stochastic gradient descent, both with the
 * formulas of PyTorch, whose published recipes they are to repeat.
 *
 * <p>With g' = g + λ·w (weight decay as an L2 penalty, not decoupled):
 *
 * <ul>
 *   <li>Adam: m = β₁m + (1-β₁)g', v = β₂v + (1-β₂)g'², w -= η·(m / (1-β₁ᵗ)) / (√(v / (1-β₂ᵗ)) + ε)
 *   <li>SGD: m = μm + g', w -= η·m, or with Nesterov's look-ahead w -= η·(g' + μm)
 * </ul>
 *
 * <p>Immutable and thread-safe; the moments live with the training.
 *
 * @see <a href="https://arxiv.org/abs/1412.6980">D. Kingma, J. Ba, Adam, ICLR 2015</a>
 */
public final class Optimizer {
  private final boolean adam;
  private final double first;
  private final double second;
  private final double epsilon;
  private final boolean nesterov;
  private final double weightDecay;

  private Optimizer(
      boolean adam,
      double first,
      double second,
      double epsilon,
      boolean nesterov,
      double weightDecay) {
    this.adam = adam;
    this.first = first;
    this.second = second;
    this.epsilon = epsilon;
    this.nesterov = nesterov;
    this.weightDecay = weightDecay;
  }

  /**
   * Makes Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 and no weight decay.
   *
   * @return a rule
   */
  public static Optimizer adam() {
    return new Optimizer(true, 0.9, 0.999, 1e-8, false, 0);
  }

  /**
   * Makes stochastic gradient descent without weight decay.
   *
   * @param momentum μ in [0, 1)
   * @return a rule
   * @throws IllegalArgumentException if the momentum is out of range
   */
  public static Optimizer sgd(double momentum) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum must be in [0, 1) but was " + momentum);
    }
    return new Optimizer(false, momentum, 0, 0, false, 0);
  }

  /**
   * Adds Nesterov's look-ahead to stochastic gradient descent; Adam stays what it is.
   *
   * @return a rule
   */
  public Optimizer withNesterov() {
    return new Optimizer(adam, first, second, epsilon, true, weightDecay);
  }

  /**
   * Adds an L2 penalty. Parameters of the pooling are never decayed.
   *
   * @param decay λ, at least 0
   * @return a rule
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public Optimizer withWeightDecay(double decay) {
    if (!(decay >= 0 && decay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("weight decay must be at least 0 but was " + decay);
    }
    return new Optimizer(adam, first, second, epsilon, nesterov, decay);
  }

  /**
   * Returns name and parameters in one line.
   *
   * @return for instance {@code adam decay=1.0E-6}
   */
  public String recipe() {
    String name =
        adam
            ? "adam"
            : String.format(Locale.ROOT, "sgd momentum=%s", first) + (nesterov ? " nesterov" : "");
    return name + " decay=" + weightDecay;
  }

  /** The arrays a parameter needs: two for Adam, one for momentum. */
  int moments() {
    return adam ? 2 : first > 0 ? 1 : 0;
  }

  /**
   * Applies one step.
   *
   * @param values (modified)
   * @param gradient not modified
   * @param scale factor of the gradient, from clipping
   * @param moments as many arrays as {@link #moments} says (modified)
   * @param step 1 for the first
   * @param rate η
   * @param decayed false to leave the weight decay out
   */
  void apply(
      float[] values,
      float[] gradient,
      float scale,
      float[][] moments,
      long step,
      double rate,
      boolean decayed) {
    float decay = decayed ? (float) weightDecay : 0;
    if (adam) {
      float b1 = (float) first;
      float b2 = (float) second;
      // Not 1 - b1: that has the rounding of b1 in it.
      float c1 = (float) (1 - first);
      float c2 = (float) (1 - second);
      float[] m = moments[0];
      float[] v = moments[1];
      double correction = Math.sqrt(1 - Math.pow(second, (double) step));
      float size = (float) (rate * correction / (1 - Math.pow(first, (double) step)));
      float tiny = (float) (epsilon * correction);
      for (int i = 0; i < values.length; i++) {
        float g = gradient[i] * scale + decay * values[i];
        m[i] = b1 * m[i] + c1 * g;
        v[i] = b2 * v[i] + c2 * g * g;
        values[i] -= size * m[i] / ((float) Math.sqrt(v[i]) + tiny);
      }
      return;
    }
    float eta = (float) rate;
    float mu = (float) first;
    if (mu == 0) {
      for (int i = 0; i < values.length; i++) {
        values[i] -= eta * (gradient[i] * scale + decay * values[i]);
      }
      return;
    }
    float[] m = moments[0];
    for (int i = 0; i < values.length; i++) {
      float g = gradient[i] * scale + decay * values[i];
      m[i] = mu * m[i] + g;
      values[i] -= eta * (nesterov ? g + mu * m[i] : m[i]);
    }
  }

  @Override
  public String toString() {
    return recipe();
  }
}
