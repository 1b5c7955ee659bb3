// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Resampler;
import io.deepretrieval.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Small JPEG copies of images as data URIs, each file once, none larger than a bound. */
final class Thumbnails {
  private static final float[] QUALITIES = {0.8f, 0.6f, 0.4f};

  /** Pixels below which an image tells nothing and is not shrunk further. */
  private static final int SMALLEST = 16;

  private final ImageDecoder decoder;
  private final int longerSide;
  private final int maxBytes;
  private final Map<Path, Optional<Thumbnail>> byFile = new HashMap<>();

  /**
   * A small copy.
   *
   * @param uri of its JPEG bytes
   * @param width pixels of the copy
   * @param height pixels of the copy
   * @param sourceWidth pixels of the image, which boxes refer to
   * @param sourceHeight pixels of the image, which boxes refer to
   */
  record Thumbnail(String uri, int width, int height, int sourceWidth, int sourceHeight) {}

  Thumbnails(ImageDecoder decoder, int longerSide, int maxBytes) {
    this.decoder = decoder;
    this.longerSide = longerSide;
    this.maxBytes = maxBytes;
  }

  /** Empty if the image cannot be read. */
  Optional<Thumbnail> of(Path file) throws IOException {
    Optional<Thumbnail> known = byFile.get(file);
    if (known == null) {
      known = make(file);
      byFile.put(file, known);
    }
    return known;
  }

  private Optional<Thumbnail> make(Path file) throws IOException {
    RgbImage image;
    try {
      image = decoder.decode(ImageSource.of(file));
    } catch (ImageDecodeException e) {
      return Optional.empty();
    }
    RgbImage small = Resampler.shrinkTo(image, longerSide);
    byte[] jpeg = encode(small);
    while (jpeg.length > maxBytes && Math.max(small.width(), small.height()) > SMALLEST) {
      // Bytes grow with the area; a little less, so that the second try is the last.
      double factor = 0.9 * Math.sqrt((double) maxBytes / jpeg.length);
      small = Resampler.scale(small, Math.min(0.9, factor));
      jpeg = encode(small);
    }
    return Optional.of(
        new Thumbnail(
            "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg),
            small.width(),
            small.height(),
            image.width(),
            image.height()));
  }

  /** At the best quality that fits, else at the least. */
  private byte[] encode(RgbImage image) throws IOException {
    byte[] jpeg = {};
    for (float quality : QUALITIES) {
      jpeg = jpeg(image, quality);
      if (jpeg.length <= maxBytes) {
        break;
      }
    }
    return jpeg;
  }

  private static byte[] jpeg(RgbImage image, float quality) throws IOException {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        buffered.setRGB(x, y, image.rgb(x, y));
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      writer.write(null, new IIOImage(buffered, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
