// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageDecoder;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ImageDecoder} must hold. It must read at least PNG and JPEG; the images are
 * made here.
 */
public abstract class ImageDecoderContract {
  /** Flat blocks of 8x8 pixels at quality 95 keep their colors within this many levels. */
  private static final int JPEG_TOLERANCE = 3;

  private static final int THREADS = 8;
  private static final int RGB = 2;
  private static final int RGBA = 6;

  /** Six blocks of 8x8 pixels, 24x16 in all: no two turns or mirrorings of it are alike. */
  private static final int[] BLOCKS = {0xDC2828, 0x28B43C, 0x323CC8, 0xF0DC28, 0x808080, 0xFAFAFA};

  private static final byte[] JPEG =
      Base64.getDecoder()
          .decode(
              "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYG"
                  + "BwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoK"
                  + "CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAQABgDAREAAhEB"
                  + "AxEB/8QAFwAAAwEAAAAAAAAAAAAAAAAABwgJCv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAZAQAC"
                  + "AwEAAAAAAAAAAAAAAAAACQcICgX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwBd"
                  + "0Dm0Dw47NOTM7BbBoQZa1pEyzdENr0AP/9k=");

  /** For subclasses. */
  protected ImageDecoderContract() {}

  /**
   * Makes the decoder under test.
   *
   * @return a decoder with its defaults
   */
  protected abstract ImageDecoder decoder();

  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "5,1", "13,9"})
  void pngPixelsAreExact(int width, int height) throws IOException {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 37);
    }

    RgbImage image = decode(png(width, height, RGB, rgb));

    assertThat(image).isEqualTo(RgbImage.copyOf(width, height, rgb));
  }

  @Test
  void transparentPixelsLieOnWhite() throws IOException {
    byte[] rgba = {
      100, 50, 0, (byte) 255, //
      100, 50, 0, (byte) 128, //
      100, 50, 0, 0
    };

    RgbImage image = decode(png(3, 1, RGBA, rgba));

    assertThat(image.rgb(0, 0)).isEqualTo(0x643200);
    // 255 + (value - 255) * 128/255
    assertColor(image, 1, 0, 0xB1987F, 1);
    assertThat(image.rgb(2, 0)).isEqualTo(0xFFFFFF);
  }

  @Test
  void jpegColorsAreRight() throws IOException {
    assertCard(decode(JPEG), 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void exifOrientationIsApplied(int orientation) throws IOException {
    assertCard(decode(withOrientation(JPEG, orientation)), orientation);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 65535})
  void orientationOutOfRangeIsIgnored(int orientation) throws IOException {
    assertCard(decode(withOrientation(JPEG, orientation)), 1);
  }

  @Test
  void contentDecidesNotTheName() throws IOException {
    assertCard(decoder().decode(ImageSource.of("photo.png", JPEG)), 1);
    byte[] rgb = {1, 2, 3};
    assertThat(decoder().decode(ImageSource.of("notes.txt", png(1, 1, RGB, rgb))).rgb(0, 0))
        .isEqualTo(0x010203);
  }

  @Test
  void cutFilesAreErrorsAtEveryByte() {
    byte[] png = png(24, 16, RGB, card());
    for (int length = 1; length < JPEG.length; length++) {
      assertFails("cut " + length + ".jpg", Arrays.copyOf(JPEG, length));
    }
    for (int length = 1; length < png.length; length++) {
      assertFails("cut " + length + ".png", Arrays.copyOf(png, length));
    }
  }

  @Test
  void emptyFileIsAnErrorWithItsName() {
    assertFails("empty.jpg", new byte[0]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"just words\n", "%PDF-1.7\n", "<!DOCTYPE html><html></html>", "\0\0\0\0\0\0\0"})
  void otherFilesAreErrorsWithTheirName(String content) {
    assertFails("other.jpg", content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void hugeDeclaredSizeIsAnErrorBeforeItIsAllocated() {
    byte[] png = png(1, 1, RGB, new byte[] {1, 2, 3});
    ByteBuffer.wrap(png).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
    sign(png, 8);

    assertFails("bomb.png", png);
  }

  @Test
  void missingFileAndDirectoryAreErrorsWithTheirName(@TempDir Path directory) {
    Path missing = directory.resolve("missing.jpg");

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> decoder().decode(ImageSource.of(missing)))
        .withMessageContaining(missing.toString())
        .satisfies(e -> assertThat(e.imageName()).isEqualTo(missing.toString()));
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> decoder().decode(ImageSource.of(directory)))
        .withMessageContaining(directory.toString());
  }

  @Test
  void unreadableSourceIsAnErrorWithItsCause() {
    IOException cause = new IOException("line is down");

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(
            () ->
                decoder()
                    .decode(
                        ImageSource.of(
                            "far.jpg",
                            () -> {
                              throw cause;
                            })))
        .withMessageContaining("far.jpg")
        .withCause(cause);
  }

  @Test
  void sourceIsClosedAfterSuccessAndFailure() throws IOException {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger opened = new AtomicInteger();

    decoder().decode(ImageSource.of("good.jpg", () -> counting(JPEG, open, opened)));
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(
            () ->
                decoder()
                    .decode(
                        ImageSource.of(
                            "bad.jpg", () -> counting(Arrays.copyOf(JPEG, 200), open, opened))));

    assertThat(opened).hasValueGreaterThanOrEqualTo(2);
    assertThat(open).hasValue(0);
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void sameResultInEveryThread() throws Exception {
    ImageDecoder decoder = decoder();
    byte[] png = png(24, 16, RGB, card());
    RgbImage fromJpeg = decoder.decode(ImageSource.of("a.jpg", JPEG));
    RgbImage fromPng = decoder.decode(ImageSource.of("a.png", png));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    assertThat(decoder.decode(ImageSource.of("b.jpg", JPEG))).isEqualTo(fromJpeg);
                    assertThat(decoder.decode(ImageSource.of("b.png", png))).isEqualTo(fromPng);
                  }
                  return true;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @SuppressWarnings("NullAway") // The point of the test.
  void nullIsRejected() {
    assertThatNullPointerException().isThrownBy(() -> decoder().decode(null));
  }

  private RgbImage decode(byte[] file) throws IOException {
    return decoder().decode(ImageSource.of("test image", file));
  }

  private void assertFails(String name, byte[] file) {
    assertThatExceptionOfType(ImageDecodeException.class)
        .as(name)
        .isThrownBy(() -> decoder().decode(ImageSource.of(name, file)))
        .withMessageStartingWith("cannot decode " + name + " (format ")
        .satisfies(e -> assertThat(e.imageName()).isEqualTo(name));
  }

  /** Checks that an image of the blocks was turned as its orientation asks. */
  private static void assertCard(RgbImage image, int orientation) {
    boolean turned = orientation >= 5;
    assertThat(image.width()).isEqualTo(turned ? 16 : 24);
    assertThat(image.height()).isEqualTo(turned ? 24 : 16);
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 3; column++) {
        // Where the EXIF standard says that row 0 and column 0 of the stored image are shown.
        int x =
            switch (orientation) {
              case 2, 3 -> 2 - column;
              case 5, 8 -> row;
              case 6, 7 -> 1 - row;
              default -> column;
            };
        int y =
            switch (orientation) {
              case 3, 4 -> 1 - row;
              case 5, 6 -> column;
              case 7, 8 -> 2 - column;
              default -> row;
            };
        assertColor(image, 8 * x + 4, 8 * y + 4, BLOCKS[3 * row + column], JPEG_TOLERANCE);
      }
    }
  }

  private static void assertColor(RgbImage image, int x, int y, int expected, int tolerance) {
    for (int shift = 0; shift <= 16; shift += 8) {
      assertThat(image.rgb(x, y) >> shift & 0xFF)
          .as("pixel %s,%s >> %s of %s", x, y, shift, image)
          .isCloseTo(expected >> shift & 0xFF, within(tolerance));
    }
  }

  private static byte[] card() {
    byte[] rgb = new byte[3 * 24 * 16];
    for (int i = 0; i < 24 * 16; i++) {
      int color = BLOCKS[i / 24 / 8 * 3 + i % 24 / 8];
      rgb[3 * i] = (byte) (color >> 16);
      rgb[3 * i + 1] = (byte) (color >> 8);
      rgb[3 * i + 2] = (byte) color;
    }
    return rgb;
  }

  /** Puts an EXIF segment with one tag behind the start-of-image marker. */
  private static byte[] withOrientation(byte[] jpeg, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(36);
    exif.putShort((short) 0xFFE1).putShort((short) 34);
    exif.put("Exif\0\0MM\0*".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0).putInt(0);
    return ByteBuffer.allocate(jpeg.length + 36)
        .put(jpeg, 0, 2)
        .put(exif.array())
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  private static byte[] png(int width, int height, int colorType, byte[] samples) {
    byte[] rows = new byte[samples.length + height];
    int stride = samples.length / height;
    for (int y = 0; y < height; y++) {
      System.arraycopy(samples, y * stride, rows, y * (stride + 1) + 1, stride);
    }
    Deflater deflater = new Deflater();
    deflater.setInput(rows);
    deflater.finish();
    byte[] packed = new byte[rows.length + 64];
    int size = deflater.deflate(packed);
    deflater.end();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) 8)
            .put((byte) colorType)
            .array();
    chunk(file, "IHDR", header);
    chunk(file, "IDAT", Arrays.copyOf(packed, size));
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String name, byte[] body) {
    byte[] chunk =
        ByteBuffer.allocate(12 + body.length)
            .putInt(body.length)
            .put(name.getBytes(StandardCharsets.ISO_8859_1))
            .put(body)
            .array();
    sign(chunk, 0);
    file.writeBytes(chunk);
  }

  /** Renews the check sum of the chunk that begins at a place. */
  private static void sign(byte[] file, int at) {
    ByteBuffer buffer = ByteBuffer.wrap(file);
    int length = buffer.getInt(at);
    CRC32 crc = new CRC32();
    crc.update(file, at + 4, 4 + length);
    buffer.putInt(at + 8 + length, (int) crc.getValue());
  }

  private static InputStream counting(byte[] file, AtomicInteger open, AtomicInteger opened) {
    open.incrementAndGet();
    opened.incrementAndGet();
    return new ByteArrayInputStream(file) {
      private boolean closed;

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          open.decrementAndGet();
        }
      }
    };
  }
}
