// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import org.jspecify.annotations.Nullable;

/** What a file says about its picture before a pixel is decoded. Arrays are not copied. */
final class Scan {
  /** How samples are to be read. */
  enum Colour {
    /** As the reader says. */
    READER,
    /** Three channels of 8 bits, which the reader can write where they are wanted. */
    DIRECT,
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
  private final Colour colour;
  private final int orientation;
  private final byte @Nullable [] profile;

  private Scan(
      int width,
      int height,
      Frame frame,
      byte[] data,
      int length,
      Colour colour,
      int orientation,
      byte @Nullable [] profile) {
    this.width = width;
    this.height = height;
    this.frame = frame;
    this.data = data;
    this.length = length;
    this.colour = colour;
    this.orientation = orientation;
    this.profile = profile;
  }

  /** A picture that fills its canvas, in the first {@code length} bytes of {@code data}. */
  static Scan of(int width, int height, byte[] data, int length) {
    Frame whole = new Frame(0, 0, width, height);
    return new Scan(width, height, whole, data, length, Colour.READER, 1, null);
  }

  Scan withFrame(Frame part) {
    return new Scan(width, height, part, data, length, colour, orientation, profile);
  }

  Scan withColour(Colour kind) {
    return new Scan(width, height, frame, data, length, kind, orientation, profile);
  }

  Scan withOrientation(int exif) {
    return new Scan(width, height, frame, data, length, colour, exif, profile);
  }

  Scan withProfile(byte @Nullable [] icc) {
    return new Scan(width, height, frame, data, length, colour, orientation, icc);
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

  Colour colour() {
    return colour;
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
