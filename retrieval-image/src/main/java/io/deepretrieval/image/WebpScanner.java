// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Walks the chunks of a WebP file and checks that the sizes in them agree. */
final class WebpScanner {
  private static final int RIFF_HEADER = 12;
  private static final int CHUNK_HEADER = 8;
  private static final int FRAME_HEADER = 16;
  private static final int ANIMATED = 0x02;
  private static final int PROFILE = 0x20;

  private final byte[] file;
  private final Bytes bytes;
  private int width = -1;
  private int height;
  private boolean animated;
  private boolean extended;
  private Scan.@Nullable Frame frame;
  private byte @Nullable [] exif;
  private byte @Nullable [] profile;

  private WebpScanner(byte[] file) {
    this.file = file;
    this.bytes = Bytes.littleEndian(file);
  }

  static Scan scan(byte[] file) throws DamagedFileException {
    return new WebpScanner(file).scan();
  }

  private Scan scan() throws DamagedFileException {
    long end = CHUNK_HEADER + bytes.u32(4, "the header");
    bytes.require(0, end, "the chunks");
    // A last odd chunk may lack its padding.
    for (long at = RIFF_HEADER; at < end - 1; ) {
      String name = bytes.name(at, "a chunk header");
      long length = bytes.u32(at + 4, "a chunk header");
      long body = at + CHUNK_HEADER;
      String where = "chunk " + name.trim();
      if (body + length > end) {
        throw new DamagedFileException(where + " must end before byte " + end);
      }
      chunk(name, (int) body, (int) length, where);
      at = body + length + (length & 1);
    }
    Scan.Frame found = frame;
    if (found == null) {
      throw new DamagedFileException("file has no image data");
    }
    if (found.x() + (long) found.width() > width || found.y() + (long) found.height() > height) {
      throw new DamagedFileException(
          "frame must lie in the canvas of "
              + width
              + "x"
              + height
              + " but was "
              + found.width()
              + "x"
              + found.height()
              + " at "
              + found.x()
              + ","
              + found.y());
    }
    if (!animated && (found.width() != width || found.height() != height)) {
      throw new DamagedFileException(
          "image must be as large as the canvas of "
              + width
              + "x"
              + height
              + " but was "
              + found.width()
              + "x"
              + found.height());
    }
    return Scan.of(width, height, file, (int) Math.min(end, file.length))
        .withFrame(found)
        .withOrientation(Orientation.of(exif))
        .withProfile(profile);
  }

  private void chunk(String name, int body, int length, String where) throws DamagedFileException {
    switch (name) {
      case "VP8X" -> {
        extended = true;
        animated = (bytes.u8(body, where) & ANIMATED) != 0;
        // Colors are converted here; the reader is not to see the profile.
        file[body] &= ~PROFILE;
        width = 1 + (int) bytes.number(body + 4L, 3, where);
        height = 1 + (int) bytes.number(body + 7L, 3, where);
      }
      case "VP8 ", "VP8L" -> {
        if (frame == null && !animated) {
          frame = bitstream(name, body, length, where, 0, 0);
        }
      }
      case "ANMF" -> {
        if (frame == null && animated) {
          frame = animationFrame(body, length, where);
        }
      }
      case "ICCP" -> profile = Arrays.copyOfRange(file, body, body + length);
      case "EXIF" -> {
        // Some writers keep the preamble that the block has in JPEG.
        int skip = bytes.matches(body, "Exif\0\0") ? 6 : 0;
        if (exif == null && length > skip) {
          exif = Arrays.copyOfRange(file, body + skip, body + length);
        }
      }
      default -> {
        // Alpha is the reader's.
      }
    }
  }

  private Scan.Frame animationFrame(int body, int length, String where)
      throws DamagedFileException {
    int x = 2 * (int) bytes.number(body, 3, where);
    int y = 2 * (int) bytes.number(body + 3L, 3, where);
    int w = 1 + (int) bytes.number(body + 6L, 3, where);
    int h = 1 + (int) bytes.number(body + 9L, 3, where);
    long end = body + (long) length;
    for (long at = (long) body + FRAME_HEADER; at < end - 1; ) {
      String name = bytes.name(at, where);
      long size = bytes.u32(at + 4, where);
      long inner = at + CHUNK_HEADER;
      if (inner + size > end) {
        throw new DamagedFileException("chunk " + name.trim() + " must end before byte " + end);
      }
      if (name.equals("VP8 ") || name.equals("VP8L")) {
        Scan.Frame image = bitstream(name, (int) inner, (int) size, where, x, y);
        if (image.width() != w || image.height() != h) {
          throw new DamagedFileException(
              "image must be as large as its frame of "
                  + w
                  + "x"
                  + h
                  + " but was "
                  + image.width()
                  + "x"
                  + image.height());
        }
        return image;
      }
      at = inner + size + (size & 1);
    }
    throw new DamagedFileException("first frame has no image data");
  }

  private Scan.Frame bitstream(String name, int body, int length, String where, int x, int y)
      throws DamagedFileException {
    int w;
    int h;
    if (name.equals("VP8L")) {
      if (length < 5) {
        throw new DamagedFileException(where + " has length " + length);
      }
      long sizes = bytes.u32(body + 1L, where);
      w = 1 + (int) (sizes & 0x3FFF);
      h = 1 + (int) (sizes >> 14 & 0x3FFF);
    } else {
      if (length < 10) {
        throw new DamagedFileException(where + " has length " + length);
      }
      if (!bytes.matches(body + 3L, "\u009D\1*")) {
        throw new DamagedFileException("image data has no start code");
      }
      long firstPartition = bytes.number(body, 3, where) >> 5;
      if (10 + firstPartition > length) {
        throw new DamagedFileException("first partition must end with " + where);
      }
      w = bytes.u16(body + 6L, where) & 0x3FFF;
      h = bytes.u16(body + 8L, where) & 0x3FFF;
    }
    if (w == 0 || h == 0) {
      throw new DamagedFileException("size must be at least 1x1 but was " + w + "x" + h);
    }
    if (!extended) {
      width = w;
      height = h;
    }
    return new Scan.Frame(x, y, w, h);
  }
}
