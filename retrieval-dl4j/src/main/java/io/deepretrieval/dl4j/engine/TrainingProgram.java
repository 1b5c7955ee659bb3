// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
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
import io.deepretrieval.dl4j.plan.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link NetworkPlan} for one input shape, forward and backward: oneDNN primitives in order, with
 * the place of every value, workspace and gradient in one slab of memory. Convolutions choose their
 * layouts; where two neighbors differ, a copy in the other layout is made. Gradients flow only
 * where a trained convolution lies upstream.
 *
 * <p>An activation that can be derived from its result is computed inside the convolution, and the
 * value before it is not kept.
 *
 * <p>Not thread-safe.
 */
final class TrainingProgram implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final NetworkPlan plan;
  private final TrainingWeights weights;
  private final engine engine;
  private final stream stream;
  private final IntPredicate trained;
  private final int batch;
  private final int[][] shapes;
  private final NativeOwner natives = new NativeOwner();
  private final MemoryPlanner planner = new MemoryPlanner(ALIGNMENT);
  private final List<Bound> bound = new ArrayList<>();
  private final List<Call> forward = new ArrayList<>();
  private final List<Call> backward = new ArrayList<>();
  private final Place[] values;
  private final @Nullable Place[] gradients;
  private final Map<Integer, Place> before = new HashMap<>();
  private final Map<Integer, convolution_forward.primitive_desc> convolutions = new HashMap<>();
  private final Map<Integer, pooling_forward.primitive_desc> poolings = new HashMap<>();
  private final Map<Integer, Place> workspaces = new HashMap<>();
  private final boolean[] needsGradient;
  private final Place output;
  private final Place outputGradient;
  private @Nullable BytePointer slab;
  private long shift;
  private long scratchBytes;

  /** A buffer and the layout of what lies in it. */
  private record Place(memory.desc desc, int buffer) {}

  /** Work on the slab, in order. */
  private interface Call {
    void run();
  }

  /** A memory object and the buffer it looks into; -1 is the scratchpad. */
  private record Bound(memory memory, int buffer) {}

  /**
   * Makes the primitives and takes the memory.
   *
   * @param plan the network
   * @param weights its weights, shared by all programs
   * @param engine the CPU
   * @param stream to run on
   * @param trained which convolutions, by their steps, get gradients
   * @param batch N
   * @param height H of the input
   * @param width W of the input
   */
  TrainingProgram(
      NetworkPlan plan,
      TrainingWeights weights,
      engine engine,
      stream stream,
      IntPredicate trained,
      int batch,
      int height,
      int width) {
    this.plan = plan;
    this.weights = weights;
    this.engine = engine;
    this.stream = stream;
    this.trained = trained;
    this.batch = batch;
    this.shapes = OneDnnProgram.shapes(plan, height, width);
    int count = plan.steps().size();
    this.values = new Place[count + 1];
    this.gradients = new Place[count + 1];
    this.needsGradient = needsGradient(plan, trained);
    try {
      Place[] ends =
          NativeOwner.scoped(
              () -> {
                Place out = lowerForward();
                return new Place[] {out, lowerBackward()};
              });
      output = ends[0];
      outputGradient = ends[1];
      long bytes = planner.peak() + scratchBytes + ALIGNMENT;
      BytePointer memory = natives.keep(new BytePointer(bytes));
      slab = memory;
      shift = (ALIGNMENT - memory.address() % ALIGNMENT) % ALIGNMENT;
      for (Bound b : bound) {
        b.memory.set_data_handle(at(b.buffer < 0 ? planner.peak() : planner.offset(b.buffer)));
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      natives.close();
      throw e;
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

  private BytePointer at(long offset) {
    return Objects.requireNonNull(slab).getPointer(BytePointer.class, shift + offset);
  }

  private FloatPointer floats(Place place, long count) {
    return new FloatPointer(at(planner.offset(place.buffer))).capacity(count);
  }

  private long[] dims(int value) {
    return new long[] {batch, shapes[value][0], shapes[value][1], shapes[value][2]};
  }

  private memory.desc channelsLast(int value) {
    return desc(value, memory.format_tag.nhwc);
  }

  private memory.desc desc(int value, memory.format_tag tag) {
    return new memory.desc(dims(value), memory.data_type.f32, tag, false);
  }

  private Place allocate(memory.desc desc) {
    return new Place(natives.keep(new memory.desc(desc)), planner.allocate(desc.get_size()));
  }

  private memory bind(Place place) {
    return bind(place.desc, place.buffer);
  }

  private memory bind(memory.desc desc, int buffer) {
    memory memory = natives.keep(new memory(desc, engine, new Pointer()));
    bound.add(new Bound(memory, buffer));
    return memory;
  }

  private void add(List<Call> calls, primitive made, IntMemoryMap arguments) {
    primitive kept = natives.keep(made);
    IntMemoryMap keptArguments = natives.keep(arguments);
    calls.add(() -> kept.execute(stream, keptArguments));
  }

  private void scratchpad(IntMemoryMap arguments, primitive_desc_base primitive) {
    long bytes = primitive.scratchpad_desc().get_size();
    if (bytes > 0) {
      scratchBytes = Math.max(scratchBytes, bytes);
      arguments.put(DNNL_ARG_SCRATCHPAD, bind(primitive.scratchpad_desc(), -1));
    }
  }

  private static primitive_attr attributes() {
    primitive_attr attr = new primitive_attr();
    attr.set_scratchpad_mode(scratchpad_mode.user);
    return attr;
  }

  private void copy(List<Call> calls, Place from, Place to) {
    copy(calls, from.desc, from.buffer, to.desc, to.buffer);
  }

  private void copy(
      List<Call> calls, memory.desc from, int fromBuffer, memory.desc to, int toBuffer) {
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_FROM, bind(from, fromBuffer));
    arguments.put(DNNL_ARG_TO, bind(to, toBuffer));
    add(
        calls,
        new reorder(
            new reorder.primitive_desc(engine, from, engine, to, new primitive_attr(), false)),
        arguments);
  }

  /** The same values in a layout: the place itself, or a copy of it. */
  private Place inLayout(List<Call> calls, Place place, memory.desc wanted) {
    if (place.desc.equals(wanted)) {
      return place;
    }
    Place copy = allocate(wanted);
    copy(calls, place, copy);
    return copy;
  }

  // ---- forward

  private Place lowerForward() {
    values[0] = allocate(channelsLast(0));
    for (int i = 0; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      if (step instanceof Conv conv) {
        convolve(conv, i);
      } else if (step instanceof Pool pool) {
        pool(pool, i);
      } else if (step instanceof Elementwise elementwise) {
        before.put(i, values[elementwise.input()]);
        values[i + 1] = activated(values[elementwise.input()], elementwise.activation());
      } else if (step instanceof Sum sum) {
        sum(sum, i);
      } else if (step instanceof Concat concat) {
        values[i + 1] = allocate(channelsLast(i + 1));
        long[] offset = {0, 0, 0, 0};
        for (int input : concat.inputs()) {
          memory.desc part = values[i + 1].desc.submemory_desc(dims(input), offset);
          copy(forward, values[input].desc, values[input].buffer, part, values[i + 1].buffer);
          offset[1] += shapes[input][0];
        }
      } else if (step instanceof ZeroPad pad) {
        Place place = allocate(channelsLast(i + 1));
        values[i + 1] = place;
        long bytes = place.desc.get_size();
        forward.add(() -> Pointer.memset(at(planner.offset(place.buffer)), 0, bytes));
        memory.desc inside =
            place.desc.submemory_desc(dims(pad.input()), new long[] {0, 0, pad.top(), pad.left()});
        Place from = values[pad.input()];
        copy(forward, from.desc, from.buffer, inside, place.buffer);
      }
    }
    int last = plan.steps().size();
    return inLayout(forward, values[last], natives.keep(channelsLast(last)));
  }

  private void convolve(Conv conv, int index) {
    Activation activation = conv.activation();
    boolean fused = activation.isIdentity() || fromResult(activation);
    post_ops ops = new post_ops();
    if (conv.residual() >= 0) {
      ops.append_sum();
    }
    if (fused) {
      OneDnnProgram.append(ops, activation);
    }
    primitive_attr attr = attributes();
    attr.set_post_ops(ops);
    int[] in = shapes[conv.input()];
    Geometry geometry = Geometry.of(conv.window(), in);
    convolution_forward.primitive_desc primitive =
        natives.keep(
            new convolution_forward.primitive_desc(
                new convolution_forward.desc(
                    prop_kind.forward_training,
                    algorithm.convolution_direct,
                    desc(conv.input(), memory.format_tag.any),
                    OneDnnWeights.anyLayout(conv, in[0]),
                    OneDnnWeights.biasDesc(conv),
                    desc(index + 1, memory.format_tag.any),
                    geometry.strides,
                    geometry.dilations,
                    geometry.padBefore,
                    geometry.padAfter),
                attr,
                engine,
                false));
    convolutions.put(index, primitive);
    Place from = inLayout(forward, values[conv.input()], primitive.src_desc());
    Place to = allocate(primitive.dst_desc());
    if (conv.residual() >= 0) {
      copy(forward, values[conv.residual()], to);
    }
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(from));
    arguments.put(DNNL_ARG_DST, bind(to));
    arguments.put(DNNL_ARG_WEIGHTS, weights.kernel(index, primitive.weights_desc(), stream));
    arguments.put(DNNL_ARG_BIAS, weights.bias(index));
    scratchpad(arguments, primitive);
    add(forward, new convolution_forward(primitive), arguments);
    if (fused) {
      values[index + 1] = to;
    } else {
      before.put(index, to);
      values[index + 1] = activated(to, activation);
    }
  }

  private Place activated(Place from, Activation activation) {
    Place to = allocate(from.desc);
    if (activation.isIdentity()) {
      copy(forward, from, to);
      return to;
    }
    eltwise_forward.primitive_desc primitive = eltwise(activation, from.desc);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(from));
    arguments.put(DNNL_ARG_DST, bind(to));
    scratchpad(arguments, primitive);
    add(forward, new eltwise_forward(primitive), arguments);
    return to;
  }

  private eltwise_forward.primitive_desc eltwise(Activation activation, memory.desc desc) {
    return new eltwise_forward.primitive_desc(
        new eltwise_forward.desc(
            prop_kind.forward_training,
            OneDnnProgram.function(activation),
            desc,
            activation.alpha(),
            activation.beta()),
        attributes(),
        engine,
        false);
  }

  private void pool(Pool pool, int index) {
    int[] in = shapes[pool.input()];
    Window window =
        pool.global() ? new Window(in[1], in[2], 1, 1, 1, 1, false, 0, 0, 0, 0) : pool.window();
    Geometry geometry = Geometry.of(window, in);
    Place from = values[pool.input()];
    pooling_forward.primitive_desc primitive =
        natives.keep(
            new pooling_forward.primitive_desc(
                new pooling_forward.desc(
                    prop_kind.forward_training,
                    algorithm(pool.kind()),
                    from.desc,
                    desc(index + 1, memory.format_tag.any),
                    geometry.strides,
                    geometry.kernel,
                    geometry.padBefore,
                    geometry.padAfter),
                attributes(),
                engine,
                false));
    poolings.put(index, primitive);
    Place to = allocate(primitive.dst_desc());
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(from));
    arguments.put(DNNL_ARG_DST, bind(to));
    if (pool.kind() == PoolKind.MAX) {
      Place workspace = allocate(primitive.workspace_desc());
      workspaces.put(index, workspace);
      arguments.put(DNNL_ARG_WORKSPACE, bind(workspace));
    }
    scratchpad(arguments, primitive);
    add(forward, new pooling_forward(primitive), arguments);
    values[index + 1] = to;
  }

  private static algorithm algorithm(PoolKind kind) {
    return switch (kind) {
      case MAX -> algorithm.pooling_max;
      case MEAN_EXCLUDING_PADDING -> algorithm.pooling_avg_exclude_padding;
      case MEAN_INCLUDING_PADDING -> algorithm.pooling_avg_include_padding;
    };
  }

  private void sum(Sum sum, int index) {
    Place first = values[sum.inputs().get(0)];
    Place to = allocate(first.desc);
    copy(forward, first, to);
    for (int input : sum.inputs().subList(1, sum.inputs().size())) {
      addTo(forward, to, inLayout(forward, values[input], to.desc));
    }
    if (sum.activation().isIdentity()) {
      values[index + 1] = to;
    } else {
      before.put(index, to);
      values[index + 1] = activated(to, sum.activation());
    }
  }

  /** a += b, of one layout. */
  private void addTo(List<Call> calls, Place a, Place b) {
    binary.primitive_desc primitive =
        new binary.primitive_desc(
            new binary.desc(algorithm.binary_add, a.desc, b.desc, a.desc),
            attributes(),
            engine,
            false);
    memory sum = bind(a);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC_0, sum);
    arguments.put(DNNL_ARG_SRC_1, bind(b));
    arguments.put(DNNL_ARG_DST, sum);
    scratchpad(arguments, primitive);
    add(calls, new binary(primitive), arguments);
  }

  // ---- backward

  private Place lowerBackward() {
    int last = plan.steps().size();
    Place given = allocate(channelsLast(last));
    if (!needsGradient[last]) {
      return given;
    }
    gradients[last] = inLayout(backward, given, values[last].desc);
    for (int i = last - 1; i >= 0; i--) {
      Place gradient = gradients[i + 1];
      if (gradient != null && needsGradient[i + 1]) {
        gradients[i + 1] = null;
        if (back(plan.steps().get(i), i, gradient)) {
          planner.free(gradient.buffer);
        }
      }
    }
    return given;
  }

  /** Adds the calls that carry a gradient through a step; says whether its place is free now. */
  private boolean back(Step step, int index, Place gradient) {
    if (step instanceof Conv conv) {
      derive(conv.activation(), index, gradient);
      backConvolution(conv, index, gradient);
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
      if (needsGradient[pool.input()]) {
        backPooling(pool, index, gradient);
      }
      return true;
    }
    if (step instanceof Concat concat) {
      long[] offset = {0, 0, 0, 0};
      Place plain = inLayout(backward, gradient, values[index + 1].desc);
      for (int input : concat.inputs()) {
        memory.desc part = plain.desc.submemory_desc(dims(input), offset);
        receive(input, to -> copy(backward, part, plain.buffer, to.desc, to.buffer));
        offset[1] += shapes[input][0];
      }
      release(plain, gradient);
      return true;
    }
    ZeroPad pad = (ZeroPad) step;
    Place plain = inLayout(backward, gradient, values[index + 1].desc);
    memory.desc inside =
        plain.desc.submemory_desc(dims(pad.input()), new long[] {0, 0, pad.top(), pad.left()});
    receive(pad.input(), to -> copy(backward, inside, plain.buffer, to.desc, to.buffer));
    release(plain, gradient);
    return true;
  }

  private interface Writer {
    void write(Place to);
  }

  /** Lets a gradient be written, or written aside and added to the one that is there. */
  private void receive(int value, Writer writer) {
    if (!needsGradient[value]) {
      return;
    }
    Place known = gradients[value];
    Place to = allocate(values[value].desc);
    writer.write(to);
    if (known == null) {
      gradients[value] = to;
    } else {
      addTo(backward, known, to);
      planner.free(to.buffer);
    }
  }

  private void addCopy(int value, Place gradient) {
    receive(value, to -> copy(backward, gradient, to));
  }

  /** Hands a gradient on to a value: the place itself where it can be. Says if it is still free. */
  private boolean giveOrAdd(int value, Place gradient) {
    if (!needsGradient[value]) {
      return true;
    }
    if (gradients[value] == null && gradient.desc.equals(values[value].desc)) {
      gradients[value] = gradient;
      return false;
    }
    addCopy(value, gradient);
    return true;
  }

  /** Turns d loss / d result into d loss / d what the activation was applied to, in place. */
  private void derive(Activation activation, int index, Place gradient) {
    if (activation.isIdentity()) {
      return;
    }
    Place source = before.get(index);
    boolean result = fromResult(activation);
    Place seen = result || source == null ? values[index + 1] : source;
    algorithm function = result ? resultFunction(activation) : OneDnnProgram.function(activation);
    Place layout = inLayout(backward, seen, gradient.desc);
    eltwise_forward.primitive_desc hint = eltwise(activation, layout.desc);
    eltwise_backward.primitive_desc primitive =
        new eltwise_backward.primitive_desc(
            new eltwise_backward.desc(
                function, gradient.desc, layout.desc, activation.alpha(), activation.beta()),
            attributes(),
            engine,
            hint,
            false);
    IntMemoryMap arguments = new IntMemoryMap();
    memory both = bind(gradient);
    arguments.put(result ? DNNL_ARG_DST : DNNL_ARG_SRC, bind(layout));
    arguments.put(DNNL_ARG_DIFF_DST, both);
    arguments.put(DNNL_ARG_DIFF_SRC, both);
    scratchpad(arguments, primitive);
    add(backward, new eltwise_backward(primitive), arguments);
    if (layout.buffer != seen.buffer) {
      planner.free(layout.buffer);
    }
  }

  /** Whether the derivative follows from the result, so that the argument need not be kept. */
  private static boolean fromResult(Activation activation) {
    return switch (activation.kind()) {
      case RELU, ELU -> activation.alpha() >= 0;
      case CLIP, SIGMOID, TANH -> true;
      case SWISH, IDENTITY -> false;
    };
  }

  private static algorithm resultFunction(Activation activation) {
    return switch (activation.kind()) {
      case RELU -> algorithm.eltwise_relu_use_dst_for_bwd;
      case ELU -> algorithm.eltwise_elu_use_dst_for_bwd;
      case CLIP -> algorithm.eltwise_clip_v2_use_dst_for_bwd;
      case SIGMOID -> algorithm.eltwise_logistic_use_dst_for_bwd;
      case TANH -> algorithm.eltwise_tanh_use_dst_for_bwd;
      case SWISH, IDENTITY ->
          throw new IllegalStateException("activation must keep its argument: " + activation);
    };
  }

  private void backConvolution(Conv conv, int index, Place gradient) {
    convolution_forward.primitive_desc hint =
        Objects.requireNonNull(convolutions.get(index), conv.name());
    int[] in = shapes[conv.input()];
    Geometry geometry = Geometry.of(conv.window(), in);
    if (trained.test(index)) {
      convolution_backward_weights.primitive_desc primitive =
          new convolution_backward_weights.primitive_desc(
              new convolution_backward_weights.desc(
                  algorithm.convolution_direct,
                  desc(conv.input(), memory.format_tag.any),
                  OneDnnWeights.anyLayout(conv, in[0]),
                  OneDnnWeights.biasDesc(conv),
                  desc(index + 1, memory.format_tag.any),
                  geometry.strides,
                  geometry.dilations,
                  geometry.padBefore,
                  geometry.padAfter),
              attributes(),
              engine,
              hint,
              false);
      Place source = inLayout(backward, values[conv.input()], primitive.src_desc());
      Place upstream = inLayout(backward, gradient, primitive.diff_dst_desc());
      Place kernel = allocate(primitive.diff_weights_desc());
      Place bias = allocate(primitive.diff_bias_desc());
      IntMemoryMap arguments = new IntMemoryMap();
      arguments.put(DNNL_ARG_SRC, bind(source));
      arguments.put(DNNL_ARG_DIFF_DST, bind(upstream));
      arguments.put(DNNL_ARG_DIFF_WEIGHTS, bind(kernel));
      arguments.put(DNNL_ARG_DIFF_BIAS, bind(bias));
      scratchpad(arguments, primitive);
      add(backward, new convolution_backward_weights(primitive), arguments);
      Place plain = inLayout(backward, kernel, TrainingWeights.plain(conv, in[0]));
      TrainingWeights.Entry entry = weights.entry(index);
      backward.add(
          () -> {
            stream._wait();
            addTo(entry.kernelGradient(), plain);
            addTo(entry.biasGradient(), bias);
          });
      release(source, values[conv.input()]);
      release(upstream, gradient);
      release(plain, kernel);
      planner.free(kernel.buffer);
      planner.free(bias.buffer);
    }
    if (needsGradient[conv.input()]) {
      convolution_backward_data.primitive_desc primitive =
          new convolution_backward_data.primitive_desc(
              new convolution_backward_data.desc(
                  algorithm.convolution_direct,
                  desc(conv.input(), memory.format_tag.any),
                  OneDnnWeights.anyLayout(conv, in[0]),
                  desc(index + 1, memory.format_tag.any),
                  geometry.strides,
                  geometry.dilations,
                  geometry.padBefore,
                  geometry.padAfter),
              attributes(),
              engine,
              hint,
              false);
      Place upstream = inLayout(backward, gradient, primitive.diff_dst_desc());
      receive(
          conv.input(),
          to -> {
            boolean direct = to.desc.equals(primitive.diff_src_desc());
            Place made = direct ? to : allocate(primitive.diff_src_desc());
            IntMemoryMap arguments = new IntMemoryMap();
            arguments.put(DNNL_ARG_DIFF_SRC, bind(made));
            arguments.put(DNNL_ARG_DIFF_DST, bind(upstream));
            arguments.put(
                DNNL_ARG_WEIGHTS, weights.kernel(index, primitive.weights_desc(), stream));
            scratchpad(arguments, primitive);
            add(backward, new convolution_backward_data(primitive), arguments);
            if (!direct) {
              copy(backward, made, to);
              planner.free(made.buffer);
            }
          });
      release(upstream, gradient);
    }
  }

  private void release(Place copy, Place original) {
    if (copy.buffer != original.buffer) {
      planner.free(copy.buffer);
    }
  }

  private void addTo(float[] sums, Place place) {
    float[] more = new float[sums.length];
    floats(place, more.length).get(more);
    for (int i = 0; i < sums.length; i++) {
      sums[i] += more[i];
    }
  }

  private void backPooling(Pool pool, int index, Place gradient) {
    int[] in = shapes[pool.input()];
    Window window =
        pool.global() ? new Window(in[1], in[2], 1, 1, 1, 1, false, 0, 0, 0, 0) : pool.window();
    Geometry geometry = Geometry.of(window, in);
    pooling_forward.primitive_desc hint = Objects.requireNonNull(poolings.get(index), pool.name());
    receive(
        pool.input(),
        to -> {
          pooling_backward.primitive_desc primitive =
              new pooling_backward.primitive_desc(
                  new pooling_backward.desc(
                      algorithm(pool.kind()),
                      to.desc,
                      gradient.desc,
                      geometry.strides,
                      geometry.kernel,
                      geometry.padBefore,
                      geometry.padAfter),
                  attributes(),
                  engine,
                  hint,
                  false);
          IntMemoryMap arguments = new IntMemoryMap();
          arguments.put(DNNL_ARG_DIFF_SRC, bind(to));
          arguments.put(DNNL_ARG_DIFF_DST, bind(gradient));
          Place workspace = workspaces.get(index);
          if (workspace != null) {
            arguments.put(DNNL_ARG_WORKSPACE, bind(workspace));
          }
          scratchpad(arguments, primitive);
          add(backward, new pooling_backward(primitive), arguments);
        });
  }

  // ---- running

  /** Where the input, {@code [N,H,W,C]}, is to be written. */
  FloatPointer input() {
    return floats(values[0], (long) batch * shapes[0][0] * shapes[0][1] * shapes[0][2]);
  }

  /** Where the result, {@code [N,H,W,C]}, lies after {@link #forward}. */
  FloatPointer output() {
    return floats(output, outputValues());
  }

  /** Where d loss / d result, {@code [N,H,W,C]}, is to be written. */
  FloatPointer outputGradient() {
    return floats(outputGradient, outputValues());
  }

  private long outputValues() {
    int[] out = outputShape();
    return (long) batch * out[0] * out[1] * out[2];
  }

  /** C, H, W of the result. */
  int[] outputShape() {
    return shapes[shapes.length - 1].clone();
  }

  void forward() {
    forward.forEach(Call::run);
    stream._wait();
  }

  /** Adds to the gradients of the weights. */
  void backward() {
    backward.forEach(Call::run);
    stream._wait();
  }

  long bytes() {
    return planner.peak() + scratchBytes;
  }

  @Override
  public void close() {
    natives.close();
    forward.clear();
    backward.clear();
    bound.clear();
    slab = null;
    Arrays.fill(gradients, null);
  }

  /** The four sizes in which oneDNN takes a window. */
  private static final class Geometry {
    final long[] strides;
    final long[] dilations;
    final long[] kernel;
    final long[] padBefore;
    final long[] padAfter;

    private Geometry(Window window, Window.Placement rows, Window.Placement columns, int[] in) {
      strides = new long[] {window.strideH(), window.strideW()};
      dilations = new long[] {window.dilationH() - 1, window.dilationW() - 1};
      kernel = new long[] {window.kernelH(), window.kernelW()};
      padBefore = new long[] {rows.before(), columns.before()};
      padAfter =
          new long[] {
            OneDnnProgram.behind(
                rows, in[1], window.kernelH(), window.strideH(), window.dilationH()),
            OneDnnProgram.behind(
                columns, in[2], window.kernelW(), window.strideW(), window.dilationW())
          };
    }

    static Geometry of(Window window, int[] in) {
      return new Geometry(window, window.rows(in[1]), window.columns(in[2]), in);
    }
  }
}
