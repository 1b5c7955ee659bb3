// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import org.jspecify.annotations.Nullable;

/** What a file says about its image before a pixel is decoded. Arrays are not copied. */
final class Scan {
  /** How samples are to be read. */
  enum Color {
    /** As the reader says. */
    READER,
    /** Three channels of 8 bits, which the reader can write where they are wanted. */
    DIRECT,
    /** Cyan, magenta, yellow and black. */
    CMYK,
    /** The same with the first three as luminance and color differences (JPEG only). */
    YCCK
  }

  /** Where an image lies on its canvas. */
  record Frame(int x, int y, int width, int height) {}

  private final int width;
  private final int height;
  private final Frame frame;
  private final byte[] data;
  private final int length;
  private final Color color;
  private final int orientation;
  private final byte @Nullable [] profile;

  private Scan(
      int width,
      int height,
      Frame frame,
      byte[] data,
      int length,
      Color color,
      int orientation,
      byte @Nullable [] profile) {
    this.width = width;
    this.height = height;
    this.frame = frame;
    this.data = data;
    this.length = length;
    this.color = color;
    this.orientation = orientation;
    this.profile = profile;
  }

  /** An image that fills its canvas, in the first {@code length} bytes of {@code data}. */
  static Scan of(int width, int height, byte[] data, int length) {
    Frame whole = new Frame(0, 0, width, height);
    return new Scan(width, height, whole, data, length, Color.READER, 1, null);
  }

  Scan withFrame(Frame part) {
    return new Scan(width, height, part, data, length, color, orientation, profile);
  }

  Scan withColor(Color kind) {
    return new Scan(width, height, frame, data, length, kind, orientation, profile);
  }

  Scan withOrientation(int exif) {
    return new Scan(width, height, frame, data, length, color, exif, profile);
  }

  Scan withProfile(byte @Nullable [] icc) {
    return new Scan(width, height, frame, data, length, color, orientation, icc);
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

  Color color() {
    return color;
  }

  /** The EXIF orientation, 1 to 8. */
  int orientation() {
    return orientation;
  }

  /** An ICC profile that the reader ignores. */
  byte @Nullable [] profile() {
    return profile;
  }
}
