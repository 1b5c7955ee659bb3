// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.RgbImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Working memory of one call, grown to the largest image. Not thread-safe. */
final class InputBuffer {
  private FloatBuffer planes = FloatBuffer.allocate(0);
  private byte[] bytes = new byte[0];
  private float[] floats = new float[0];

  /**
   * Writes three planes, each of the first rows and columns of an image.
   *
   * @return the planes, valid until the next call
   * @throws IllegalArgumentException if the image has too many pixels
   */
  FloatBuffer write(RgbImage image, int height, int width, PixelTable table) {
    FloatBuffer out = planes(3L * height * width);
    if (floats.length != image.width()) {
      bytes = new byte[3 * image.width()];
      floats = new float[image.width()];
    }
    for (int y = 0; y < height; y++) {
      image.copyRowTo(y, bytes);
      for (int c = 0; c < 3; c++) {
        table.write(c, bytes, floats, width);
        out.put((c * height + y) * width, floats, 0, width);
      }
    }
    return out;
  }

  private FloatBuffer planes(long size) {
    if (size > Integer.MAX_VALUE / 4) {
      throw new IllegalArgumentException(
          "image must have at most " + Integer.MAX_VALUE / 12 + " pixels");
    }
    if (planes.capacity() < size) {
      planes =
          ByteBuffer.allocateDirect((int) (4 * size))
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
    }
    planes.clear();
    planes.limit((int) size);
    return planes;
  }
}
