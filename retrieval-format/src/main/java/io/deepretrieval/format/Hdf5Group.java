// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads what a group holds from its symbol table: a tree of names, which lie in a heap. */
final class Hdf5Group {
  private static final int MOST_LEVEL = 255;

  private final Hdf5Bytes bytes;
  private final ByteBuffer heap;
  private final Map<String, Long> links = new LinkedHashMap<>();

  private Hdf5Group(Hdf5Bytes bytes, ByteBuffer heap) {
    this.bytes = bytes;
    this.heap = heap;
  }

  /** Addresses of the headers by name, in the order of the file. */
  static Map<String, Long> links(Hdf5Bytes bytes, long tree, long heap) throws IOException {
    Hdf5Group group = new Hdf5Group(bytes, heapData(bytes, heap));
    group.readGroup(tree, MOST_LEVEL);
    return group.links;
  }

  private static ByteBuffer heapData(Hdf5Bytes bytes, long address) throws IOException {
    ByteBuffer head = bytes.block(address, 32, "heap of names");
    Hdf5Bytes.require(head, "HEAP", "heap of names");
    return bytes.block(head.getLong(24), head.getLong(8), "heap of names");
  }

  private void readGroup(long address, int mostLevel) throws IOException {
    ByteBuffer head = bytes.block(address, 24, "group");
    Hdf5Bytes.require(head, "TREE", "group");
    int level = Hdf5Bytes.treeLevel(head, 0, mostLevel, "group");
    int entries = head.getShort(6) & 0xFFFF;
    ByteBuffer body = bytes.block(address + 24, 16L * entries + 8, "group");
    for (int i = 0; i < entries; i++) {
      long child = body.getLong(16 * i + 8);
      if (level > 0) {
        readGroup(child, level - 1);
      } else {
        readNames(child);
      }
    }
  }

  private void readNames(long address) throws IOException {
    ByteBuffer head = bytes.block(address, 8, "names of a group");
    Hdf5Bytes.require(head, "SNOD", "names of a group");
    int count = head.getShort(6) & 0xFFFF;
    ByteBuffer body = bytes.block(address + 8, 40L * count, "names of a group");
    for (int i = 0; i < count; i++) {
      long name = body.getLong(40 * i);
      if (name < 0 || name >= heap.capacity()) {
        throw new IOException(
            "a name at " + name + " must lie within its heap of " + heap.capacity() + " bytes");
      }
      ByteBuffer rest = heap.duplicate().position((int) name);
      String text = Hdf5Bytes.text(rest, rest.remaining());
      bytes.count(text.length());
      links.put(text, body.getLong(40 * i + 8));
    }
  }
}
