// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import io.deepretrieval.dl4j.plan.NetworkPlan.Concat;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.Weights;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Makes a plan shorter without changing its result: a per-channel affine step joins the convolution
 * before it, an activation joins the convolution or sum before it, a sum joins the convolution that
 * is the last to make one of its terms, zero padding joins the convolution behind it. Nothing is
 * fused across a value that something else reads.
 */
public final class PlanFuser {
  private final Map<Integer, Step> stepOf = new HashMap<>();
  private final Map<Integer, Integer> uses = new HashMap<>();

  private PlanFuser() {}

  /** Fuses and drops the steps behind {@code output}, which becomes the last value. */
  static NetworkPlan fuse(NetworkPlan plan, int output) {
    return new PlanFuser().run(plan, output);
  }

  private NetworkPlan run(NetworkPlan plan, int output) {
    int result = output;
    for (int i = 0; i < plan.steps().size(); i++) {
      stepOf.put(i + 1, plan.steps().get(i));
    }
    count(plan);
    uses.merge(result, 1, Integer::sum);
    Map<Integer, Integer> renamed = new HashMap<>();
    for (int value = 1; value <= plan.steps().size(); value++) {
      Step step = rename(step(value), renamed);
      stepOf.put(value, step);
      int into = fuseIntoProducer(step);
      if (into > 0) {
        stepOf.remove(value);
        renamed.put(value, into);
        uses.put(into, uses(value));
      } else {
        stepOf.put(value, fuseFromProducer(step));
      }
    }
    result = renamed.getOrDefault(result, result);
    return renumber(plan.inputChannels(), result);
  }

  private Step step(int value) {
    return Objects.requireNonNull(stepOf.get(value), "step of a value");
  }

  private int uses(int value) {
    return uses.getOrDefault(value, 0);
  }

  private void count(NetworkPlan plan) {
    for (Step step : plan.steps()) {
      step.inputs().forEach(v -> uses.merge(v, 1, Integer::sum));
    }
  }

  /**
   * Puts the step into the step that makes its input; returns the value that now has its result.
   */
  private int fuseIntoProducer(Step step) {
    if (step instanceof Elementwise e && uses(e.input()) == 1) {
      Step producer = stepOf.get(e.input());
      if (producer instanceof Conv conv && conv.activation().isIdentity()) {
        stepOf.put(e.input(), conv.withActivation(e.activation()));
        return e.input();
      }
      if (producer instanceof Sum sum && sum.activation().isIdentity()) {
        stepOf.put(e.input(), new Sum(sum.name(), sum.inputs(), sum.channels(), e.activation()));
        return e.input();
      }
    }
    if (step instanceof Conv affine
        && isAffine(affine)
        && uses(affine.input()) == 1
        && stepOf.get(affine.input()) instanceof Conv conv
        && conv.activation().isIdentity()
        && conv.residual() < 0) {
      Weights folded = folded(conv.weights(), affine.weights().kernel(), affine.weights().bias());
      stepOf.put(affine.input(), conv.withWeights(folded).withActivation(affine.activation()));
      return affine.input();
    }
    return 0;
  }

  /** Takes the steps that make the inputs of this one into it. */
  private Step fuseFromProducer(Step step) {
    if (step instanceof Conv conv
        && !conv.window().same()
        && uses(conv.input()) == 1
        && stepOf.get(conv.input()) instanceof ZeroPad pad) {
      stepOf.remove(conv.input());
      return conv.withInputs(pad.input(), conv.residual())
          .withWindow(conv.window().padded(pad.top(), pad.bottom(), pad.left(), pad.right()));
    }
    if (step instanceof Sum sum && sum.inputs().size() == 2) {
      int first = sum.inputs().get(0);
      int second = sum.inputs().get(1);
      int last = Math.max(first, second);
      int other = Math.min(first, second);
      if (first != second
          && uses(last) == 1
          && stepOf.get(last) instanceof Conv conv
          && conv.activation().isIdentity()
          && conv.residual() < 0) {
        stepOf.remove(last);
        return conv.withInputs(conv.input(), other).withActivation(sum.activation());
      }
    }
    return step;
  }

  private static boolean isAffine(Conv conv) {
    return conv.groups() == conv.channels()
        && conv.window().equals(Window.POINT)
        && conv.residual() < 0;
  }

  /** Weights followed by y·factor + shift for each output channel. */
  private static Weights folded(Weights before, float[] factor, float[] shift) {
    return new Weights() {
      @Override
      public float[] kernel() {
        float[] kernel = before.kernel();
        int each = kernel.length / factor.length;
        for (int i = 0; i < kernel.length; i++) {
          kernel[i] *= factor[i / each];
        }
        return kernel;
      }

      @Override
      public float[] bias() {
        float[] bias = before.bias();
        for (int i = 0; i < bias.length; i++) {
          bias[i] = bias[i] * factor[i] + shift[i];
        }
        return bias;
      }
    };
  }

  /**
   * Makes a step read other values; the rest of it stays.
   *
   * @param step the step (not modified)
   * @param names new numbers by old ones; a value that is not among them keeps its number
   * @return a step of the same kind
   */
  public static Step rename(Step step, Map<Integer, Integer> names) {
    List<Integer> in = step.inputs().stream().map(v -> names.getOrDefault(v, v)).toList();
    if (step instanceof Conv s) {
      return s.withInputs(in.get(0), in.size() > 1 ? in.get(1) : -1);
    }
    if (step instanceof Pool s) {
      return new Pool(s.name(), in.get(0), s.channels(), s.window(), s.kind(), s.global());
    }
    if (step instanceof Sum s) {
      return new Sum(s.name(), in, s.channels(), s.activation());
    }
    if (step instanceof Concat s) {
      return new Concat(s.name(), in, s.channels());
    }
    if (step instanceof Elementwise s) {
      return new Elementwise(s.name(), in.get(0), s.channels(), s.activation());
    }
    ZeroPad s = (ZeroPad) step;
    return new ZeroPad(s.name(), in.get(0), s.channels(), s.top(), s.bottom(), s.left(), s.right());
  }

  /** Keeps what the result needs, in order, with values numbered without gaps. */
  private NetworkPlan renumber(int inputChannels, int result) {
    boolean[] needed = new boolean[result + 1];
    needed[result] = true;
    for (int value = result; value > 0; value--) {
      if (needed[value]) {
        step(value).inputs().forEach(v -> needed[v] = true);
      }
    }
    Map<Integer, Integer> numbers = new HashMap<>();
    numbers.put(0, 0);
    List<Step> kept = new ArrayList<>();
    for (int value = 1; value <= result; value++) {
      if (needed[value]) {
        kept.add(rename(step(value), numbers));
        numbers.put(value, kept.size());
      }
    }
    return new NetworkPlan(inputChannels, kept);
  }
}
