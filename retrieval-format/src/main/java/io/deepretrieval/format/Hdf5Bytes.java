// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of an HDF5 file. Every address and length is checked before memory is taken, and all
 * that is read adds up to a bound.
 */
final class Hdf5Bytes {
  /** Structure is read at most so many times the file; a sound one is read about once. */
  private static final long MOST_READS = 8;

  /** Values are at most so many times the file: weights shrink by 1.1 to 4 when compressed. */
  private static final long MOST_EXPANSION = 32;

  private static final long SMALL = 1 << 20;

  private final ByteSource bytes;
  private long structure;
  private long values;

  Hdf5Bytes(ByteSource bytes) {
    this.bytes = bytes;
  }

  long size() throws IOException {
    return bytes.size();
  }

  /** Reads structure, little-endian. */
  ByteBuffer block(long address, long length, String what) throws IOException {
    long size = bytes.size();
    if (address < 0 || length < 0 || length > size || address > size - length) {
      throw new IOException(
          what
              + " of "
              + length
              + " bytes at "
              + address
              + " must lie within the "
              + size
              + " bytes of the file");
    }
    count(length);
    return load(address, length);
  }

  /** Counts structure that is read. */
  void count(long length) throws IOException {
    structure += length;
    if (structure > MOST_READS * bytes.size() + SMALL) {
      throw new IOException("its parts must not refer to each other in a ring but do");
    }
  }

  /** Reads stored values, of which there is nothing to refer to each other. */
  ByteBuffer load(long address, long length) throws IOException {
    byte[] block = new byte[Math.toIntExact(length)];
    bytes.slice(address, length).read(0, block, block.length);
    return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Counts values before memory is taken for them. */
  void reserve(long more) throws IOException {
    values += more;
    long most = MOST_EXPANSION * bytes.size() + SMALL;
    if (more < 0 || values < 0 || values > most) {
      throw new IOException(
          "its values must have at most "
              + most
              + " bytes, "
              + MOST_EXPANSION
              + " times the file and 1 MB, but have at least "
              + values);
    }
  }

  /** Refuses a block that begins otherwise. */
  static void require(ByteBuffer block, String signature, String what) throws IOException {
    byte[] found = new byte[signature.length()];
    block.get(found);
    if (!new String(found, StandardCharsets.ISO_8859_1).equals(signature)) {
      throw new IOException(what + " must begin with " + signature + " but begins otherwise");
    }
  }

  /** The next bytes of a block, which goes on behind them. */
  static ByteBuffer slice(ByteBuffer block, int length) throws IOException {
    if (length < 0 || length > block.remaining()) {
      throw new IOException(
          "a part of " + length + " bytes must fit its block but that has " + block.remaining());
    }
    ByteBuffer part = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    block.position(block.position() + length);
    return part;
  }

  /** The level of a node of a tree, checked to fall from parent to child. */
  static int treeLevel(ByteBuffer head, int kind, int most, String what) throws IOException {
    int level = head.get(5) & 0xFF;
    if (head.get(4) != kind || level > most) {
      throw new IOException(
          what
              + ": a node of its tree must be of kind "
              + kind
              + " and of a level up to "
              + most
              + " but is of "
              + head.get(4)
              + " and "
              + level);
    }
    return level;
  }

  /** A product that cannot overflow unnoticed. */
  static long multiply(long a, long b, String what) throws IOException {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      throw new IOException(what + " must have sizes that can be counted but they overflow", e);
    }
  }

  /** Text of at most so many bytes, to the first NUL. */
  static String text(ByteBuffer in, int most) {
    int end = 0;
    int length = Math.min(most, in.remaining());
    while (end < length && in.get(in.position() + end) != 0) {
      end++;
    }
    byte[] raw = new byte[end];
    in.get(raw);
    return new String(raw, StandardCharsets.UTF_8);
  }
}
