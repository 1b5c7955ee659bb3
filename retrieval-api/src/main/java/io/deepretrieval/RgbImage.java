// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Objects;

/**
 * A decoded image: 8-bit sRGB, upright (EXIF orientation applied), without alpha, stored as {@code
 * [H,W,3]} bytes in the order red, green, blue.
 *
 * <p>Immutable and thread-safe. Memory: 3 bytes a pixel.
 */
public final class RgbImage {
  private final int width;
  private final int height;
  private final byte[] rgb;

  private RgbImage(int width, int height, byte[] rgb) {
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /**
   * Makes an image of interleaved bytes.
   *
   * @param width columns, at least 1
   * @param height rows, at least 1
   * @param rgb {@code [H,W,3]} bytes, red first (copied)
   * @return the image
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code
   *     height*width*3}
   */
  public static RgbImage copyOf(int width, int height, byte[] rgb) {
    checkSize(width, height);
    if (rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "image bytes must number height*width*3 = "
              + 3L * width * height
              + " but were "
              + rgb.length);
    }
    return new RgbImage(width, height, rgb.clone());
  }

  /**
   * Makes an image of packed pixels; the upper eight bits are ignored.
   *
   * @param width columns, at least 1
   * @param height rows, at least 1
   * @param pixels {@code [H,W]} integers {@code 0xRRGGBB} (copied)
   * @return the image
   * @throws IllegalArgumentException if a size is less than 1 or the length is not {@code
   *     height*width}
   */
  public static RgbImage ofPacked(int width, int height, int[] pixels) {
    checkSize(width, height);
    if (pixels.length != (long) width * height) {
      throw new IllegalArgumentException(
          "image pixels must number height*width = "
              + (long) width * height
              + " but were "
              + pixels.length);
    }
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0, o = 0; i < pixels.length; i++) {
      int p = pixels[i];
      rgb[o++] = (byte) (p >> 16);
      rgb[o++] = (byte) (p >> 8);
      rgb[o++] = (byte) p;
    }
    return new RgbImage(width, height, rgb);
  }

  /** Refuses sizes that no array can hold. */
  static void checkSize(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "image size must be at least 1x1 but was " + width + "x" + height);
    }
    if ((long) width * height > (Integer.MAX_VALUE - 8) / 3) {
      throw new IllegalArgumentException(
          "image must have at most "
              + (Integer.MAX_VALUE - 8) / 3
              + " pixels but was "
              + width
              + "x"
              + height);
    }
  }

  /**
   * Returns the number of columns.
   *
   * @return at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Returns the number of rows.
   *
   * @return at least 1
   */
  public int height() {
    return height;
  }

  /**
   * Reads one pixel.
   *
   * @param x column in [0, width)
   * @param y row in [0, height)
   * @return {@code 0xRRGGBB}
   * @throws IndexOutOfBoundsException if the pixel is outside the image
   */
  public int rgb(int x, int y) {
    Objects.checkIndex(x, width);
    Objects.checkIndex(y, height);
    int i = 3 * (y * width + x);
    return (rgb[i] & 0xFF) << 16 | (rgb[i + 1] & 0xFF) << 8 | (rgb[i + 2] & 0xFF);
  }

  /**
   * Copies all bytes, {@code [H,W,3]}, red first.
   *
   * @param target (modified) receives {@code height*width*3} bytes
   * @param offset where the first byte goes
   * @throws IndexOutOfBoundsException if the target is too short
   */
  public void copyTo(byte[] target, int offset) {
    Objects.checkFromIndexSize(offset, rgb.length, target.length);
    System.arraycopy(rgb, 0, target, offset, rgb.length);
  }

  /**
   * Copies one row, {@code [W,3]}, red first.
   *
   * @param y row in [0, height)
   * @param target (modified) receives {@code width*3} bytes
   * @throws IndexOutOfBoundsException if the row is outside the image or the target too short
   */
  public void copyRowTo(int y, byte[] target) {
    Objects.checkIndex(y, height);
    Objects.checkFromIndexSize(0, 3 * width, target.length);
    System.arraycopy(rgb, 3 * y * width, target, 0, 3 * width);
  }

  /**
   * Cuts out a box. Corners are rounded to the nearest pixel and cut at the border: a few query
   * boxes of Oxford and Paris reach beyond it.
   *
   * @param box the part to keep
   * @return the part, at least 1x1
   * @throws IllegalArgumentException if the box lies outside the image
   */
  public RgbImage crop(Box box) {
    if (box.x1() >= width || box.y1() >= height) {
      throw new IllegalArgumentException(
          "box must overlap the image of " + width + "x" + height + " but was " + box);
    }
    int left = (int) Math.min(width - 1, Math.round(box.x1()));
    int top = (int) Math.min(height - 1, Math.round(box.y1()));
    int right = (int) Math.min(width, Math.max(left + 1L, Math.round(box.x2())));
    int bottom = (int) Math.min(height, Math.max(top + 1L, Math.round(box.y2())));
    int w = right - left;
    byte[] part = new byte[3 * w * (bottom - top)];
    for (int y = top; y < bottom; y++) {
      System.arraycopy(rgb, 3 * (y * width + left), part, 3 * w * (y - top), 3 * w);
    }
    return new RgbImage(w, bottom - top, part);
  }

  /**
   * Turns the image by 90 degrees, clockwise.
   *
   * @return an image of H columns and W rows
   */
  public RgbImage turned() {
    byte[] out = new byte[rgb.length];
    int columns = height;
    int rows = width;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        System.arraycopy(rgb, 3 * (y * width + x), out, 3 * (x * columns + columns - 1 - y), 3);
      }
    }
    return new RgbImage(columns, rows, out);
  }

  /**
   * Exchanges left and right.
   *
   * @return an image of the same size
   */
  public RgbImage mirrored() {
    byte[] out = new byte[rgb.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        System.arraycopy(rgb, 3 * (y * width + x), out, 3 * (y * width + width - 1 - x), 3);
      }
    }
    return new RgbImage(width, height, out);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage that
        && width == that.width
        && height == that.height
        && Arrays.equals(rgb, that.rgb);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "RgbImage[" + width + "x" + height + "]";
  }
}
