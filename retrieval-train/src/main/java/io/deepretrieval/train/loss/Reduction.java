// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import java.util.Locale;

/** How the losses of many tuples become one number. */
public enum Reduction {
  /** Σ. Grows with the batch, as in the reference recipes of contrastive and triplet training. */
  SUM,
  /** Σ over the number of selected tuples. */
  MEAN,
  /**
   * Σ over the number of tuples whose loss is not 0, so that the many that are solved do not dilute
   * the gradient. Jumps where a tuple begins to count.
   */
  MEAN_ACTIVE;

  /** The factor on the sum; 1 if there is nothing to divide by. */
  double factor(int selected, int active) {
    return switch (this) {
      case SUM -> 1;
      case MEAN -> 1.0 / Math.max(1, selected);
      case MEAN_ACTIVE -> 1.0 / Math.max(1, active);
    };
  }

  /** The name in recipes and options. */
  String kebab() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
