// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import io.deepretrieval.dl4j.plan.NetworkPlan.Concat;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads a plan as plain operations: what is fused in a step stands by itself again. */
public final class PlanReader {
  private final List<NetworkOperation> operations = new ArrayList<>();

  /** For each value of the plan, the value of the operations that it is. */
  private final List<Integer> values = new ArrayList<>(List.of(0));

  private final List<Integer> channels = new ArrayList<>();

  private PlanReader(int inputChannels) {
    channels.add(inputChannels);
  }

  /**
   * Takes a plan apart. A convolution with a residual and an activation becomes three operations;
   * the two behind it are named {@code <layer>.add} and {@code <layer>.<function>}.
   *
   * @param plan the network; none of its weights are read
   * @return its operations: value 0 is the input, operation i makes value i + 1, the last value is
   *     the result
   */
  public static List<NetworkOperation> operations(NetworkPlan plan) {
    PlanReader reader = new PlanReader(plan.inputChannels());
    for (Step step : plan.steps()) {
      reader.values.add(reader.read(step));
    }
    return List.copyOf(reader.operations);
  }

  private int add(NetworkOperation operation) {
    operations.add(operation);
    channels.add(operation.channels());
    return operations.size();
  }

  private int value(int planValue) {
    return values.get(planValue);
  }

  private List<Integer> values(List<Integer> planValues) {
    return planValues.stream().map(this::value).toList();
  }

  private int read(Step step) {
    if (step instanceof Conv conv) {
      int input = value(conv.input());
      int made =
          add(
              new NetworkOperation.Convolution(
                  conv.name(),
                  input,
                  channels.get(input),
                  conv.channels(),
                  conv.groups(),
                  conv.window(),
                  () -> conv.weights().kernel(),
                  () -> conv.weights().bias()));
      if (conv.residual() >= 0) {
        made =
            add(
                new NetworkOperation.Sum(
                    conv.name() + ".add", List.of(made, value(conv.residual())), conv.channels()));
      }
      return activated(made, conv, conv.activation());
    }
    if (step instanceof Pool pool) {
      return add(
          new NetworkOperation.Pooling(
              pool.name(),
              value(pool.input()),
              pool.channels(),
              NetworkOperation.PoolingKind.valueOf(pool.kind().name()),
              pool.global(),
              pool.window()));
    }
    if (step instanceof Sum sum) {
      int made = add(new NetworkOperation.Sum(sum.name(), values(sum.inputs()), sum.channels()));
      return activated(made, sum, sum.activation());
    }
    if (step instanceof Concat concat) {
      return add(
          new NetworkOperation.Concat(concat.name(), values(concat.inputs()), concat.channels()));
    }
    if (step instanceof Elementwise elementwise) {
      return add(
          new NetworkOperation.Elementwise(
              elementwise.name(),
              value(elementwise.input()),
              elementwise.channels(),
              elementwise.activation()));
    }
    ZeroPad pad = (ZeroPad) step;
    return add(
        new NetworkOperation.ZeroPadding(
            pad.name(),
            value(pad.input()),
            pad.channels(),
            pad.top(),
            pad.bottom(),
            pad.left(),
            pad.right()));
  }

  private int activated(int value, Step step, Activation activation) {
    if (activation.isIdentity()) {
      return value;
    }
    String function = activation.kind().name().toLowerCase(Locale.ROOT);
    return add(
        new NetworkOperation.Elementwise(
            step.name() + "." + function, value, step.channels(), activation));
  }
}
