// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

/**
 * Reads image files. Implementations are thread-safe, apply the EXIF orientation, lay transparent
 * pixels on white and never return a picture of a file that is damaged. Contract test: {@code
 * io.deepretrieval.testkit.ImageDecoderContract}.
 */
@FunctionalInterface
public interface ImageDecoder {
  /**
   * Reads a picture.
   *
   * @param source where its bytes come from
   * @return the upright picture
   * @throws ImageDecodeException if the bytes cannot be read or are no picture; it names the source
   */
  RgbImage decode(ImageSource source) throws ImageDecodeException;
}
