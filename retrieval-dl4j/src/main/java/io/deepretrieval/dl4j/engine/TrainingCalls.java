// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.stream;

/** One pass of a training program while it is made, over tensors whose layouts may differ. */
final class TrainingCalls {
  private final ProgramMemory space;
  private final Primitives primitives;
  private final List<Call> calls = new ArrayList<>();

  TrainingCalls(ProgramMemory space, Primitives primitives) {
    this.space = space;
    this.primitives = primitives;
  }

  PlacedTensor allocate(memory.desc desc) {
    return new PlacedTensor(space.keep(new memory.desc(desc)), space.allocate(desc.get_size()));
  }

  void free(PlacedTensor tensor) {
    space.free(tensor.buffer());
  }

  /** Frees what {@link #inLayout} made of a tensor, if it is a copy. */
  void freeCopy(PlacedTensor copy, PlacedTensor original) {
    if (!copy.sharesBuffer(original)) {
      free(copy);
    }
  }

  memory bind(PlacedTensor tensor) {
    return space.bind(tensor.desc(), tensor.buffer());
  }

  void add(Call call) {
    calls.add(call);
  }

  /** Adds a primitive that was made from a description. */
  void add(primitive made, primitive_desc_base description, IntMemoryMap arguments) {
    space.scratchpad(arguments, description);
    calls.add(space.call(made, arguments));
  }

  /** Fills a tensor with zeros. */
  void clear(PlacedTensor tensor) {
    calls.add(space.zeros(tensor.buffer(), tensor.desc().get_size()));
  }

  void copy(PlacedTensor from, PlacedTensor to) {
    calls.add(space.copy(from.desc(), from.buffer(), to.desc(), to.buffer()));
  }

  /** The same values in a layout: the tensor itself, or a copy of it. */
  PlacedTensor inLayout(PlacedTensor tensor, memory.desc wanted) {
    if (tensor.desc().equals(wanted)) {
      return tensor;
    }
    PlacedTensor copy = allocate(wanted);
    copy(tensor, copy);
    return copy;
  }

  /** Adds one tensor to another of the same layout. */
  void addTo(PlacedTensor sum, PlacedTensor more) {
    binary.primitive_desc primitive = primitives.sum(sum.desc(), more.desc(), sum.desc());
    memory bound = bind(sum);
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_SRC_0, bound);
    arguments.put(DNNL_ARG_SRC_1, bind(more));
    arguments.put(DNNL_ARG_DST, bound);
    add(new binary(primitive), primitive, arguments);
  }

  /** Runs all calls and waits for them. */
  void run(Slab slab, stream stream) {
    for (Call call : calls) {
      call.run(slab, stream);
    }
    stream._wait();
  }

  void clear() {
    calls.clear();
  }
}
