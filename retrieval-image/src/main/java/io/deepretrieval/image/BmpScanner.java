// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

/** Checks that the rows of a bitmap are all there. */
final class BmpScanner {
  private static final int FILE_HEADER = 14;
  private static final int CORE_HEADER = 12;
  private static final int MIN_INFO_HEADER = 16;
  private static final int MAX_INFO_HEADER = 124;
  private static final int RGB = 0;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BITFIELDS = 3;
  private static final int ALPHA_BITFIELDS = 6;

  private BmpScanner() {}

  /** The two letters alone begin many a text. */
  static boolean recognizes(byte[] file) {
    if (!Bytes.matches(file, 0, "BM")) {
      return false;
    }
    if (file.length < FILE_HEADER + 4) {
      return file.length < 3 || file[file.length - 1] == 0;
    }
    int header = file[14] & 0xFF;
    return file[15] == 0
        && file[16] == 0
        && file[17] == 0
        && (header == CORE_HEADER || (header >= MIN_INFO_HEADER && header <= MAX_INFO_HEADER));
  }

  static Scan scan(byte[] file) throws DamagedFileException {
    Bytes bytes = Bytes.littleEndian(file);
    String where = "the header";
    long data = bytes.u32(10, where);
    int header = bytes.s32(FILE_HEADER, where);
    boolean core = header == CORE_HEADER;
    long width = core ? bytes.u16(18, where) : bytes.s32(18, where);
    long height = Math.abs(core ? (long) bytes.u16(20, where) : (long) bytes.s32(22, where));
    int bits = bytes.u16(core ? 24 : 28, where);
    int compression = core ? RGB : header < 20 ? RGB : bytes.s32(30, where);
    if (width < 1 || height < 1 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw new DamagedFileException("size must be at least 1x1 but was " + width + "x" + height);
    }
    switch (compression) {
      case RGB, BITFIELDS, ALPHA_BITFIELDS -> {
        long row = (width * bits + 31) / 32 * 4;
        if (row * height / height != row) {
          throw DamagedFileException.truncated(file.length, "the rows");
        }
        bytes.require(data, row * height, "the rows");
      }
      case RLE8, RLE4 -> checkRuns(bytes, data, height, compression == RLE4);
      default -> throw new DamagedFileException("compression " + compression + " is not supported");
    }
    return Scan.of((int) width, (int) height, file, file.length);
  }

  /** Runs end with the end-of-bitmap code or with the end of the last row. */
  private static void checkRuns(Bytes bytes, long from, long height, boolean nibbles)
      throws DamagedFileException {
    String where = "the rows";
    long at = from;
    long row = 0;
    while (row < height) {
      int count = bytes.u8(at, where);
      int value = bytes.u8(at + 1, where);
      at += 2;
      if (count > 0) {
        continue;
      }
      switch (value) {
        case 0 -> row++;
        case 1 -> row = height;
        case 2 -> {
          row += bytes.u8(at + 1, where);
          at += 2;
        }
        default -> {
          int literal = nibbles ? (value + 1) / 2 : value;
          bytes.require(at, literal, where);
          at += literal + (literal & 1);
        }
      }
    }
  }
}
