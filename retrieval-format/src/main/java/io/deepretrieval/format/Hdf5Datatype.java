// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What an element is.
 *
 * @param kind one of the classes of the format
 * @param variable whether it is text of variable length
 * @param size bytes of an element
 * @param order of the bytes of a number
 */
record Hdf5Datatype(int kind, int size, ByteOrder order, boolean variable) {
  static final int FLOAT = 1;
  static final int TEXT = 3;
  private static final int SEQUENCE = 9;

  static Hdf5Datatype of(ByteBuffer in) throws IOException {
    int head = in.get() & 0xFF;
    int bits = (in.get() & 0xFF) | (in.get() & 0xFF) << 8 | (in.get() & 0xFF) << 16;
    int size = in.getInt();
    if (size < 1) {
      throw new IOException("a type must have at least 1 byte but has " + size);
    }
    ByteOrder order = (bits & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    int kind = head & 0xF;
    return new Hdf5Datatype(kind, size, order, kind == SEQUENCE && (bits & 0xF) == 1);
  }
}
