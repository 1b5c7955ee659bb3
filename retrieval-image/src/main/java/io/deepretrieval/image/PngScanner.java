// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Walks the chunks of a PNG file and checks the sums of those that make the image. Only these reach
 * the decoder, so that damaged or hostile text, profiles and dates cannot hurt.
 */
final class PngScanner {
  static final String SIGNATURE = "\u0089PNG\r\n\u001A\n";

  private static final Set<String> IMAGE_CHUNKS = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

  /** Real profiles have up to 1 MB or so. */
  private static final int MAX_PROFILE = 1 << 23;

  private PngScanner() {}

  static Scan scan(byte[] file) throws DamagedFileException {
    Bytes bytes = Bytes.bigEndian(file);
    byte[] image = new byte[file.length];
    System.arraycopy(file, 0, image, 0, SIGNATURE.length());
    int used = SIGNATURE.length();
    byte[] exif = null;
    byte[] profile = null;
    boolean data = false;
    CRC32 crc = new CRC32();
    int at = used;
    String name = "";
    while (!name.equals("IEND")) {
      long length = bytes.u32(at, "a chunk header");
      name = bytes.name(at + 4L, "a chunk header");
      String where = "chunk " + printable(name);
      bytes.require(at, 12 + length, where);
      if (at == SIGNATURE.length() && !(name.equals("IHDR") && length == 13)) {
        throw new DamagedFileException("first chunk must be IHDR of 13 bytes but was " + where);
      }
      int body = at + 8;
      int end = body + (int) length;
      if (IMAGE_CHUNKS.contains(name)) {
        crc.reset();
        crc.update(file, at + 4, 4 + (int) length);
        if (crc.getValue() != bytes.u32(end, where)) {
          throw new DamagedFileException(where + " at byte " + at + " has a wrong check sum");
        }
        System.arraycopy(file, at, image, used, end + 4 - at);
        used += end + 4 - at;
        data |= name.equals("IDAT");
      } else if (Character.isUpperCase(name.charAt(0))) {
        throw new DamagedFileException("critical " + where + " is not known");
      } else if (name.equals("eXIf")) {
        exif = Arrays.copyOfRange(file, body, end);
      } else if (name.equals("iCCP")) {
        profile = inflateProfile(file, body, end);
      }
      at = end + 4;
    }
    if (!data) {
      throw new DamagedFileException("file has no image data");
    }
    int width = (int) Math.min(bytes.u32(SIGNATURE.length() + 8L, "IHDR"), Integer.MAX_VALUE);
    int height = (int) Math.min(bytes.u32(SIGNATURE.length() + 12L, "IHDR"), Integer.MAX_VALUE);
    return Scan.of(width, height, image, used)
        .withOrientation(Orientation.of(exif))
        .withProfile(profile);
  }

  /** An unreadable profile is no profile, as everywhere. */
  private static byte @Nullable [] inflateProfile(byte[] file, int from, int to) {
    int at = from;
    while (at < to && file[at] != 0) {
      at++;
    }
    if (at + 2 > to) {
      return null;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(file, at + 2, to - at - 2);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!inflater.finished() && out.size() <= MAX_PROFILE) {
        int n = inflater.inflate(buffer);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          return null;
        }
        out.write(buffer, 0, n);
      }
      return inflater.finished() ? out.toByteArray() : null;
    } catch (DataFormatException e) {
      return null;
    } finally {
      inflater.end();
    }
  }

  private static String printable(String name) {
    return name.matches("[A-Za-z]{4}") ? name : "with a name that is not four letters";
  }
}
