// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.image.ImageIoDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageWriterSpi;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes an image as JPEG and reads it again. Thread-safe: each call has a writer of its own. */
final class JpegRoundTrip {
  static final JpegRoundTrip INSTANCE = new JpegRoundTrip();

  private final ImageWriterSpi platform = platform();
  private final ImageIoDecoder decoder = new ImageIoDecoder();

  private JpegRoundTrip() {}

  RgbImage apply(RgbImage image, int percent) {
    try {
      return decoder.decode(ImageSource.of("augmented image", encode(image, percent)));
    } catch (ImageDecodeException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] encode(RgbImage image, int percent) throws ImageDecodeException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageWriter writer = platform.createWriterInstance();
      try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
        ImageWriteParam param = writer.getDefaultWriteParam();
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionQuality(percent / 100f);
        writer.setOutput(out);
        writer.write(null, new IIOImage(buffered(image), null, null), param);
      } finally {
        writer.dispose();
      }
    } catch (IOException e) {
      throw new ImageDecodeException("augmented image", "JPEG", "cannot be written", e);
    }
    return bytes.toByteArray();
  }

  private static BufferedImage buffered(RgbImage image) {
    int w = image.width();
    BufferedImage out = new BufferedImage(w, image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] row = new byte[3 * w];
    int[] packed = new int[w];
    for (int y = 0; y < image.height(); y++) {
      image.copyRowTo(y, row);
      for (int x = 0; x < w; x++) {
        packed[x] =
            (row[3 * x] & 0xFF) << 16 | (row[3 * x + 1] & 0xFF) << 8 | (row[3 * x + 2] & 0xFF);
      }
      out.setRGB(0, y, w, 1, packed, 0, w);
    }
    return out;
  }

  /** The writer of java.desktop, whatever else is registered. */
  private static ImageWriterSpi platform() {
    Iterator<ImageWriterSpi> found =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageWriterSpi.class,
                provider ->
                    provider.getClass().getName().startsWith("com.sun.imageio.")
                        && Arrays.asList(((ImageWriterSpi) provider).getFormatNames())
                            .contains("jpeg"),
                false);
    if (!found.hasNext()) {
      throw new IllegalStateException("java.desktop must have a writer for jpeg");
    }
    return found.next();
  }
}
