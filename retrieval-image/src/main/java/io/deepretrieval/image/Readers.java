// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.BigTIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

/**
 * The plug-ins that decode, chosen by class: what else is registered, in which order and by which
 * class loader, makes no difference. Immutable and thread-safe; each reader serves one image.
 */
final class Readers {
  private final ImageReaderSpi jpeg;
  private final ImageReaderSpi png;
  private final ImageReaderSpi gif;
  private final ImageReaderSpi bmp;
  private final ImageReaderSpi webp = new WebPImageReaderSpi();
  private final ImageReaderSpi tiff = new TIFFImageReaderSpi();
  private final ImageReaderSpi bigTiff = new BigTIFFImageReaderSpi();

  Readers() {
    png = platform("png");
    gif = platform("gif");
    bmp = platform("bmp");
    // The JPEG plug-in finds the platform's reader, which it improves, when it is registered.
    ServiceRegistry registry =
        new ServiceRegistry(List.<Class<?>>of(ImageReaderSpi.class).iterator());
    registry.registerServiceProvider(platform("jpeg"), ImageReaderSpi.class);
    JPEGImageReaderSpi improved = new JPEGImageReaderSpi();
    registry.registerServiceProvider(improved, ImageReaderSpi.class);
    jpeg = improved;
  }

  ImageReader create(ImageFormat format, byte[] file) throws IOException {
    ImageReaderSpi provider =
        switch (format) {
          case JPEG -> jpeg;
          case PNG -> png;
          case WEBP -> webp;
          case GIF -> gif;
          case BMP -> bmp;
          case TIFF -> TiffScanner.isBig(file) ? bigTiff : tiff;
        };
    return provider.createReaderInstance();
  }

  private static ImageReaderSpi platform(String format) {
    Iterator<ImageReaderSpi> found =
        IIORegistry.getDefaultInstance()
            .getServiceProviders(
                ImageReaderSpi.class,
                provider ->
                    provider.getClass().getName().startsWith("com.sun.imageio.")
                        && Arrays.asList(((ImageReaderSpi) provider).getFormatNames())
                            .contains(format),
                false);
    if (!found.hasNext()) {
      throw new IllegalStateException("java.desktop must have a reader for " + format);
    }
    return found.next();
  }
}
