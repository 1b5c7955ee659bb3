// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.bytes;
import static io.deepretrieval.image.TestImages.decode;
import static io.deepretrieval.image.TestImages.image;
import static io.deepretrieval.image.TestImages.join;
import static io.deepretrieval.image.TestImages.little;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kinds of bitmap, written by hand. */
final class BmpTest {
  private static final int RGB = 0;
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BITFIELDS = 3;

  /** Index i is red i, green 2i, blue 3i. */
  private static final byte[] PALETTE = palette();

  @Test
  void rowsRunUpwards() throws IOException {
    byte[] rows = bytes(1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0);

    assertThat(decode(bmp(2, 2, 24, RGB, rows)))
        .isEqualTo(image(2, 0x090807, 0x0C0B0A, 0x030201, 0x060504));
  }

  @Test
  void rowsOfNegativeHeightRunDownwards() throws IOException {
    byte[] rows = bytes(1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0);

    assertThat(decode(bmp(2, -2, 24, RGB, rows)))
        .isEqualTo(image(2, 0x030201, 0x060504, 0x090807, 0x0C0B0A));
  }

  @Test
  void fourthByteWithoutMaskIsNoOpacity() throws IOException {
    assertThat(decode(bmp(2, 1, 32, RGB, bytes(1, 2, 3, 0, 4, 5, 6, 128))))
        .isEqualTo(image(2, 0x030201, 0x060504));
  }

  @Test
  void opacityMaskIsLaidOnWhite() throws IOException {
    // A header of 108 bytes with masks for red, green, blue and opacity.
    byte[] masks =
        little(68).putInt(0xFF0000).putInt(0xFF00).putInt(0xFF).putInt(0xFF000000).array();
    byte[] rows = bytes(0, 50, 100, 255, 0, 50, 100, 128, 0, 50, 100, 0);

    assertThat(decode(file(108, 3, 1, 32, BITFIELDS, masks, rows)))
        .isEqualTo(image(3, 0x643200, 0xB1987F, 0xFFFFFF));
  }

  @Test
  void packedColorsAreStretched() throws IOException {
    byte[] masks = little(12).putInt(0xF800).putInt(0x7E0).putInt(0x1F).array();

    assertThat(
            decode(file(40, 4, 1, 16, BITFIELDS, masks, bytes(0, 0xF8, 0xE0, 7, 0x1F, 0, 0, 0x80))))
        .isEqualTo(image(4, 0xFF0000, 0x00FF00, 0x0000FF, 0x840000));
    // Without masks five bits a channel: 16 * 255 / 31 = 131.6
    assertThat(decode(bmp(2, 1, 16, RGB, bytes(0, 0x40, 0xFF, 3))))
        .isEqualTo(image(2, 0x840000, 0x00FFFF));
  }

  @ParameterizedTest
  @CsvSource({"1,0x60", "4,0x01"})
  void indexedRowsUseThePalette(int bits, int first) throws IOException {
    byte[] rows = bits == 1 ? bytes(first, 0, 0, 0) : bytes(first, 0x10, 0, 0);

    assertThat(decode(file(40, 3, 1, bits, RGB, PALETTE, rows)))
        .isEqualTo(image(3, 0, 0x010203, 0x010203));
  }

  @Test
  void runsOfBytesAreRead() throws IOException {
    // From the bottom: a run; two runs; a skip of two columns and two rows.
    byte[] runs = bytes(4, 1, 0, 0, 0, 3, 2, 3, 4, 0, 1, 5, 0, 0, 1, 6, 0, 2, 1, 1, 1, 7, 0, 1);

    assertThat(decode(file(40, 4, 4, 8, RLE8, PALETTE, runs)))
        .isEqualTo(
            image(
                4,
                new int[] {
                  0, 0, index(7), 0, index(6), 0, 0, 0, index(2), index(3), index(4), index(5),
                  index(1), index(1), index(1), index(1)
                }));
  }

  @Test
  void runsOfHalfBytesAreRead() throws IOException {
    byte[] runs = bytes(4, 0x12, 0, 0, 0, 3, 0x34, 0x50, 1, 0x60, 0, 1);

    assertThat(decode(file(40, 4, 2, 4, RLE4, PALETTE, runs)))
        .isEqualTo(
            image(
                4, index(3), index(4), index(5), index(6), index(1), index(2), index(1), index(2)));
  }

  @Test
  void oldHeaderOfTwelveBytesIsRead() throws IOException {
    byte[] file =
        join(
            bytes('B', 'M'),
            little(12).putInt(34).putInt(0).putInt(26).array(),
            little(12).putInt(12).putShort((short) 2).putShort((short) 1).array(),
            bytes(1, 2, 3, 4, 5, 6, 0, 0));
    file[22] = 1;
    file[24] = 24;

    assertThat(decode(file)).isEqualTo(image(2, 0x030201, 0x060504));
  }

  @Test
  void missingRowsAreAnError() {
    assertFails(
        bmp(2, 2, 24, RGB, new byte[15]),
        "BMP",
        "file is truncated: it ends at byte 69 in the rows");
    assertFails(
        file(40, 4, 2, 8, RLE8, PALETTE, bytes(4, 1, 0, 0, 2, 1)),
        "BMP",
        "file is truncated: it ends at byte 1084 in the rows");
  }

  @Test
  void foreignCompressionIsAnError() {
    assertFails(bmp(2, 2, 0, 4, new byte[99]), "BMP", "compression 4 is not supported");
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,0", "-1,1"})
  void emptySizeIsAnError(int width, int height) {
    assertFails(
        bmp(width, height, 24, RGB, new byte[16]),
        "BMP",
        "size must be at least 1x1 but was " + width + "x" + height);
  }

  @ParameterizedTest
  @CsvSource({"2147483647,2147483647", "2147483647,1", "1,-2147483648"})
  void hugeSizeIsAnError(int width, int height) {
    assertFails(
        bmp(width, height, 24, RGB, new byte[16]),
        "BMP",
        height == Integer.MIN_VALUE
            ? "size must be at least 1x1 but was 1x2147483648"
            : "file is truncated: it ends at byte 70 in the rows");
  }

  @Test
  void textThatBeginsWithItsLettersIsNoBitmap() {
    assertFails(
        "BMW and others make cars".getBytes(StandardCharsets.UTF_8),
        "text",
        "format is not supported; supported: JPEG, PNG, WebP, GIF, BMP and TIFF");
  }

  private static int index(int i) {
    return 0x010203 * i;
  }

  private static byte[] palette() {
    byte[] palette = new byte[4 * 256];
    for (int i = 0; i < 256; i++) {
      palette[4 * i] = (byte) (3 * i);
      palette[4 * i + 1] = (byte) (2 * i);
      palette[4 * i + 2] = (byte) i;
    }
    return palette;
  }

  private static byte[] bmp(int width, int height, int bits, int compression, byte[] rows) {
    return file(40, width, height, bits, compression, new byte[0], rows);
  }

  /** A file of headers, then masks or palette, then rows. */
  private static byte[] file(
      int header, int width, int height, int bits, int compression, byte[] table, byte[] rows) {
    byte[] colors = bits <= 8 ? Arrays.copyOf(table, 4 << bits) : table;
    int offset = 14 + Math.max(40 + colors.length, header);
    byte[] info =
        little(40)
            .putInt(header)
            .putInt(width)
            .putInt(height)
            .putShort((short) 1)
            .putShort((short) bits)
            .putInt(compression)
            .putInt(rows.length)
            .putInt(0)
            .putInt(0)
            .putInt(0)
            .putInt(0)
            .array();
    byte[] front =
        join(
            bytes('B', 'M'),
            little(12).putInt(offset + rows.length).putInt(0).putInt(offset).array(),
            info,
            colors);
    return join(Arrays.copyOf(front, offset), rows);
  }
}
