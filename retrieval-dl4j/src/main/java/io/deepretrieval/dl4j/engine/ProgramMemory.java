// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The native objects of a program, and where each of its buffers lies in the slab; behind the
 * buffers lies one scratchpad that all primitives share.
 *
 * <p>Not thread-safe.
 */
final class ProgramMemory implements AutoCloseable {
  private static final int SCRATCHPAD = -1;

  private final engine engine;
  private final NativeOwner natives = new NativeOwner();
  private final MemoryPlanner planner = new MemoryPlanner(Slab.ALIGNMENT);
  private final List<Bound> bound = new ArrayList<>();
  private long scratchBytes;

  /** A memory object and the buffer it looks into. */
  private record Bound(memory memory, int buffer) {}

  ProgramMemory(engine engine) {
    this.engine = engine;
  }

  /** Takes memory for all buffers and lets the primitives look into it. */
  Slab allocateSlab() {
    Slab slab = Slab.in(natives.keep(new BytePointer(bytes() + Slab.ALIGNMENT)));
    bindTo(slab);
    return slab;
  }

  /** Lets the primitives look into a slab of at least {@link #bytes}. */
  void bindTo(Slab slab) {
    for (Bound b : bound) {
      b.memory.set_data_handle(
          slab.at(b.buffer == SCRATCHPAD ? planner.peak() : planner.offset(b.buffer)));
    }
  }

  /** Bytes of slab that a run needs. */
  long bytes() {
    return planner.peak() + scratchBytes;
  }

  /** Keeps a native object as long as the program. */
  <P extends Pointer> P keep(P pointer) {
    return natives.keep(pointer);
  }

  /** Places a buffer; returns its number. */
  int allocate(long bytes) {
    return planner.allocate(bytes);
  }

  /** Gives the place of a buffer to those that are allocated later. */
  void free(int buffer) {
    planner.free(buffer);
  }

  /** Byte offset of a buffer in the slab. */
  long offset(int buffer) {
    return planner.offset(buffer);
  }

  /** A memory object that looks into a buffer. */
  memory bind(memory.desc desc, int buffer) {
    memory memory = natives.keep(new memory(desc, engine, new Pointer()));
    bound.add(new Bound(memory, buffer));
    return memory;
  }

  /** Gives a primitive its part of the scratchpad, if it wants one. */
  void scratchpad(IntMemoryMap arguments, primitive_desc_base primitive) {
    long bytes = primitive.scratchpad_desc().get_size();
    if (bytes > 0) {
      scratchBytes = Math.max(scratchBytes, bytes);
      arguments.put(DNNL_ARG_SCRATCHPAD, bind(primitive.scratchpad_desc(), SCRATCHPAD));
    }
  }

  /** A primitive with its arguments. */
  Call call(primitive made, IntMemoryMap arguments) {
    primitive kept = natives.keep(made);
    IntMemoryMap keptArguments = natives.keep(arguments);
    return (slab, stream) -> kept.execute(stream, keptArguments);
  }

  /** A copy of values, into another layout where the two differ. */
  Call copy(memory.desc from, int fromBuffer, memory.desc to, int toBuffer) {
    IntMemoryMap arguments = new IntMemoryMap();
    arguments.put(DNNL_ARG_FROM, bind(from, fromBuffer));
    arguments.put(DNNL_ARG_TO, bind(to, toBuffer));
    return call(
        new reorder(
            new reorder.primitive_desc(engine, from, engine, to, new primitive_attr(), false)),
        arguments);
  }

  /** A fill of a buffer with zeros. */
  Call zeros(int buffer, long bytes) {
    return (slab, stream) -> Pointer.memset(slab.at(planner.offset(buffer)), 0, bytes);
  }

  @Override
  public void close() {
    natives.close();
    bound.clear();
  }
}
