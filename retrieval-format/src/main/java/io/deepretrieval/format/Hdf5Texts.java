// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the texts of attributes, of fixed length or from collections of variable length. */
final class Hdf5Texts {
  /** Text of an attribute: its elements, as they are stored. */
  record Attribute(Hdf5Datatype type, long count, ByteBuffer data) {}

  private final Hdf5Bytes bytes;
  private final Map<Long, Map<Integer, ByteBuffer>> collections = new HashMap<>();

  Hdf5Texts(Hdf5Bytes bytes) {
    this.bytes = bytes;
  }

  /** The texts of an attribute. */
  List<String> read(String what, Attribute attribute) throws IOException {
    Hdf5Datatype type = attribute.type;
    if (attribute.count == 0) {
      return List.of(); // NumPy makes an empty list one of numbers.
    }
    if (type.kind() != Hdf5Datatype.TEXT && !type.variable()) {
      throw new IOException(what + " must be text but is of the type class " + type.kind());
    }
    ByteBuffer data = attribute.data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (Hdf5Bytes.multiply(attribute.count, type.size(), what) > data.remaining()
        || (type.variable() && type.size() != 16)) {
      throw new IOException(
          what
              + " must have "
              + attribute.count
              + " elements of "
              + type.size()
              + " bytes but has "
              + data.remaining()
              + " bytes");
    }
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < attribute.count; i++) {
      if (type.variable()) {
        int length = data.getInt();
        ByteBuffer stored = collection(data.getLong(), what).get(data.getInt());
        if (stored == null || length < 0 || length > stored.remaining()) {
          throw new IOException(what + " must refer to text of the file but does not");
        }
        bytes.count(length); // Many may refer to one.
        texts.add(Hdf5Bytes.text(stored.duplicate(), length));
      } else {
        texts.add(Hdf5Bytes.text(Hdf5Bytes.slice(data, type.size()), type.size()));
      }
    }
    return texts;
  }

  /** The texts of variable length that lie together, by index. */
  private Map<Integer, ByteBuffer> collection(long address, String what) throws IOException {
    Map<Integer, ByteBuffer> known = collections.get(address);
    if (known != null) {
      return known;
    }
    ByteBuffer head = bytes.block(address, 16, what);
    Hdf5Bytes.require(head, "GCOL", what);
    long size = head.getLong(8);
    if (size < 16) {
      throw new IOException(what + ": its collection must have at least 16 bytes but has " + size);
    }
    ByteBuffer all = bytes.block(address, size, what).position(16);
    Map<Integer, ByteBuffer> found = new HashMap<>();
    while (all.remaining() >= 16) {
      int index = all.getShort() & 0xFFFF;
      all.position(all.position() + 6);
      long length = all.getLong();
      if (index == 0) {
        break;
      }
      if (length < 0 || length > all.remaining()) {
        throw new IOException(
            what + ": text of " + length + " bytes must fit its collection but does not");
      }
      found.put(index, Hdf5Bytes.slice(all, (int) length));
      all.position(all.position() + Math.min(all.remaining(), (int) (-length & 7)));
    }
    collections.put(address, found);
    return found;
  }
}
