// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Walks the segments of a JPEG file to its end-of-image marker. What follows that marker (previews,
 * depth maps, video) is not handed to the decoder.
 */
final class JpegScanner {
  private static final int SOF0 = 0xC0;
  private static final int SOF3 = 0xC3;
  private static final int SOF15 = 0xCF;
  private static final int DHT = 0xC4;
  private static final int JPG = 0xC8;
  private static final int DAC = 0xCC;
  private static final int TEM = 0x01;
  private static final int RST0 = 0xD0;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int APP1 = 0xE1;
  private static final int APP2 = 0xE2;
  private static final int APP14 = 0xEE;
  private static final int COM = 0xFE;

  /** Encoders write about ten; each costs a pass over the whole image, so a bomb has thousands. */
  private static final int MAX_SCANS = 100;

  private final byte[] file;
  private final Bytes bytes;
  private int width = -1;
  private int height;
  private int components;
  private int scans;
  private boolean lossless;
  private boolean ycck;
  private byte @Nullable [] exif;
  private final SortedMap<Integer, byte[]> profile = new TreeMap<>();
  private int profileParts;

  private JpegScanner(byte[] file) {
    this.file = file;
    this.bytes = Bytes.bigEndian(file);
  }

  static Scan scan(byte[] file) throws DamagedFileException {
    return new JpegScanner(file).scan();
  }

  private Scan scan() throws DamagedFileException {
    int at = 2;
    int marker = 0;
    while (marker != EOI) {
      at = afterMarker(at);
      marker = file[at - 1] & 0xFF;
      if ((marker >= RST0 && marker <= EOI) || marker == 0 || marker == TEM) {
        continue;
      }
      String where = "segment " + name(marker);
      int length = bytes.u16(at, where);
      if (length < 2) {
        throw new DamagedFileException(where + " has length " + length);
      }
      bytes.require(at, length, where);
      segment(marker, at + 2, at + length, where);
      at += length;
    }
    if (width < 0) {
      throw new DamagedFileException("file has no frame header");
    }
    if (scans == 0) {
      throw new DamagedFileException("file has no image data");
    }
    return Scan.of(width, height, file, at)
        .withOrientation(Orientation.of(exif))
        .withProfile(joinedProfile())
        .withColor(color());
  }

  private Scan.Color color() {
    return switch (components) {
      case 3 -> lossless ? Scan.Color.READER : Scan.Color.DIRECT;
      case 4 -> ycck ? Scan.Color.YCCK : Scan.Color.CMYK;
      default -> Scan.Color.READER;
    };
  }

  private byte @Nullable [] joinedProfile() {
    if (profile.isEmpty() || profile.size() != profileParts || profile.lastKey() != profileParts) {
      return null;
    }
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    profile.values().forEach(joined::writeBytes);
    return joined.toByteArray();
  }

  /** Skips coded data, fill bytes and rubbish; returns the place behind the next marker. */
  private int afterMarker(int from) throws DamagedFileException {
    int at = from;
    while (at < file.length && file[at] != (byte) 0xFF) {
      at++;
    }
    while (at < file.length && file[at] == (byte) 0xFF) {
      at++;
    }
    if (at >= file.length) {
      throw DamagedFileException.truncated(
          file.length, scans > 0 ? "the image data" : "the header");
    }
    return at + 1;
  }

  private void segment(int marker, int from, int to, String where) throws DamagedFileException {
    if (marker == SOS) {
      if (++scans > MAX_SCANS) {
        throw new DamagedFileException("file must have at most " + MAX_SCANS + " scans");
      }
    } else if (isFrame(marker)) {
      if (width >= 0) {
        throw new DamagedFileException("file has two frame headers");
      }
      if (to - from < 6) {
        throw new DamagedFileException(where + " has length " + (to - from + 2));
      }
      height = bytes.u16(from + 1, where);
      width = bytes.u16(from + 3, where);
      components = bytes.u8(from + 5, where);
      lossless = marker == SOF3;
    } else if (marker == APP1 && to - from > 6 && bytes.matches(from, "Exif\0")) {
      if (exif == null) {
        exif = Arrays.copyOfRange(file, from + 6, to);
      }
    } else if (marker == APP2 && bytes.matches(from, "ICC_PROFILE\0")) {
      if (to - from >= 14) {
        profile.put(bytes.u8(from + 12, where), Arrays.copyOfRange(file, from + 14, to));
        profileParts = bytes.u8(from + 13, where);
      }
      // Colors are converted here; to the reader the segment is a comment.
      file[from - 3] = (byte) COM;
    } else if (marker == APP14 && to - from >= 12 && bytes.matches(from, "Adobe")) {
      ycck = bytes.u8(from + 11, where) == 2;
    }
  }

  private static boolean isFrame(int marker) {
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
  }

  private static String name(int marker) {
    return switch (marker) {
      case SOS -> "SOS";
      case DHT -> "DHT";
      case SOI -> "SOI";
      case 0xDB -> "DQT";
      case 0xDD -> "DRI";
      case COM -> "COM";
      default ->
          marker >= 0xE0 && marker <= 0xEF
              ? "APP" + (marker - 0xE0)
              : isFrame(marker)
                  ? "SOF" + (marker - SOF0)
                  : "0x" + Integer.toHexString(marker).toUpperCase(Locale.ROOT);
    };
  }
}
