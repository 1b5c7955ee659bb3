// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.stream;

/**
 * A {@link NetworkPlan} for one input shape: oneDNN primitives in order, with the place of every
 * value in one slab of memory planned beforehand. A value's place is taken again as soon as nobody
 * reads it any more; a convolution that adds a residual works in the residual's place.
 *
 * <p>Not thread-safe: it belongs to the arena that made it.
 */
final class OneDnnProgram implements AutoCloseable {
  /** Channels of a block: a register of AVX2. */
  private static final int BLOCK = 8;

  private final OneDnnWeights weights;
  private final List<Call> calls = new ArrayList<>();
  private final ProgramMemory space;
  private final Primitives primitives;
  private final ValueShapes shapes;
  private final int[] buffers;
  private final boolean blocked;
  private final int inputBuffer;
  private final int outputBuffer;
  private long boundTo;

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
    this.weights = weights;
    List<Step> steps = plan.steps();
    shapes = new ValueShapes(plan, batch, height, width);
    space = new ProgramMemory(engine);
    primitives = new Primitives(engine, prop_kind.forward_inference);
    blocked = wantsBlocks && fitsBlocks(plan);
    buffers = new int[steps.size() + 1];
    inputBuffer = space.allocate(shapes.bytes(0));
    try {
      outputBuffer = NativeOwner.scoped(() -> lower(steps, stream));
    } catch (RuntimeException e) {
      space.close();
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

  /** Adds the calls of all steps; returns the buffer of the result. */
  private int lower(List<Step> steps, stream stream) {
    int[] lastUse = lastUse(steps);
    buffers[0] = inputBuffer;
    if (blocked) {
      buffers[0] = space.allocate(shapes.bytes(0));
      calls.add(space.copy(shapes.channelsLast(0), inputBuffer, desc(0), buffers[0]));
      space.free(inputBuffer);
    }
    for (int i = 0; i < steps.size(); i++) {
      lower(steps.get(i), i, lastUse, stream);
      for (int value : steps.get(i).inputs().stream().distinct().toList()) {
        if (lastUse[value] == i && buffers[value] != buffers[i + 1]) {
          space.free(buffers[value]);
        }
      }
    }
    int last = steps.size();
    if (!blocked) {
      return buffers[last];
    }
    int plain = space.allocate(shapes.bytes(last));
    calls.add(space.copy(desc(last), buffers[last], shapes.channelsLast(last), plain));
    return plain;
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

  /** How a value lies in memory. */
  private memory.desc desc(int value) {
    if (!blocked) {
      return shapes.channelsLast(value);
    }
    // The few channels of an image are no block: kernels take them plane by plane.
    return shapes.desc(value, value == 0 ? memory.format_tag.nchw : memory.format_tag.aBcd8b);
  }

  private memory bind(int value) {
    return space.bind(desc(value), buffers[value]);
  }

  private void copy(int value, memory.desc to, int buffer) {
    calls.add(space.copy(desc(value), buffers[value], to, buffer));
  }

  private void lower(Step step, int index, int[] lastUse, stream stream) {
    int value = index + 1;
    if (step instanceof Conv conv) {
      convolve(conv, index, lastUse, stream);
      return;
    }
    buffers[value] = space.allocate(shapes.bytes(value));
    if (step instanceof Pool pool) {
      pool(pool, value);
    } else if (step instanceof Elementwise elementwise) {
      apply(elementwise.activation(), elementwise.input(), value);
    } else if (step instanceof Sum sum) {
      sum(sum, value);
    } else if (step instanceof Concat concat) {
      long[] offset = {0, 0, 0, 0};
      memory.desc whole = desc(value);
      for (int input : concat.inputs()) {
        copy(input, whole.submemory_desc(shapes.dims(input), offset), buffers[value]);
        offset[1] += shapes.channels(input);
      }
    } else if (step instanceof ZeroPad pad) {
      calls.add(space.zeros(buffers[value], shapes.bytes(value)));
      long[] offset = {0, 0, pad.top(), pad.left()};
      memory.desc inside = desc(value).submemory_desc(shapes.dims(pad.input()), offset);
      copy(pad.input(), inside, buffers[value]);
    }
  }

  private void convolve(Conv conv, int index, int[] lastUse, stream stream) {
    int value = index + 1;
    int residual = conv.residual();
    boolean inPlace =
        residual >= 0 && lastUse[residual] == index && buffers[residual] != buffers[conv.input()];
    buffers[value] = inPlace ? buffers[residual] : space.allocate(shapes.bytes(value));
    if (residual >= 0 && !inPlace) {
      copy(residual, desc(value), buffers[value]);
    }
    int[] in = shapes.of(conv.input());
    convolution_forward.primitive_desc primitive =
        primitives.convolution(conv, in, desc(conv.input()), desc(value), conv.activation());
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(conv.input()));
    arguments.put(DNNL_ARG_DST, bind(value));
    arguments.put(
        DNNL_ARG_WEIGHTS, weights.kernel(index, conv, in[0], primitive.weights_desc(), stream));
    arguments.put(DNNL_ARG_BIAS, weights.bias(index, conv));
    space.scratchpad(arguments, primitive);
    calls.add(space.call(new convolution_forward(primitive), arguments));
  }

  private void pool(Pool pool, int value) {
    int input = pool.input();
    pooling_forward.primitive_desc primitive =
        primitives.pooling(pool, shapes.of(input), desc(input), desc(value));
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(input));
    arguments.put(DNNL_ARG_DST, bind(value));
    space.scratchpad(arguments, primitive);
    calls.add(space.call(new pooling_forward(primitive), arguments));
  }

  private void sum(Sum sum, int value) {
    int left = sum.inputs().get(0);
    for (int i = 1; i < sum.inputs().size(); i++) {
      int right = sum.inputs().get(i);
      binary.primitive_desc primitive = primitives.sum(desc(left), desc(right), desc(value));
      IntMemoryMap arguments = new IntMemoryMap();
      arguments.put(DNNL_ARG_SRC_0, bind(left));
      arguments.put(DNNL_ARG_SRC_1, bind(right));
      arguments.put(DNNL_ARG_DST, bind(value));
      space.scratchpad(arguments, primitive);
      calls.add(space.call(new binary(primitive), arguments));
      left = value;
    }
    // An activation as part of the sum writes beyond the value on some CPUs with AVX-512.
    if (!sum.activation().isIdentity()) {
      elementwise(sum.activation(), value, value);
    }
  }

  private void apply(Activation activation, int input, int value) {
    if (activation.isIdentity()) {
      copy(input, desc(value), buffers[value]);
      return;
    }
    elementwise(activation, input, value);
  }

  private void elementwise(Activation activation, int input, int value) {
    eltwise_forward.primitive_desc primitive = primitives.elementwise(activation, desc(input));
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC, bind(input));
    arguments.put(DNNL_ARG_DST, bind(value));
    space.scratchpad(arguments, primitive);
    calls.add(space.call(new eltwise_forward(primitive), arguments));
  }

  /** Bytes of slab that {@link #run} needs. */
  long slabBytes() {
    return space.bytes();
  }

  /** Byte offset of the input, {@code [N,H,W,C]} float32, in the slab. */
  long inputOffset() {
    return space.offset(inputBuffer);
  }

  /** Byte offset of the result, {@code [N,H,W,C]} float32, in the slab. */
  long outputOffset() {
    return space.offset(outputBuffer);
  }

  /** C, H, W of the result. */
  int[] outputShape() {
    return shapes.result();
  }

  /** Runs all steps over the input that lies in the slab. */
  void run(Slab slab, stream stream) {
    if (boundTo != slab.address()) {
      space.bindTo(slab);
      boundTo = slab.address();
    }
    for (Call call : calls) {
      call.run(slab, stream);
    }
    stream._wait();
  }

  @Override
  public void close() {
    space.close();
    calls.clear();
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
