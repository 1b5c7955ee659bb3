// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The weights of a plan in the layouts that oneDNN asked for, each made once and shared by the
 * programs of all shapes and threads. Thread-safe.
 */
final class OneDnnWeights implements AutoCloseable {
  private record Packed(memory.desc desc, memory memory) {}

  private final engine engine;
  private final NativeOwner natives = new NativeOwner();
  private final Map<Integer, List<Packed>> kernels = new HashMap<>();
  private final Map<Integer, memory> biases = new HashMap<>();

  OneDnnWeights(engine engine) {
    this.engine = engine;
  }

  private static long[] dims(Conv conv, int inputChannels) {
    Window window = conv.window();
    long inputsEach = inputChannels / conv.groups();
    return conv.groups() == 1
        ? new long[] {conv.channels(), inputsEach, window.kernelH(), window.kernelW()}
        : new long[] {
          conv.groups(),
          conv.channels() / conv.groups(),
          inputsEach,
          window.kernelH(),
          window.kernelW()
        };
  }

  static memory.desc anyLayout(Conv conv, int inputChannels) {
    return new memory.desc(
        dims(conv, inputChannels), memory.data_type.f32, memory.format_tag.any, false);
  }

  /** A kernel as a plan holds it, {@code [O, I/groups, kH, kW]}. */
  static memory.desc plainLayout(Conv conv, int inputChannels) {
    return new memory.desc(
        dims(conv, inputChannels),
        memory.data_type.f32,
        conv.groups() == 1 ? memory.format_tag.oihw : memory.format_tag.goihw,
        false);
  }

  static memory.desc biasDesc(Conv conv) {
    return new memory.desc(
        new long[] {conv.channels()}, memory.data_type.f32, memory.format_tag.x, false);
  }

  /** The kernel of a step in a layout. */
  synchronized memory kernel(
      int step, Conv conv, int inputChannels, memory.desc wanted, stream stream) {
    List<Packed> known = kernels.computeIfAbsent(step, s -> new ArrayList<>());
    for (Packed packed : known) {
      if (packed.desc.equals(wanted)) {
        return packed.memory;
      }
    }
    return NativeOwner.scoped(
        () -> {
          Packed packed = pack(conv, inputChannels, wanted, stream);
          known.add(packed);
          return packed.memory;
        });
  }

  private Packed pack(Conv conv, int inputChannels, memory.desc wanted, stream stream) {
    memory.desc plain = plainLayout(conv, inputChannels);
    FloatPointer values = new FloatPointer(conv.weights().kernel());
    memory to = natives.keep(new memory(wanted, engine));
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_FROM, new memory(plain, engine, values));
    arguments.put(DNNL_ARG_TO, to);
    new reorder(
            new reorder.primitive_desc(engine, plain, engine, wanted, new primitive_attr(), false))
        .execute(stream, arguments);
    stream._wait();
    return new Packed(natives.keep(new memory.desc(wanted)), to);
  }

  /** The bias of a step. */
  synchronized memory bias(int step, Conv conv) {
    return biases.computeIfAbsent(
        step,
        s ->
            NativeOwner.scoped(
                () -> {
                  FloatPointer values = natives.keep(new FloatPointer(conv.weights().bias()));
                  return natives.keep(new memory(biasDesc(conv), engine, values));
                }));
  }

  @Override
  public synchronized void close() {
    natives.close();
    kernels.clear();
    biases.clear();
  }
}
