// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import org.jspecify.annotations.Nullable;

/** Walks the blocks of a GIF file to its trailer and finds where the first frame lies. */
final class GifScanner {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2C;
  private static final int TRAILER = 0x3B;
  private static final int HEADER = 13;

  private GifScanner() {}

  static Scan scan(byte[] file) throws DamagedFileException {
    Bytes bytes = Bytes.littleEndian(file);
    int width = bytes.u16(6, "the header");
    int height = bytes.u16(8, "the header");
    int at = HEADER + paletteBytes(bytes.u8(10, "the header"));
    Scan.@Nullable Frame first = null;
    while (true) {
      int block = bytes.u8(at++, first == null ? "the header" : "the blocks after a frame");
      if (block == TRAILER) {
        break;
      } else if (block == EXTENSION) {
        at = skipData(bytes, at + 1, "an extension");
      } else if (block == IMAGE) {
        String where = first == null ? "the first frame" : "a later frame";
        Scan.Frame frame =
            new Scan.Frame(
                bytes.u16(at, where),
                bytes.u16(at + 2, where),
                bytes.u16(at + 4, where),
                bytes.u16(at + 6, where));
        // One byte more: the width of the first codes.
        at = skipData(bytes, at + 10 + paletteBytes(bytes.u8(at + 8, where)), where);
        if (first == null) {
          first = frame;
        }
      } else if (block != 0) {
        throw new DamagedFileException(
            "block at byte "
                + (at - 1)
                + " must be 0x21, 0x2C or 0x3B but was 0x"
                + Integer.toHexString(block));
      }
    }
    if (first == null) {
      throw new DamagedFileException("file has no frame");
    }
    if (first.width() == 0 || first.height() == 0) {
      throw new DamagedFileException(
          "frame must be at least 1x1 but was " + first.width() + "x" + first.height());
    }
    // Some files give a canvas of 0x0, or one too small for the frame.
    return Scan.of(
            Math.max(width, first.x() + first.width()),
            Math.max(height, first.y() + first.height()),
            file,
            at)
        .withFrame(first);
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 * (2 << (flags & 7));
  }

  private static int skipData(Bytes bytes, int from, String where) throws DamagedFileException {
    int at = from;
    int length;
    do {
      length = bytes.u8(at, where);
      at += 1 + length;
    } while (length != 0);
    return at;
  }
}
