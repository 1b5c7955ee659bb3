// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.nio.charset.StandardCharsets;

/** Checked reading of numbers at places of a file; a place behind the end is a truncated file. */
final class Bytes {
  private final byte[] file;
  private final boolean bigEndian;

  private Bytes(byte[] file, boolean bigEndian) {
    this.file = file;
    this.bigEndian = bigEndian;
  }

  static Bytes bigEndian(byte[] file) {
    return new Bytes(file, true);
  }

  static Bytes littleEndian(byte[] file) {
    return new Bytes(file, false);
  }

  int length() {
    return file.length;
  }

  /** Checks that bytes exist and returns the first one's place as an index. */
  int require(long at, long count, String where) throws DamagedFileException {
    if (at < 0 || count < 0 || at > file.length || count > file.length - at) {
      throw DamagedFileException.truncated(file.length, where);
    }
    return (int) at;
  }

  int u8(long at, String where) throws DamagedFileException {
    return file[require(at, 1, where)] & 0xFF;
  }

  int u16(long at, String where) throws DamagedFileException {
    return (int) number(at, 2, where);
  }

  long u32(long at, String where) throws DamagedFileException {
    return number(at, 4, where);
  }

  int s32(long at, String where) throws DamagedFileException {
    return (int) number(at, 4, where);
  }

  /** Reads 1 to 8 bytes, unsigned up to 7. */
  long number(long at, int size, String where) throws DamagedFileException {
    int first = require(at, size, where);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value = value << 8 | (file[bigEndian ? first + i : first + size - 1 - i] & 0xFF);
    }
    return value;
  }

  /** Whether the bytes at a place are the given Latin letters; false behind the end. */
  boolean matches(long at, String letters) {
    return matches(file, at, letters);
  }

  /** Reads four letters, for chunk names. */
  String name(long at, String where) throws DamagedFileException {
    return new String(file, require(at, 4, where), 4, StandardCharsets.ISO_8859_1);
  }

  static boolean matches(byte[] file, long at, String letters) {
    if (at < 0 || letters.length() > file.length - at) {
      return false;
    }
    for (int i = 0; i < letters.length(); i++) {
      if ((file[(int) at + i] & 0xFF) != letters.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
