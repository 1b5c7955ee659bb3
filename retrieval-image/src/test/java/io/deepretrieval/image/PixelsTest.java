// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BandedSampleModel;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every layout of pixels against the platform's own reading, pixel by pixel. */
final class PixelsTest {
  private static final int WIDTH = 13;
  private static final int HEIGHT = 7;

  private final Pixels pixels = new Pixels(new ColorProfiles());

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_ARGB_PRE,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_4BYTE_ABGR_PRE,
        BufferedImage.TYPE_USHORT_565_RGB,
        BufferedImage.TYPE_USHORT_555_RGB,
        BufferedImage.TYPE_BYTE_BINARY,
        BufferedImage.TYPE_BYTE_INDEXED
      })
  void platformTypesEqualTheNaiveReading(int type) {
    assertNaive(filled(new BufferedImage(WIDTH, HEIGHT, type)));
  }

  @Test
  void partOfAnImageEqualsTheNaiveReading() {
    BufferedImage whole = filled(new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR));

    assertNaive(whole.getSubimage(3, 2, 7, 4));
  }

  @Test
  void planesEqualTheNaiveReading() {
    WritableRaster planes = Raster.createBandedRaster(DataBuffer.TYPE_BYTE, WIDTH, HEIGHT, 3, null);

    assertNaive(filled(image(planes, DataBuffer.TYPE_BYTE)));
  }

  @Test
  void samplesOfFloatsEqualTheNaiveReading() {
    WritableRaster floats =
        Raster.createWritableRaster(
            new BandedSampleModel(DataBuffer.TYPE_FLOAT, WIDTH, HEIGHT, 3), null);

    assertNaive(filled(image(floats, DataBuffer.TYPE_FLOAT)));
  }

  @Test
  void graySamplesAreRepeated() {
    BufferedImage gray = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    gray.getRaster().setSample(0, 0, 0, 0x8080);
    gray.getRaster().setSample(1, 0, 0, 0xFFFF);

    assertThat(pixels.toRgb(gray, null)).isEqualTo(bytes(128, 128, 128, 255, 255, 255));
  }

  private void assertNaive(BufferedImage image) {
    // Converting first: reading unmultiplies premultiplied images.
    byte[] expected = new byte[3 * image.getWidth() * image.getHeight()];
    for (int i = 0; i < expected.length; i++) {
      int pixel = i / 3;
      int argb = image.getRGB(pixel % image.getWidth(), pixel / image.getWidth());
      double opacity = (argb >>> 24) / 255.0;
      int value = argb >> (16 - 8 * (i % 3)) & 0xFF;
      expected[i] = (byte) Math.round(value * opacity + 255 * (1 - opacity));
    }

    byte[] rgb = pixels.toRgb(image, null);

    assertThat(rgb).hasSameSizeAs(expected);
    for (int i = 0; i < rgb.length; i++) {
      // Five bits and premultiplied colors are rounded in another order.
      assertThat(rgb[i] & 0xFF).as("byte %s", i).isCloseTo(expected[i] & 0xFF, within(1));
    }
  }

  private static BufferedImage image(WritableRaster raster, int type) {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, type);
    return new BufferedImage(model, raster, false, null);
  }

  private static BufferedImage filled(BufferedImage image) {
    Random random = new Random(7);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, random.nextInt());
      }
    }
    return image;
  }
}
