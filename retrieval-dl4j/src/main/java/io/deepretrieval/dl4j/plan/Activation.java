// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

/**
 * An elementwise function of a network, with its two numbers.
 *
 * @param kind the function
 * @param alpha slope below zero (RELU), lower bound (CLIP), factor (ELU, SWISH); else 0
 * @param beta upper bound (CLIP); else 0
 */
public record Activation(Kind kind, float alpha, float beta) {
  /**
   * Makes a function; native code takes no other numbers.
   *
   * @param kind the function
   * @param alpha finite; in CLIP at most beta
   * @param beta finite
   * @throws IllegalArgumentException if a number is not finite, or the bounds of CLIP are not in
   *     order
   */
  public Activation {
    if (!Float.isFinite(alpha) || !Float.isFinite(beta) || (kind == Kind.CLIP && alpha > beta)) {
      throw new IllegalArgumentException(
          "activation "
              + kind
              + " must have finite numbers, in order for CLIP, but has "
              + alpha
              + " and "
              + beta);
    }
  }

  /** The functions. */
  public enum Kind {
    /** x. */
    IDENTITY,
    /** x if x &gt; 0, else alpha x. */
    RELU,
    /** min(max(x, alpha), beta). */
    CLIP,
    /** 1 / (1 + e^-x). */
    SIGMOID,
    /** Hyperbolic tangent of x. */
    TANH,
    /** x if x &gt; 0, else alpha (e^x - 1). */
    ELU,
    /** x sigmoid(alpha x). */
    SWISH
  }

  /** The function that changes nothing. */
  public static final Activation IDENTITY = new Activation(Kind.IDENTITY, 0, 0);

  /** The ReLU of slope 0 below zero. */
  public static final Activation RELU = new Activation(Kind.RELU, 0, 0);

  /**
   * Tells whether the function changes nothing.
   *
   * @return true for the kind IDENTITY
   */
  public boolean isIdentity() {
    return kind == Kind.IDENTITY;
  }
}
