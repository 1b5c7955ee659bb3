// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places buffers in one slab: a buffer gets the lowest gap among the live ones that it fits into.
 * Buffers are given and freed in the order in which a program will use them.
 */
final class MemoryPlanner {
  private record Buffer(long offset, long bytes) {
    long end() {
      return offset + bytes;
    }
  }

  private final long alignment;
  private final List<Buffer> all = new ArrayList<>();
  private final List<Buffer> live = new ArrayList<>();
  private long peak;

  MemoryPlanner(long alignment) {
    this.alignment = alignment;
  }

  /** Places a buffer; returns its number. */
  int allocate(long bytes) {
    long size = (bytes + alignment - 1) / alignment * alignment;
    live.sort(Comparator.comparingLong(Buffer::offset));
    long offset = 0;
    for (Buffer other : live) {
      if (other.offset - offset >= size) {
        break;
      }
      offset = other.end();
    }
    Buffer buffer = new Buffer(offset, size);
    all.add(buffer);
    live.add(buffer);
    peak = Math.max(peak, buffer.end());
    return all.size() - 1;
  }

  /** Gives the place of a buffer back. */
  void free(int buffer) {
    live.remove(all.get(buffer));
  }

  long offset(int buffer) {
    return all.get(buffer).offset;
  }

  long peak() {
    return peak;
  }
}
