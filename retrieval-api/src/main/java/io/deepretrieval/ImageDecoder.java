// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * Reads image files. Implementations are thread-safe, apply the EXIF orientation, lay transparent
 * pixels on white and never return an image of a file that is damaged. Contract test: {@code
 * io.deepretrieval.testkit.ImageDecoderContract}.
 */
@FunctionalInterface
public interface ImageDecoder {
  /**
   * Reads an image.
   *
   * @param source where its bytes come from
   * @return the upright image
   * @throws ImageDecodeException if the bytes cannot be read or are no image; it names the source
   * @throws NullPointerException if the source is null
   */
  RgbImage decode(ImageSource source) throws ImageDecodeException;
}
