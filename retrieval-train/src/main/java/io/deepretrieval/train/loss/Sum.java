// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

/** The losses of tuples as they come. */
final class Sum {
  private double total;
  private int selected;
  private int active;

  void add(double loss) {
    total += loss;
    selected++;
    if (loss > 0) {
      active++;
    }
  }

  double total() {
    return total;
  }

  int active() {
    return active;
  }

  double factor(Reduction reduction) {
    return reduction.factor(selected, active);
  }
}
