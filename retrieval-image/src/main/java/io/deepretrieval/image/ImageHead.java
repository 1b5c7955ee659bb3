// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

/**
 * What an image is, without its pixels.
 *
 * @param format for instance {@code JPEG}
 * @param width columns, upright
 * @param height rows, upright
 */
public record ImageHead(String format, int width, int height) {
  /**
   * Counts the pixels.
   *
   * @return width times height
   */
  public long pixels() {
    return (long) width * height;
  }
}
