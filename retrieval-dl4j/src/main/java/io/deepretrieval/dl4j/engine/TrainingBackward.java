// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Concat;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.stream;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of a training program. Gradients flow only where a trained convolution lies
 * upstream; the place of a gradient is taken again as soon as nobody reads it any more.
 */
final class TrainingBackward {
  private final ValueShapes shapes;
  private final TrainingWeights weights;
  private final engine engine;
  private final stream stream;
  private final IntPredicate trained;
  private final ProgramMemory space;
  private final Primitives primitives;
  private final TrainingForward forward;
  private final TrainingCalls calls;
  private final boolean[] needsGradient;
  private final @Nullable PlacedTensor[] gradients;
  private final PlacedTensor given;

  /**
   * Makes the primitives and places the gradients.
   *
   * @param plan the network
   * @param shapes of its values
   * @param weights its weights, whose gradients are summed
   * @param engine the CPU
   * @param stream for preparing weights
   * @param trained which convolutions, by their steps, get gradients
   * @param space where the program keeps its values
   * @param primitives of training
   * @param forward the pass before
   */
  TrainingBackward(
      NetworkPlan plan,
      ValueShapes shapes,
      TrainingWeights weights,
      engine engine,
      stream stream,
      IntPredicate trained,
      ProgramMemory space,
      Primitives primitives,
      TrainingForward forward) {
    this.shapes = shapes;
    this.weights = weights;
    this.engine = engine;
    this.stream = stream;
    this.trained = trained;
    this.space = space;
    this.primitives = primitives;
    this.forward = forward;
    this.calls = new TrainingCalls(space, primitives);
    this.needsGradient = needsGradient(plan, trained);
    int last = plan.steps().size();
    this.gradients = new PlacedTensor[last + 1];
    this.given = calls.allocate(shapes.channelsLast(last));
    if (needsGradient[last]) {
      gradients[last] = calls.inLayout(given, forward.value(last).desc());
    }
    for (int i = last - 1; i >= 0; i--) {
      PlacedTensor gradient = gradients[i + 1];
      if (gradient != null) {
        gradients[i + 1] = null;
        if (lower(plan.steps().get(i), i, gradient)) {
          calls.free(gradient);
        }
      }
    }
  }

  private static boolean[] needsGradient(NetworkPlan plan, IntPredicate trained) {
    boolean[] needs = new boolean[plan.steps().size() + 1];
    for (int i = 0; i < plan.steps().size(); i++) {
      needs[i + 1] = trained.test(i);
      for (int input : plan.steps().get(i).inputs()) {
        needs[i + 1] |= needs[input];
      }
    }
    return needs;
  }

  TrainingCalls calls() {
    return calls;
  }

  /** Where d loss / d result, channels last, is to be written. */
  PlacedTensor given() {
    return given;
  }

  /** Adds the calls that carry a gradient through a step; says whether its place is free now. */
  private boolean lower(Step step, int index, PlacedTensor gradient) {
    if (step instanceof Conv conv) {
      derive(conv.activation(), index, gradient);
      convolve(conv, index, gradient);
      return conv.residual() < 0 || giveOrAdd(conv.residual(), gradient);
    }
    if (step instanceof Elementwise elementwise) {
      derive(elementwise.activation(), index, gradient);
      return giveOrAdd(elementwise.input(), gradient);
    }
    if (step instanceof Sum sum) {
      derive(sum.activation(), index, gradient);
      // The first receiver may take the place over, so the others add before.
      for (int i = sum.inputs().size() - 1; i > 0; i--) {
        addCopy(sum.inputs().get(i), gradient);
      }
      return giveOrAdd(sum.inputs().get(0), gradient);
    }
    if (step instanceof Pool pool) {
      pool(pool, index, gradient);
      return true;
    }
    PlacedTensor plain = calls.inLayout(gradient, forward.value(index + 1).desc());
    if (step instanceof Concat concat) {
      long[] offset = {0, 0, 0, 0};
      for (int input : concat.inputs()) {
        addPart(input, plain, offset);
        offset[1] += shapes.channels(input);
      }
    } else if (step instanceof ZeroPad pad) {
      addPart(pad.input(), plain, new long[] {0, 0, pad.top(), pad.left()});
    }
    calls.freeCopy(plain, gradient);
    return true;
  }

  /** Lets a gradient be written, or written aside and added to an earlier one. */
  private void receive(int value, Consumer<PlacedTensor> writer) {
    if (!needsGradient[value]) {
      return;
    }
    PlacedTensor known = gradients[value];
    PlacedTensor to = calls.allocate(forward.value(value).desc());
    writer.accept(to);
    if (known == null) {
      gradients[value] = to;
    } else {
      calls.addTo(known, to);
      calls.free(to);
    }
  }

  private void addCopy(int value, PlacedTensor gradient) {
    receive(value, to -> calls.copy(gradient, to));
  }

  private void addPart(int value, PlacedTensor whole, long[] offset) {
    memory.desc part = whole.desc().submemory_desc(shapes.dims(value), offset);
    addCopy(value, new PlacedTensor(part, whole.buffer()));
  }

  /** Hands a gradient on to a value: the place itself where it can be. Says if it is still free. */
  private boolean giveOrAdd(int value, PlacedTensor gradient) {
    if (!needsGradient[value]) {
      return true;
    }
    if (gradients[value] == null && gradient.desc().equals(forward.value(value).desc())) {
      gradients[value] = gradient;
      return false;
    }
    addCopy(value, gradient);
    return true;
  }

  /** Turns d loss / d result into d loss / d what the activation was applied to, in place. */
  private void derive(Activation activation, int index, PlacedTensor gradient) {
    if (activation.isIdentity()) {
      return;
    }
    PlacedTensor argument = forward.argument(index);
    boolean result = Primitives.derivesFromResult(activation);
    PlacedTensor seen = result || argument == null ? forward.value(index + 1) : argument;
    PlacedTensor layout = calls.inLayout(seen, gradient.desc());
    eltwise_forward.primitive_desc hint = primitives.elementwise(activation, layout.desc());
    eltwise_backward.primitive_desc primitive =
        new eltwise_backward.primitive_desc(
            new eltwise_backward.desc(
                result ? Primitives.resultFunction(activation) : Primitives.function(activation),
                gradient.desc(),
                layout.desc(),
                activation.alpha(),
                activation.beta()),
            Primitives.attributes(),
            engine,
            hint,
            false);
    memory both = calls.bind(gradient);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(result ? DNNL_ARG_DST : DNNL_ARG_SRC, calls.bind(layout));
    arguments.put(DNNL_ARG_DIFF_DST, both);
    arguments.put(DNNL_ARG_DIFF_SRC, both);
    calls.add(new eltwise_backward(primitive), primitive, arguments);
    calls.freeCopy(layout, seen);
  }

  private void convolve(Conv conv, int index, PlacedTensor gradient) {
    int[] in = shapes.of(conv.input());
    Geometry geometry = Geometry.of(conv.window(), in);
    memory.desc source = shapes.desc(conv.input(), memory.format_tag.any);
    memory.desc result = shapes.desc(index + 1, memory.format_tag.any);
    if (trained.test(index)) {
      addToWeights(
          conv,
          index,
          gradient,
          new convolution_backward_weights.primitive_desc(
              new convolution_backward_weights.desc(
                  algorithm.convolution_direct,
                  source,
                  OneDnnWeights.anyLayout(conv, in[0]),
                  OneDnnWeights.biasDesc(conv),
                  result,
                  geometry.strides(),
                  geometry.dilations(),
                  geometry.padBefore(),
                  geometry.padAfter()),
              Primitives.attributes(),
              engine,
              forward.convolution(index),
              false));
    }
    if (needsGradient[conv.input()]) {
      addToInput(
          conv,
          index,
          gradient,
          new convolution_backward_data.primitive_desc(
              new convolution_backward_data.desc(
                  algorithm.convolution_direct,
                  source,
                  OneDnnWeights.anyLayout(conv, in[0]),
                  result,
                  geometry.strides(),
                  geometry.dilations(),
                  geometry.padBefore(),
                  geometry.padAfter()),
              Primitives.attributes(),
              engine,
              forward.convolution(index),
              false));
    }
  }

  private void addToWeights(
      Conv conv,
      int index,
      PlacedTensor gradient,
      convolution_backward_weights.primitive_desc primitive) {
    PlacedTensor value = forward.value(conv.input());
    PlacedTensor source = calls.inLayout(value, primitive.src_desc());
    PlacedTensor upstream = calls.inLayout(gradient, primitive.diff_dst_desc());
    PlacedTensor kernel = calls.allocate(primitive.diff_weights_desc());
    PlacedTensor bias = calls.allocate(primitive.diff_bias_desc());
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, calls.bind(source));
    arguments.put(DNNL_ARG_DIFF_DST, calls.bind(upstream));
    arguments.put(DNNL_ARG_DIFF_WEIGHTS, calls.bind(kernel));
    arguments.put(DNNL_ARG_DIFF_BIAS, calls.bind(bias));
    calls.add(new convolution_backward_weights(primitive), primitive, arguments);
    PlacedTensor plain =
        calls.inLayout(kernel, OneDnnWeights.plainLayout(conv, shapes.channels(conv.input())));
    TrainingWeights.Entry entry = weights.entry(index);
    calls.add(
        (slab, stream) -> {
          stream._wait();
          addTo(entry.kernelGradient(), slab, plain);
          addTo(entry.biasGradient(), slab, bias);
        });
    calls.freeCopy(source, value);
    calls.freeCopy(upstream, gradient);
    calls.freeCopy(plain, kernel);
    calls.free(kernel);
    calls.free(bias);
  }

  private void addTo(float[] sums, Slab slab, PlacedTensor tensor) {
    float[] more = new float[sums.length];
    slab.floats(space.offset(tensor.buffer()), more.length).get(more);
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more[i];
    }
  }

  private void addToInput(
      Conv conv,
      int index,
      PlacedTensor gradient,
      convolution_backward_data.primitive_desc primitive) {
    PlacedTensor upstream = calls.inLayout(gradient, primitive.diff_dst_desc());
    receive(
        conv.input(),
        to -> {
          boolean direct = to.desc().equals(primitive.diff_src_desc());
          PlacedTensor made = direct ? to : calls.allocate(primitive.diff_src_desc());
          IntMemoryMap arguments = new IntMemoryMap();
          arguments.put(DNNL_ARG_DIFF_SRC, calls.bind(made));
          arguments.put(DNNL_ARG_DIFF_DST, calls.bind(upstream));
          arguments.put(DNNL_ARG_WEIGHTS, weights.kernel(index, primitive.weights_desc(), stream));
          calls.add(new convolution_backward_data(primitive), primitive, arguments);
          if (!direct) {
            calls.copy(made, to);
            calls.free(made);
          }
        });
    calls.freeCopy(upstream, gradient);
  }

  private void pool(Pool pool, int index, PlacedTensor gradient) {
    Geometry geometry = Geometry.of(pool, shapes.of(pool.input()));
    receive(
        pool.input(),
        to -> {
          pooling_backward.primitive_desc primitive =
              new pooling_backward.primitive_desc(
                  new pooling_backward.desc(
                      Primitives.function(pool.kind()),
                      to.desc(),
                      gradient.desc(),
                      geometry.strides(),
                      geometry.kernel(),
                      geometry.padBefore(),
                      geometry.padAfter()),
                  Primitives.attributes(),
                  engine,
                  forward.pooling(index),
                  false);
          IntMemoryMap arguments = new IntMemoryMap();
          arguments.put(DNNL_ARG_DIFF_SRC, calls.bind(to));
          arguments.put(DNNL_ARG_DIFF_DST, calls.bind(gradient));
          PlacedTensor workspace = forward.workspace(index);
          if (workspace != null) {
            arguments.put(DNNL_ARG_WORKSPACE, calls.bind(workspace));
          }
          calls.add(new pooling_backward(primitive), primitive, arguments);
        });
  }
}
