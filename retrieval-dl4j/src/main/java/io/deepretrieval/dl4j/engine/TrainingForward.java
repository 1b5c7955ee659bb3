// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
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
import io.deepretrieval.dl4j.plan.NetworkPlan.PoolKind;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.stream;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of a training program, and what it leaves for the backward pass: every value,
 * the arguments of activations whose derivative needs them, the descriptions of the primitives and
 * the workspaces of poolings.
 */
final class TrainingForward {
  private final ValueShapes shapes;
  private final TrainingWeights weights;
  private final stream stream;
  private final ProgramMemory space;
  private final Primitives primitives;
  private final TrainingCalls calls;
  private final PlacedTensor[] values;
  private final PlacedTensor result;
  private final Map<Integer, PlacedTensor> arguments = new HashMap<>();
  private final Map<Integer, convolution_forward.primitive_desc> convolutions = new HashMap<>();
  private final Map<Integer, pooling_forward.primitive_desc> poolings = new HashMap<>();
  private final Map<Integer, PlacedTensor> workspaces = new HashMap<>();

  /**
   * Makes the primitives and places the values.
   *
   * @param plan the network
   * @param shapes of its values
   * @param weights its weights
   * @param stream for preparing weights
   * @param space where the program keeps its values
   * @param primitives of training
   */
  TrainingForward(
      NetworkPlan plan,
      ValueShapes shapes,
      TrainingWeights weights,
      stream stream,
      ProgramMemory space,
      Primitives primitives) {
    this.shapes = shapes;
    this.weights = weights;
    this.stream = stream;
    this.space = space;
    this.primitives = primitives;
    this.calls = new TrainingCalls(space, primitives);
    int last = plan.steps().size();
    this.values = new PlacedTensor[last + 1];
    values[0] = calls.allocate(shapes.channelsLast(0));
    for (int i = 0; i < last; i++) {
      values[i + 1] = lower(plan.steps().get(i), i);
    }
    this.result = calls.inLayout(values[last], space.keep(shapes.channelsLast(last)));
  }

  private PlacedTensor lower(Step step, int index) {
    if (step instanceof Conv conv) {
      return convolve(conv, index);
    }
    if (step instanceof Pool pool) {
      return pool(pool, index);
    }
    if (step instanceof Elementwise elementwise) {
      return activated(index, values[elementwise.input()], elementwise.activation());
    }
    if (step instanceof Sum sum) {
      return sum(sum, index);
    }
    PlacedTensor to = calls.allocate(shapes.channelsLast(index + 1));
    if (step instanceof Concat concat) {
      long[] offset = {0, 0, 0, 0};
      for (int input : concat.inputs()) {
        calls.copy(values[input], part(to, input, offset));
        offset[1] += shapes.channels(input);
      }
    } else if (step instanceof ZeroPad pad) {
      calls.clear(to);
      long[] offset = {0, 0, pad.top(), pad.left()};
      calls.copy(values[pad.input()], part(to, pad.input(), offset));
    }
    return to;
  }

  private PlacedTensor part(PlacedTensor whole, int value, long[] offset) {
    return new PlacedTensor(
        whole.desc().submemory_desc(shapes.dims(value), offset), whole.buffer());
  }

  private PlacedTensor convolve(Conv conv, int index) {
    Activation activation = conv.activation();
    boolean fused = activation.isIdentity() || Primitives.derivesFromResult(activation);
    convolution_forward.primitive_desc primitive =
        space.keep(
            primitives.convolution(
                conv,
                shapes.of(conv.input()),
                shapes.desc(conv.input(), memory.format_tag.any),
                shapes.desc(index + 1, memory.format_tag.any),
                fused ? activation : Activation.IDENTITY));
    convolutions.put(index, primitive);
    PlacedTensor from = calls.inLayout(values[conv.input()], primitive.src_desc());
    PlacedTensor to = calls.allocate(primitive.dst_desc());
    if (conv.residual() >= 0) {
      calls.copy(values[conv.residual()], to);
    }
    IntMemoryMap bound = new IntMemoryMap();
    bound.put(DNNL_ARG_SRC, calls.bind(from));
    bound.put(DNNL_ARG_DST, calls.bind(to));
    bound.put(DNNL_ARG_WEIGHTS, weights.kernel(index, primitive.weights_desc(), stream));
    bound.put(DNNL_ARG_BIAS, weights.bias(index));
    calls.add(new convolution_forward(primitive), primitive, bound);
    return fused ? to : activated(index, to, activation);
  }

  private PlacedTensor pool(Pool pool, int index) {
    PlacedTensor from = values[pool.input()];
    pooling_forward.primitive_desc primitive =
        space.keep(
            primitives.pooling(
                pool,
                shapes.of(pool.input()),
                from.desc(),
                shapes.desc(index + 1, memory.format_tag.any)));
    poolings.put(index, primitive);
    PlacedTensor to = calls.allocate(primitive.dst_desc());
    IntMemoryMap bound = new IntMemoryMap();
    bound.put(DNNL_ARG_SRC, calls.bind(from));
    bound.put(DNNL_ARG_DST, calls.bind(to));
    if (pool.kind() == PoolKind.MAX) {
      PlacedTensor workspace = calls.allocate(primitive.workspace_desc());
      workspaces.put(index, workspace);
      bound.put(DNNL_ARG_WORKSPACE, calls.bind(workspace));
    }
    calls.add(new pooling_forward(primitive), primitive, bound);
    return to;
  }

  private PlacedTensor sum(Sum sum, int index) {
    PlacedTensor first = values[sum.inputs().get(0)];
    PlacedTensor to = calls.allocate(first.desc());
    calls.copy(first, to);
    for (int input : sum.inputs().subList(1, sum.inputs().size())) {
      calls.addTo(to, calls.inLayout(values[input], to.desc()));
    }
    return sum.activation().isIdentity() ? to : activated(index, to, sum.activation());
  }

  /** Applies the activation of a step, whose argument is kept. */
  private PlacedTensor activated(int index, PlacedTensor from, Activation activation) {
    arguments.put(index, from);
    PlacedTensor to = calls.allocate(from.desc());
    if (activation.isIdentity()) {
      calls.copy(from, to);
      return to;
    }
    eltwise_forward.primitive_desc primitive = primitives.elementwise(activation, from.desc());
    IntMemoryMap bound = new IntMemoryMap();
    bound.put(DNNL_ARG_SRC, calls.bind(from));
    bound.put(DNNL_ARG_DST, calls.bind(to));
    calls.add(new eltwise_forward(primitive), primitive, bound);
    return to;
  }

  TrainingCalls calls() {
    return calls;
  }

  /** A value in the layout that its step gave it. */
  PlacedTensor value(int value) {
    return values[value];
  }

  /** The last value, channels last. */
  PlacedTensor result() {
    return result;
  }

  /** What the activation of a step was applied to, if it was kept. */
  @Nullable PlacedTensor argument(int step) {
    return arguments.get(step);
  }

  convolution_forward.primitive_desc convolution(int step) {
    return Objects.requireNonNull(convolutions.get(step), () -> "step " + step);
  }

  pooling_forward.primitive_desc pooling(int step) {
    return Objects.requireNonNull(poolings.get(step), () -> "step " + step);
  }

  /** Where the largest values of a pooling stood; other poolings have none. */
  @Nullable PlacedTensor workspace(int step) {
    return workspaces.get(step);
  }
}
