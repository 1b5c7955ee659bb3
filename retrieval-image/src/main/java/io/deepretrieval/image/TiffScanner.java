// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the first directory of a TIFF or BigTIFF file and checks that the strips or tiles it names
 * are all there. The decoder sees this directory only: the chain to the next page is cut.
 */
final class TiffScanner {
  private static final int SUBFILE_TYPE = 254;
  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int STRIP_OFFSETS = 273;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_SIZES = 279;
  private static final int PLANAR = 284;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_SIZES = 325;
  private static final int SAMPLE_FORMAT = 339;
  private static final int ICC_PROFILE = 34675;

  private static final int UNCOMPRESSED = 1;
  private static final int OLD_JPEG = 6;
  private static final int INKS = 5;
  private static final int YCBCR = 6;
  private static final int UNSIGNED = 1;
  private static final int UNDEFINED = 4;
  private static final int MAX_SAMPLES = 8;
  private static final int MAX_BITS = 16;
  private static final int MAX_TILE = 1 << 16;

  /** Bytes of the types 0 to 18, 0 where there is none. */
  private static final int[] TYPE_SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  private final byte[] file;
  private final Bytes bytes;
  private final boolean big;
  private final long entries;
  private final long firstEntry;

  private TiffScanner(byte[] file) throws DamagedFileException {
    this.file = file;
    bytes = file[0] == 'M' ? Bytes.bigEndian(file) : Bytes.littleEndian(file);
    String where = "the header";
    big = bytes.u16(2, where) == 43;
    long directory = big ? bytes.number(8, 8, where) : bytes.u32(4, where);
    where = "the first directory";
    entries = big ? bytes.number(directory, 8, where) : bytes.u16(directory, where);
    if (entries < 0 || entries > 0xFFFF) {
      throw new DamagedFileException("first directory has " + entries + " entries");
    }
    firstEntry = directory + (big ? 8 : 2);
    bytes.require(firstEntry, entries * (big ? 20 : 12) + (big ? 8 : 4), where);
  }

  static boolean recognizes(byte[] file) {
    return Bytes.matches(file, 0, "II*\0")
        || Bytes.matches(file, 0, "MM\0*")
        || Bytes.matches(file, 0, "II+\0")
        || Bytes.matches(file, 0, "MM\0+");
  }

  static boolean isBig(byte[] file) {
    return Bytes.matches(file, 2, "+\0") || Bytes.matches(file, 2, "\0+");
  }

  static Scan scan(byte[] file) throws DamagedFileException {
    return new TiffScanner(file).scan();
  }

  private Scan scan() throws DamagedFileException {
    if ((value(SUBFILE_TYPE, 0) & 1) != 0) {
      throw new DamagedFileException("first page is a reduced preview, as in camera raw files");
    }
    int width = (int) Math.min(value(WIDTH, 0), Integer.MAX_VALUE);
    int height = (int) Math.min(value(HEIGHT, 0), Integer.MAX_VALUE);
    if (width < 1 || height < 1) {
      throw new DamagedFileException("size must be at least 1x1 but was " + width + "x" + height);
    }
    long samples = value(SAMPLES, 1);
    long bits = 0;
    for (long b : values(BITS, 1)) {
      bits = Math.max(bits, b);
    }
    long format = value(SAMPLE_FORMAT, UNSIGNED);
    if (samples < 1 || samples > MAX_SAMPLES || bits < 1 || bits > MAX_BITS) {
      throw new DamagedFileException(
          "pixel must have 1 to 8 samples of 1 to 16 bits but has " + samples + " of " + bits);
    }
    if (format != UNSIGNED && format != UNDEFINED) {
      throw new DamagedFileException("samples must be unsigned but have format " + format);
    }
    if (value(COMPRESSION, UNCOMPRESSED) != OLD_JPEG) {
      checkParts(width, height, samples, bits);
    }
    // The bytes are this decoder's own; a chain of pages may be long, damaged or a circle.
    int end = (int) (firstEntry + entries * (big ? 20 : 12));
    Arrays.fill(file, end, end + (big ? 8 : 4), (byte) 0);
    boolean inks = value(PHOTOMETRIC, 0) == INKS && samples >= 4;
    return Scan.of(width, height, file, file.length)
        .withOrientation(Orientation.valid(value(ORIENTATION, Orientation.UPRIGHT)))
        .withProfile(inks ? profile() : null)
        .withColor(inks ? Scan.Color.CMYK : Scan.Color.READER);
  }

  private void checkParts(long width, long height, long samples, long bits)
      throws DamagedFileException {
    boolean tiled = entry(TILE_OFFSETS) >= 0;
    long partWidth = tiled ? value(TILE_WIDTH, 0) : width;
    long partHeight =
        tiled ? value(TILE_HEIGHT, 0) : Math.min(value(ROWS_PER_STRIP, height), height);
    if (partWidth < 1 || partHeight < 1 || (tiled && Math.max(partWidth, partHeight) > MAX_TILE)) {
      throw new DamagedFileException(
          (tiled ? "tile" : "strip")
              + " must be at least 1x1 and at most 65536x65536 but was "
              + partWidth
              + "x"
              + partHeight);
    }
    boolean planar = value(PLANAR, 1) == 2;
    long down = (height + partHeight - 1) / partHeight;
    long parts = (width + partWidth - 1) / partWidth * down * (planar ? samples : 1);
    long[] offsets = values(tiled ? TILE_OFFSETS : STRIP_OFFSETS, 0);
    long[] sizes = values(tiled ? TILE_SIZES : STRIP_SIZES, 0);
    if (entry(tiled ? TILE_OFFSETS : STRIP_OFFSETS) < 0 || offsets.length < parts) {
      throw new DamagedFileException(
          "file has " + offsets.length + " of " + parts + (tiled ? " tiles" : " strips"));
    }
    boolean plain =
        value(COMPRESSION, UNCOMPRESSED) == UNCOMPRESSED && value(PHOTOMETRIC, 0) != YCBCR;
    long rowBytes = (partWidth * bits * (planar ? 1 : samples) + 7) / 8;
    for (int i = 0; i < parts; i++) {
      String where = (tiled ? "tile " : "strip ") + i;
      boolean last = !tiled && i % down == down - 1;
      long needed = plain ? rowBytes * (last ? height - (down - 1) * partHeight : partHeight) : 1;
      bytes.require(offsets[i], needed, where);
      if (i < sizes.length && sizes[i] > 0) {
        bytes.require(offsets[i], sizes[i], where);
        if (sizes[i] < needed) {
          throw new DamagedFileException(
              where + " must have " + needed + " bytes but has " + sizes[i]);
        }
      }
    }
  }

  private byte @Nullable [] profile() throws DamagedFileException {
    if (entry(ICC_PROFILE) < 0) {
      return null;
    }
    long[] values = values(ICC_PROFILE, 0);
    byte[] icc = new byte[values.length];
    for (int i = 0; i < icc.length; i++) {
      icc[i] = (byte) values[i];
    }
    return icc;
  }

  /** The place of an entry, or -1. */
  private long entry(int tag) throws DamagedFileException {
    for (long i = 0; i < entries; i++) {
      long at = firstEntry + i * (big ? 20 : 12);
      if (bytes.u16(at, "the first directory") == tag) {
        return at;
      }
    }
    return -1;
  }

  private long value(int tag, long otherwise) throws DamagedFileException {
    long[] values = values(tag, otherwise);
    return values.length == 0 ? otherwise : values[0];
  }

  /** The numbers of an entry, or one default. */
  private long[] values(int tag, long otherwise) throws DamagedFileException {
    long at = entry(tag);
    if (at < 0) {
      return new long[] {otherwise};
    }
    String where = "tag " + tag;
    int type = bytes.u16(at + 2, where);
    int size = type < TYPE_SIZES.length ? TYPE_SIZES[type] : 0;
    long count = big ? bytes.number(at + 4, 8, where) : bytes.u32(at + 4, where);
    if (size == 0 || count < 0 || count > file.length) {
      throw new DamagedFileException(where + " has type " + type + " and count " + count);
    }
    long field = at + (big ? 12 : 8);
    int inline = big ? 8 : 4;
    long from =
        size * count <= inline
            ? field
            : big ? bytes.number(field, 8, where) : bytes.u32(field, where);
    bytes.require(from, size * count, where);
    long[] values = new long[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes.number(from + (long) i * size, size, where);
    }
    return values;
  }
}
