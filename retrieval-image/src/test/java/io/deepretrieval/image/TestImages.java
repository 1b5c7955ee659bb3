// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Files and what they show. */
final class TestImages {
  /** The colors of the blocks of the card, row by row. */
  static final int[] CARD = {0xDC2828, 0x28B43C, 0x323CC8, 0xF0DC28, 0x808080, 0xFAFAFA};

  /** The card with opacity 255, 128 and 0 in its columns, on white. */
  static final int[] CARD_ON_WHITE = {0xDC2828, 0x93D99D, 0xFFFFFF, 0xF0DC28, 0xBFBFBF, 0xFFFFFF};

  /** All files of src/test/resources/image that can be read. */
  static final List<String> FILES =
      List.of(
          "alpha.png",
          "alpha.tif",
          "animated.webp",
          "bilevel.tif",
          "cmyk-icc.jpg",
          "cmyk-icc.tif",
          "cmyk.jpg",
          "cmyk.tif",
          "deflate.tif",
          "exif-1.jpg",
          "exif-2.jpg",
          "exif-3.jpg",
          "exif-4.jpg",
          "exif-5.jpg",
          "exif-6.jpg",
          "exif-6.png",
          "exif-6.tif",
          "exif-6.webp",
          "exif-7.jpg",
          "exif-8.jpg",
          "grey-icc.jpg",
          "grey.jpg",
          "icc.jpg",
          "icc.png",
          "icc.tif",
          "icc.webp",
          "interlaced.gif",
          "jpeg.tif",
          "lossless-alpha.webp",
          "lossless.webp",
          "lossy-alpha.webp",
          "lossy.webp",
          "lzw.tif",
          "packbits.tif",
          "palette-icc.png",
          "palette.gif",
          "palette.tif",
          "premultiplied.tif",
          "progressive.jpg",
          "raw.tif",
          "rgb.bmp",
          "rgb.jpg",
          "srgb.jpg",
          "subsampled.jpg",
          "wave.webp",
          "ycck.jpg");

  private static final int SIDE = 8;
  private static final ImageIoDecoder DECODER = new ImageIoDecoder();

  private TestImages() {}

  static byte[] file(String name) {
    try (InputStream in = TestImages.class.getResourceAsStream("/image/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RgbImage decode(String name) throws IOException {
    return decode(file(name));
  }

  static RgbImage decode(byte[] file) throws IOException {
    return DECODER.decode(ImageSource.of("test image", file));
  }

  /** Asserts that a file is refused and with which words. */
  static void assertFails(byte[] file, String format, String reason) {
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> DECODER.decode(ImageSource.of("x", file)))
        .withMessage("cannot decode x (format " + format + "): " + reason);
  }

  /** Asserts the middle pixel of each block. */
  static void assertCard(RgbImage image, int scale, int[] colors, int tolerance) {
    assertThat(image.width()).isEqualTo(3 * SIDE * scale);
    assertThat(image.height()).isEqualTo(2 * SIDE * scale);
    for (int i = 0; i < colors.length; i++) {
      int x = (i % 3 * SIDE + SIDE / 2) * scale;
      int y = (i / 3 * SIDE + SIDE / 2) * scale;
      for (int shift = 16; shift >= 0; shift -= 8) {
        assertThat(image.rgb(x, y) >> shift & 0xFF)
            .as("block %s, bits from %s, of %06x", i, shift, image.rgb(x, y))
            .isCloseTo(colors[i] >> shift & 0xFF, within(tolerance));
      }
    }
  }

  /** An image of blocks of 8x8 pixels. */
  static RgbImage card(int... colors) {
    int[] pixels = new int[3 * SIDE * 2 * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = colors[i / (3 * SIDE) / SIDE * 3 + i % (3 * SIDE) / SIDE];
    }
    return RgbImage.ofPacked(3 * SIDE, 2 * SIDE, pixels);
  }

  static RgbImage image(int width, int... pixels) {
    return RgbImage.ofPacked(width, pixels.length / width, pixels);
  }

  /** A PNG of unfiltered rows, with chunks between header and data. */
  static byte[] png(int width, int height, int depth, int type, byte[] samples, byte[]... chunks) {
    int stride = samples.length / height;
    byte[] rows = new byte[samples.length + height];
    for (int y = 0; y < height; y++) {
      System.arraycopy(samples, y * stride, rows, y * (stride + 1) + 1, stride);
    }
    return pngFile(pngHeader(width, height, depth, type), chunks, pngChunk("IDAT", deflate(rows)));
  }

  static byte[] pngFile(byte[] header, byte[][] chunks, byte[]... data) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(PngScanner.SIGNATURE.getBytes(StandardCharsets.ISO_8859_1));
    file.writeBytes(header);
    Arrays.stream(chunks).forEach(file::writeBytes);
    Arrays.stream(data).forEach(file::writeBytes);
    file.writeBytes(pngChunk("IEND", new byte[0]));
    return file.toByteArray();
  }

  static byte[] pngHeader(int width, int height, int depth, int type) {
    return pngChunk(
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) depth)
            .put((byte) type)
            .array());
  }

  static byte[] pngChunk(String name, byte[] body) {
    ByteBuffer chunk =
        ByteBuffer.allocate(12 + body.length)
            .putInt(body.length)
            .put(name.getBytes(StandardCharsets.ISO_8859_1))
            .put(body);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + body.length);
    return chunk.putInt((int) crc.getValue()).array();
  }

  static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater();
    deflater.setInput(bytes);
    deflater.finish();
    byte[] packed = new byte[bytes.length + 64];
    int size = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, size);
  }

  /** Bytes of numbers. */
  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Bytes one after the other. */
  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(joined::writeBytes);
    return joined.toByteArray();
  }

  static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A copy with other bytes at a place. */
  static byte[] patched(byte[] file, int at, int... values) {
    byte[] copy = file.clone();
    System.arraycopy(bytes(values), 0, copy, at, values.length);
    return copy;
  }

  /** The place of letters in a file. */
  static int find(byte[] file, String letters) {
    int at = new String(file, StandardCharsets.ISO_8859_1).indexOf(letters);
    assertThat(at).as(letters).isNotNegative();
    return at;
  }
}
