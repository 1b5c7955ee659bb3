// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Concat;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import io.deepretrieval.dl4j.plan.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.global.dnnl.scratchpad_mode;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A {@link NetworkPlan} for one input shape: oneDNN primitives in order, with the place of every
 * value in one slab of memory planned beforehand. A value's place is taken again as soon as nobody
 * reads it any more; a convolution that adds a residual works in the residual's place.
 *
 * <p>Not thread-safe: it belongs to the arena that made it.
 */
final class OneDnnProgram implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  /** Channels of a block: a register of AVX2. */
  private static final int BLOCK = 8;

  private final engine engine;
  private final OneDnnWeights weights;
  private final int batch;
  private final NativeOwner natives = new NativeOwner();
  private final List<Call> calls = new ArrayList<>();
  private final List<Bound> bound = new ArrayList<>();
  private final List<ZeroFill> zeroFills = new ArrayList<>();
  private final MemoryPlanner planner;
  private final int[][] shapes;
  private final int[] buffers;
  private final boolean blocked;
  private final int inputBuffer;
  private int outputBuffer;
  private final long scratchBytes;
  private long boundTo;

  /** One primitive with its arguments, or a fill with zeros before it. */
  private record Call(primitive primitive, IntMemoryMap arguments, int zeroFill) {}

  /** A memory object and the buffer it looks into; -1 is the scratchpad. */
  private record Bound(memory memory, int buffer) {}

  private record ZeroFill(int buffer, long bytes) {}

  /**
   * Makes the primitives.
   *
   * @param plan the network
   * @param weights its weights, shared by all programs
   * @param engine the CPU
   * @param stream for preparing weights
   * @param wantsBlocks whether values shall lie in blocks of eight channels where the plan allows
   *     it
   * @param batch N
   * @param height H of the input
   * @param width W of the input
   * @throws IllegalArgumentException if the input is too small for the network
   */
  OneDnnProgram(
      NetworkPlan plan,
      OneDnnWeights weights,
      engine engine,
      stream stream,
      boolean wantsBlocks,
      int batch,
      int height,
      int width) {
    this.engine = engine;
    this.weights = weights;
    this.batch = batch;
    List<Step> steps = plan.steps();
    shapes = shapes(plan, height, width);
    int[] lastUse = lastUse(steps);
    blocked = wantsBlocks && fitsBlocks(plan);
    planner = new MemoryPlanner(ALIGNMENT);
    buffers = new int[steps.size() + 1];
    inputBuffer = planner.allocate(bytes(0));
    try {
      scratchBytes = NativeOwner.scoped(() -> lower(steps, lastUse, stream));
    } catch (RuntimeException e) {
      natives.close();
      throw e;
    }
  }

  /**
   * Whether kernels take all values of a plan in blocks of channels: each but the input has whole
   * blocks, within each group too, and nothing but convolutions without groups reads the input.
   */
  private static boolean fitsBlocks(NetworkPlan plan) {
    List<Step> steps = plan.steps();
    for (Step step : steps) {
      boolean fits =
          step instanceof Conv conv ? fitsBlocks(conv, steps) : !step.inputs().contains(0);
      if (!fits || step.channels() % BLOCK != 0) {
        return false;
      }
    }
    return !steps.isEmpty();
  }

  private static boolean fitsBlocks(Conv conv, List<Step> steps) {
    // The input lies plane by plane, which a residual in its place would not.
    if (conv.input() == 0 || conv.residual() == 0) {
      return conv.groups() == 1 && conv.residual() != 0;
    }
    return conv.groups() == 1
        || conv.groups() == conv.channels()
        || (conv.channels() / conv.groups() % BLOCK == 0
            && steps.get(conv.input() - 1).channels() / conv.groups() % BLOCK == 0);
  }

  private long lower(List<Step> steps, int[] lastUse, stream stream) {
    long scratch = 0;
    buffers[0] = inputBuffer;
    if (blocked) {
      buffers[0] = planner.allocate(bytes(0));
      copy(plainDesc(0), inputBuffer, desc(0), buffers[0], -1);
      planner.free(inputBuffer);
    }
    for (int i = 0; i < steps.size(); i++) {
      scratch = Math.max(scratch, lower(steps.get(i), i, lastUse, stream));
      for (int value : steps.get(i).inputs().stream().distinct().toList()) {
        if (lastUse[value] == i && buffers[value] != buffers[i + 1]) {
          planner.free(buffers[value]);
        }
      }
    }
    int last = steps.size();
    outputBuffer = buffers[last];
    if (blocked) {
      outputBuffer = planner.allocate(bytes(last));
      copy(desc(last), buffers[last], plainDesc(last), outputBuffer, -1);
    }
    return scratch;
  }

  /** C, H, W of every value for an input size. */
  static int[][] shapes(NetworkPlan plan, int height, int width) {
    int[][] out = new int[plan.steps().size() + 1][];
    out[0] = new int[] {plan.inputChannels(), height, width};
    for (int i = 0; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      int[] in = out[step.inputs().get(0)];
      int h = in[1];
      int w = in[2];
      if (step instanceof Conv conv) {
        h = conv.window().rows(in[1]).output();
        w = conv.window().columns(in[2]).output();
      } else if (step instanceof Pool pool) {
        h = pool.global() ? 1 : pool.window().rows(in[1]).output();
        w = pool.global() ? 1 : pool.window().columns(in[2]).output();
      } else if (step instanceof ZeroPad pad) {
        h += pad.top() + pad.bottom();
        w += pad.left() + pad.right();
      }
      if (h < 1 || w < 1) {
        throw new IllegalArgumentException(
            "image of "
                + width
                + "x"
                + height
                + " is too small for the network: layer '"
                + step.name()
                + "' gets "
                + in[2]
                + "x"
                + in[1]);
      }
      if ((long) step.channels() * h * w > Integer.MAX_VALUE / 4) {
        throw new IllegalArgumentException(
            "image of "
                + width
                + "x"
                + height
                + " is too large for the network: layer '"
                + step.name()
                + "' gives "
                + step.channels()
                + "x"
                + h
                + "x"
                + w);
      }
      for (int value : step.inputs()) {
        int[] other = out[value];
        // A residual lies where the output goes; other steps join maps of one size.
        boolean residual = step instanceof Conv conv && value == conv.residual();
        int[] like = residual ? new int[] {0, h, w} : in;
        if ((residual || !(step instanceof Conv)) && (other[1] != like[1] || other[2] != like[2])) {
          throw new IllegalArgumentException(
              "image of "
                  + width
                  + "x"
                  + height
                  + " does not fit the network: layer '"
                  + step.name()
                  + "' gets maps of "
                  + like[2]
                  + "x"
                  + like[1]
                  + " and "
                  + other[2]
                  + "x"
                  + other[1]);
        }
      }
      out[i + 1] = new int[] {step.channels(), h, w};
    }
    return out;
  }

  private static int[] lastUse(List<Step> steps) {
    int[] lastUse = new int[steps.size() + 1];
    for (int i = 0; i < steps.size(); i++) {
      for (int value : steps.get(i).inputs()) {
        lastUse[value] = i;
      }
    }
    lastUse[steps.size()] = steps.size();
    return lastUse;
  }

  private long bytes(int value) {
    return 4L * batch * shapes[value][0] * shapes[value][1] * shapes[value][2];
  }

  /** How a value lies in memory. */
  private memory.desc desc(int value) {
    if (!blocked) {
      return plainDesc(value);
    }
    // The few channels of an image are no block: kernels take them plane by plane.
    memory.format_tag tag = value == 0 ? memory.format_tag.nchw : memory.format_tag.aBcd8b;
    return new memory.desc(dims(value), memory.data_type.f32, tag, false);
  }

  /** How the input and the result lie in memory. */
  private memory.desc plainDesc(int value) {
    return new memory.desc(dims(value), memory.data_type.f32, memory.format_tag.nhwc, false);
  }

  private long[] dims(int value) {
    return new long[] {batch, shapes[value][0], shapes[value][1], shapes[value][2]};
  }

  private memory bind(memory.desc desc, int buffer) {
    memory memory = natives.keep(new memory(desc, engine, new Pointer()));
    bound.add(new Bound(memory, buffer));
    return memory;
  }

  private void call(primitive primitive, IntMemoryMap arguments, int zeroFill) {
    calls.add(new Call(natives.keep(primitive), natives.keep(arguments), zeroFill));
  }

  private static primitive_attr attributes() {
    primitive_attr attr = new primitive_attr();
    attr.set_scratchpad_mode(scratchpad_mode.user);
    return attr;
  }

  static void append(post_ops ops, Activation activation) {
    if (!activation.isIdentity()) {
      ops.append_eltwise(1f, function(activation), activation.alpha(), activation.beta());
    }
  }

  static algorithm function(Activation activation) {
    return switch (activation.kind()) {
      case RELU -> algorithm.eltwise_relu;
      case CLIP -> algorithm.eltwise_clip;
      case SIGMOID -> algorithm.eltwise_logistic;
      case TANH -> algorithm.eltwise_tanh;
      case ELU -> algorithm.eltwise_elu;
      case SWISH -> algorithm.eltwise_swish;
      case IDENTITY -> throw new IllegalStateException("identity must have been dropped");
    };
  }

  /** Adds the calls of a step; returns the bytes of scratchpad that it needs. */
  private long lower(Step step, int index, int[] lastUse, stream stream) {
    int value = index + 1;
    if (step instanceof Conv conv) {
      return lower(conv, index, lastUse, stream);
    }
    buffers[value] = planner.allocate(bytes(value));
    if (step instanceof Pool pool) {
      return lower(pool, value);
    }
    if (step instanceof Elementwise elementwise) {
      return eltwise(elementwise.input(), value, elementwise.activation());
    }
    if (step instanceof Sum sum) {
      return lower(sum, value);
    }
    if (step instanceof Concat concat) {
      long[] offset = {0, 0, 0, 0};
      memory.desc whole = desc(value);
      for (int input : concat.inputs()) {
        copy(input, whole.submemory_desc(dims(input), offset), buffers[value], -1);
        offset[1] += shapes[input][0];
      }
      return 0;
    }
    ZeroPad pad = (ZeroPad) step;
    zeroFills.add(new ZeroFill(buffers[value], bytes(value)));
    copy(
        pad.input(),
        desc(value).submemory_desc(dims(pad.input()), new long[] {0, 0, pad.top(), pad.left()}),
        buffers[value],
        zeroFills.size() - 1);
    return 0;
  }

  private long lower(Conv conv, int index, int[] lastUse, stream stream) {
    int value = index + 1;
    post_ops ops = new post_ops();
    if (conv.residual() >= 0) {
      boolean inPlace =
          lastUse[conv.residual()] == index && buffers[conv.residual()] != buffers[conv.input()];
      if (inPlace) {
        buffers[value] = buffers[conv.residual()];
      } else {
        buffers[value] = planner.allocate(bytes(value));
        copy(conv.residual(), desc(value), buffers[value], -1);
      }
      ops.append_sum();
    } else {
      buffers[value] = planner.allocate(bytes(value));
    }
    append(ops, conv.activation());
    primitive_attr attr = attributes();
    attr.set_post_ops(ops);
    Window window = conv.window();
    int[] in = shapes[conv.input()];
    Window.Placement rows = window.rows(in[1]);
    Window.Placement columns = window.columns(in[2]);
    convolution_forward.desc desc =
        new convolution_forward.desc(
            prop_kind.forward_inference,
            algorithm.convolution_direct,
            desc(conv.input()),
            OneDnnWeights.anyLayout(conv, in[0]),
            OneDnnWeights.biasDesc(conv),
            desc(value),
            new long[] {window.strideH(), window.strideW()},
            new long[] {window.dilationH() - 1, window.dilationW() - 1},
            new long[] {rows.before(), columns.before()},
            new long[] {
              behind(rows, in[1], window.kernelH(), window.strideH(), window.dilationH()),
              behind(columns, in[2], window.kernelW(), window.strideW(), window.dilationW())
            });
    convolution_forward.primitive_desc primitive =
        new convolution_forward.primitive_desc(desc, attr, engine, false);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(desc(conv.input()), buffers[conv.input()]));
    arguments.put(DNNL_ARG_DST, bind(desc(value), buffers[value]));
    arguments.put(
        DNNL_ARG_WEIGHTS, weights.kernel(index, conv, in[0], primitive.weights_desc(), stream));
    arguments.put(DNNL_ARG_BIAS, weights.bias(index, conv));
    long scratch = primitive.scratchpad_desc().get_size();
    if (scratch > 0) {
      arguments.put(DNNL_ARG_SCRATCHPAD, bind(primitive.scratchpad_desc(), -1));
    }
    call(new convolution_forward(primitive), arguments, -1);
    return scratch;
  }

  /**
   * oneDNN wants the padding behind that makes the output size exact; unread rows make it negative.
   */
  static int behind(Window.Placement place, int input, int kernel, int stride, int dilation) {
    return (place.output() - 1) * stride + (kernel - 1) * dilation + 1 - input - place.before();
  }

  private long lower(Pool pool, int value) {
    int[] in = shapes[pool.input()];
    Window window =
        pool.global() ? new Window(in[1], in[2], 1, 1, 1, 1, false, 0, 0, 0, 0) : pool.window();
    Window.Placement rows = window.rows(in[1]);
    Window.Placement columns = window.columns(in[2]);
    pooling_forward.desc desc =
        new pooling_forward.desc(
            prop_kind.forward_inference,
            switch (pool.kind()) {
              case MAX -> algorithm.pooling_max;
              case MEAN_EXCLUDING_PADDING -> algorithm.pooling_avg_exclude_padding;
              case MEAN_INCLUDING_PADDING -> algorithm.pooling_avg_include_padding;
            },
            desc(pool.input()),
            desc(value),
            new long[] {window.strideH(), window.strideW()},
            new long[] {window.kernelH(), window.kernelW()},
            new long[] {rows.before(), columns.before()},
            new long[] {
              behind(rows, in[1], window.kernelH(), window.strideH(), 1),
              behind(columns, in[2], window.kernelW(), window.strideW(), 1)
            });
    pooling_forward.primitive_desc primitive =
        new pooling_forward.primitive_desc(desc, attributes(), engine, false);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(desc(pool.input()), buffers[pool.input()]));
    arguments.put(DNNL_ARG_DST, bind(desc(value), buffers[value]));
    long scratch = primitive.scratchpad_desc().get_size();
    if (scratch > 0) {
      arguments.put(DNNL_ARG_SCRATCHPAD, bind(primitive.scratchpad_desc(), -1));
    }
    call(new pooling_forward(primitive), arguments, -1);
    return scratch;
  }

  private long lower(Sum sum, int value) {
    int left = buffers[sum.inputs().get(0)];
    int leftValue = sum.inputs().get(0);
    for (int i = 1; i < sum.inputs().size(); i++) {
      int right = sum.inputs().get(i);
      post_ops ops = new post_ops();
      if (i == sum.inputs().size() - 1) {
        append(ops, sum.activation());
      }
      primitive_attr attr = attributes();
      attr.set_post_ops(ops);
      binary.primitive_desc primitive =
          new binary.primitive_desc(
              new binary.desc(algorithm.binary_add, desc(leftValue), desc(right), desc(value)),
              attr,
              engine,
              false);
      IntMemoryMap arguments = new IntMemoryMap();
      arguments.put(DNNL_ARG_SRC_0, bind(desc(leftValue), left));
      arguments.put(DNNL_ARG_SRC_1, bind(desc(right), buffers[right]));
      arguments.put(DNNL_ARG_DST, bind(desc(value), buffers[value]));
      call(new binary(primitive), arguments, -1);
      left = buffers[value];
      leftValue = value;
    }
    return 0;
  }

  private long eltwise(int input, int value, Activation activation) {
    if (activation.isIdentity()) {
      copy(input, desc(value), buffers[value], -1);
      return 0;
    }
    eltwise_forward.primitive_desc primitive =
        new eltwise_forward.primitive_desc(
            new eltwise_forward.desc(
                prop_kind.forward_inference,
                function(activation),
                desc(input),
                activation.alpha(),
                activation.beta()),
            attributes(),
            engine,
            false);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(desc(input), buffers[input]));
    arguments.put(DNNL_ARG_DST, bind(desc(value), buffers[value]));
    call(new eltwise_forward(primitive), arguments, -1);
    return 0;
  }

  private void copy(int input, memory.desc to, int buffer, int zeroFill) {
    copy(desc(input), buffers[input], to, buffer, zeroFill);
  }

  private void copy(memory.desc from, int source, memory.desc to, int buffer, int zeroFill) {
    reorder.primitive_desc primitive =
        new reorder.primitive_desc(engine, from, engine, to, new primitive_attr(), false);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_FROM, bind(from, source));
    arguments.put(DNNL_ARG_TO, bind(to, buffer));
    call(new reorder(primitive), arguments, zeroFill);
  }

  /** Bytes of slab that {@link #run} needs. */
  long slabBytes() {
    return planner.peak() + scratchBytes;
  }

  /** Byte offset of the input, {@code [N,H,W,C]} float32, in the slab. */
  long inputOffset() {
    return planner.offset(inputBuffer);
  }

  /** Byte offset of the result, {@code [N,H,W,C]} float32, in the slab. */
  long outputOffset() {
    return planner.offset(outputBuffer);
  }

  /** C, H, W of the result. */
  int[] outputShape() {
    return shapes[shapes.length - 1].clone();
  }

  /** Runs all steps over the input that lies in the slab. */
  void run(BytePointer slab, stream stream) {
    if (boundTo != slab.address()) {
      for (Bound b : bound) {
        long offset = b.buffer < 0 ? planner.peak() : planner.offset(b.buffer);
        b.memory.set_data_handle(slab.getPointer(BytePointer.class, offset));
      }
      boundTo = slab.address();
    }
    for (Call call : calls) {
      if (call.zeroFill >= 0) {
        ZeroFill fill = zeroFills.get(call.zeroFill);
        Pointer.memset(
            slab.getPointer(BytePointer.class, planner.offset(fill.buffer)), 0, fill.bytes);
      }
      call.primitive.execute(stream, call.arguments);
    }
    stream._wait();
  }

  @Override
  public void close() {
    natives.close();
    calls.clear();
    bound.clear();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "OneDnnProgram[%d calls, %.1f MB]",
        calls.size(),
        slabBytes() / (1024.0 * 1024.0));
  }
}
