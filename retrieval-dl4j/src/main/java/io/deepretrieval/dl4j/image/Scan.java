// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.image;

import org.jspecify.annotations.Nullable;

/** What a file says about its picture before a pixel is decoded. */
final class Scan {
  /** Printing inks instead of light, without a profile that says how they look. */
  enum Inks {
    /** The picture has light, or a profile that the reader applies. */
    NONE,
    /** Cyan, magenta, yellow and black. */
    CMYK,
    /** The same with the first three as luminance and colour differences (JPEG only). */
    YCCK
  }

  /** Where a picture lies on its canvas. */
  record Frame(int x, int y, int width, int height) {}

  private final int width;
  private final int height;
  private final Frame frame;
  private final byte[] data;
  private final int length;
  private final byte @Nullable [] exif;
  private final byte @Nullable [] profile;
  private final Inks inks;

  private Scan(
      int width,
      int height,
      Frame frame,
      byte[] data,
      int length,
      byte @Nullable [] exif,
      byte @Nullable [] profile,
      Inks inks) {
    this.width = width;
    this.height = height;
    this.frame = frame;
    this.data = data;
    this.length = length;
    this.exif = exif;
    this.profile = profile;
    this.inks = inks;
  }

  /** A picture that fills its canvas, in the first {@code length} bytes of {@code data}. */
  static Scan of(int width, int height, byte[] data, int length) {
    return new Scan(
        width, height, new Frame(0, 0, width, height), data, length, null, null, Inks.NONE);
  }

  Scan withFrame(Frame part) {
    return new Scan(width, height, part, data, length, exif, profile, inks);
  }

  Scan withExif(byte @Nullable [] block) {
    return new Scan(width, height, frame, data, length, block, profile, inks);
  }

  Scan withProfile(byte @Nullable [] icc) {
    return new Scan(width, height, frame, data, length, exif, icc, inks);
  }

  Scan withInks(Inks kind) {
    return new Scan(width, height, frame, data, length, exif, profile, kind);
  }

  /** Columns of the canvas, as stored. */
  int width() {
    return width;
  }

  /** Rows of the canvas, as stored. */
  int height() {
    return height;
  }

  /** The part of the canvas that the reader returns. */
  Frame frame() {
    return frame;
  }

  /** What the reader gets. */
  byte[] data() {
    return data;
  }

  /** How many bytes of the data the reader gets. */
  int length() {
    return length;
  }

  /** The EXIF block, which begins with a TIFF header. */
  byte @Nullable [] exif() {
    return exif;
  }

  /** An ICC profile that the reader would ignore. */
  byte @Nullable [] profile() {
    return profile;
  }

  Inks inks() {
    return inks;
  }
}
