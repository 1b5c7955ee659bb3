// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The formats that are read, recognized by their first bytes and never by a file's name. */
enum ImageFormat {
  /** JPEG, baseline, progressive and lossless. */
  JPEG("JPEG"),
  /** Portable Network Graphics; of an animation the default image. */
  PNG("PNG"),
  /** WebP, lossy and lossless; of an animation the first frame. */
  WEBP("WebP"),
  /** Graphics Interchange Format; the first frame. */
  GIF("GIF"),
  /** Windows and OS/2 bitmaps. */
  BMP("BMP"),
  /** TIFF and BigTIFF; the first page. */
  TIFF("TIFF");

  static final String UNKNOWN = "unknown";

  private static final int TEXT_PROBE = 512;

  /** Formats that people try, so that the error can name them. */
  private static final Map<String, String> OTHERS =
      Map.ofEntries(
          Map.entry("%PDF-", "PDF"),
          Map.entry("%!PS", "PostScript"),
          Map.entry("8BPS", "PSD"),
          Map.entry("\0\0\1\0", "ICO"),
          Map.entry("\0\0\2\0", "CUR"),
          Map.entry("\u00FF\n", "JPEG XL"),
          Map.entry("\0\0\0\fJXL ", "JPEG XL"),
          Map.entry("\0\0\0\fjP  ", "JPEG 2000"),
          Map.entry("\u00FFO\u00FFQ", "JPEG 2000"),
          Map.entry("PK\3\4", "ZIP"),
          Map.entry("\u001F\u008B", "gzip"),
          Map.entry("v/1\1", "OpenEXR"),
          Map.entry("RIFF", "RIFF"),
          Map.entry("FUJIFILM", "RAF"));

  private final String text;

  ImageFormat(String text) {
    this.text = text;
  }

  /** Checks a file and finds what is needed to decode it. */
  Scan scan(byte[] file) throws DamagedFileException {
    return switch (this) {
      case JPEG -> JpegScanner.scan(file);
      case PNG -> PngScanner.scan(file);
      case WEBP -> WebpScanner.scan(file);
      case GIF -> GifScanner.scan(file);
      case BMP -> BmpScanner.scan(file);
      case TIFF -> TiffScanner.scan(file);
    };
  }

  /** Finds the format that can be read. */
  static @Nullable ImageFormat of(byte[] file) {
    if (Bytes.matches(file, 0, "\u00FF\u00D8\u00FF")) {
      return JPEG;
    }
    if (Bytes.matches(file, 0, PngScanner.SIGNATURE)) {
      return PNG;
    }
    if (Bytes.matches(file, 0, "RIFF") && Bytes.matches(file, 8, "WEBP")) {
      return WEBP;
    }
    if (Bytes.matches(file, 0, "GIF87a") || Bytes.matches(file, 0, "GIF89a")) {
      return GIF;
    }
    if (BmpScanner.recognizes(file)) {
      return BMP;
    }
    if (TiffScanner.recognizes(file)) {
      return TIFF;
    }
    return null;
  }

  /** Names the format of any file: one of ours, another one of note, text, or unknown. */
  static String nameOf(byte[] file) {
    ImageFormat ours = of(file);
    if (ours != null) {
      return ours.toString();
    }
    if (Bytes.matches(file, 4, "ftyp")) {
      return isoMedia(file);
    }
    for (Map.Entry<String, String> other : OTHERS.entrySet()) {
      if (Bytes.matches(file, 0, other.getKey())) {
        return other.getValue();
      }
    }
    return isText(file) ? markup(file) : UNKNOWN;
  }

  /** The brands of an ISO base media file stand in its first box, the major one first. */
  private static String isoMedia(byte[] file) {
    int end = Math.min(file.length, Math.max(16, (file[2] & 0xFF) << 8 | (file[3] & 0xFF)));
    String brands = new String(file, 8, Math.max(0, end - 8), StandardCharsets.ISO_8859_1);
    if (brands.contains("avif") || brands.contains("avis")) {
      return "AVIF";
    }
    if (brands.contains("crx ")) {
      return "CR3";
    }
    return brands.matches("(?s).*(hei[cmsx]|hev[cmsx]|mif1|msf1).*") ? "HEIC" : "MP4";
  }

  /** UTF-8 without control characters, as far as it is looked at. */
  private static boolean isText(byte[] file) {
    int n = Math.min(file.length, TEXT_PROBE);
    for (int i = 0; i < n; i++) {
      int c = file[i] & 0xFF;
      if ((c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7F) {
        return false;
      }
    }
    // A character may be cut at the end of the probe.
    return n > 0
        && !StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(file, 0, n), CharBuffer.allocate(n), false)
            .isError();
  }

  private static String markup(byte[] file) {
    String start =
        new String(file, 0, Math.min(file.length, TEXT_PROBE), StandardCharsets.UTF_8)
            .toLowerCase(Locale.ROOT);
    if (start.contains("<svg")) {
      return "SVG";
    }
    if (start.contains("<html") || start.contains("<!doctype html")) {
      return "HTML";
    }
    return "text";
  }

  @Override
  public String toString() {
    return text;
  }
}
