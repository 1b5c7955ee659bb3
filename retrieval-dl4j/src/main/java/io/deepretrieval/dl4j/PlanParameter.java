// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Parameter;
import io.deepretrieval.dl4j.engine.TrainingWeights;
import java.util.Arrays;
import java.util.List;

/** A kernel or a bias, called weight or bias as in PyTorch. */
final class PlanParameter implements Parameter {
  private final TrainingWeights.Entry entry;
  private final boolean kernel;
  private final Runnable changed;

  /**
   * Makes a parameter.
   *
   * @param entry the weights of a convolution
   * @param kernel whether this is its kernel, else its bias
   * @param changed to be told of every change
   */
  PlanParameter(TrainingWeights.Entry entry, boolean kernel, Runnable changed) {
    this.entry = entry;
    this.kernel = kernel;
    this.changed = changed;
  }

  private float[] shared() {
    return kernel ? entry.kernel : entry.bias;
  }

  private float[] sharedGradient() {
    return kernel ? entry.kernelGradient() : entry.biasGradient();
  }

  @Override
  public String name() {
    return entry.conv.name() + (kernel ? ".weight" : ".bias");
  }

  @Override
  public List<Integer> shape() {
    return kernel
        ? List.of(
            entry.conv.channels(),
            entry.inputChannels / entry.conv.groups(),
            entry.conv.window().kernelH(),
            entry.conv.window().kernelW())
        : List.of(entry.conv.channels());
  }

  @Override
  public float[] values() {
    return shared().clone();
  }

  @Override
  public void set(float[] values) {
    float[] own = shared();
    if (values.length != own.length) {
      throw new IllegalArgumentException(
          "parameter " + name() + " must have " + own.length + " values but got " + values.length);
    }
    System.arraycopy(values, 0, own, 0, own.length);
    changed.run();
  }

  @Override
  public void update(Rule rule) {
    rule.apply(shared(), sharedGradient());
    changed.run();
  }

  @Override
  public float[] gradient() {
    return sharedGradient().clone();
  }

  @Override
  public void clearGradient() {
    Arrays.fill(sharedGradient(), 0);
  }
}
