// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The memory that a program runs in.
 *
 * @param memory the block
 * @param shift the first byte of it that counts
 */
record Slab(BytePointer memory, long shift) {
  /** Bytes of a cache line, which values begin at. */
  static final long ALIGNMENT = 64;

  /** The aligned part of a block, {@link #ALIGNMENT} bytes smaller at most. */
  static Slab in(BytePointer memory) {
    return new Slab(memory, (ALIGNMENT - memory.address() % ALIGNMENT) % ALIGNMENT);
  }

  long address() {
    return memory.address() + shift;
  }

  BytePointer at(long offset) {
    return memory.getPointer(BytePointer.class, shift + offset);
  }

  FloatPointer floats(long offset, long count) {
    return new FloatPointer(at(offset)).capacity(count);
  }
}
