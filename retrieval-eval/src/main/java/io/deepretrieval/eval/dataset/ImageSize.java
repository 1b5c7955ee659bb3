// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.Box;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Size of an image by the head of its file, as stored: without the EXIF orientation.
 *
 * @param width columns
 * @param height rows
 */
record ImageSize(int width, int height) {
  /** Empty if the head cannot be read. */
  static Optional<ImageSize> read(Path file) {
    try (InputStream bytes = Files.newInputStream(file);
        MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(bytes)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        return Optional.empty();
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        return Optional.of(new ImageSize(reader.getWidth(0), reader.getHeight(0)));
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** False if the box lies beyond the image, upright or turned by its EXIF orientation. */
  boolean mayHold(Box box) {
    return (box.x1() < width && box.y1() < height) || (box.x1() < height && box.y1() < width);
  }
}
