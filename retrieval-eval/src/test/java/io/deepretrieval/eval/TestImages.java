// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Images of one color as PNG files, and a decoder that reads them. */
public final class TestImages {
  /** Reads PNG; a decoder good enough for images that this class wrote. */
  public static final ImageDecoder DECODER =
      source -> {
        try (InputStream in = source.open()) {
          BufferedImage image = ImageIO.read(in);
          if (image == null) {
            throw new ImageDecodeException(source.name(), "unknown", "not an image", null);
          }
          int w = image.getWidth();
          int h = image.getHeight();
          return RgbImage.ofPacked(w, h, image.getRGB(0, 0, w, h, null, 0, w));
        } catch (IOException e) {
          throw e instanceof ImageDecodeException decode
              ? decode
              : new ImageDecodeException(source.name(), "unknown", String.valueOf(e), e);
        }
      };

  private TestImages() {}

  public static Path write(Path file, int width, int height, int rgb) {
    return write(file, width, height, rgb, rgb);
  }

  /** Left half of one color, right half of another. */
  public static Path write(Path file, int width, int height, int left, int right) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, x < width / 2 ? left : right);
      }
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      ImageIO.write(image, "png", file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
