// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.bytes;
import static io.deepretrieval.image.TestImages.decode;
import static io.deepretrieval.image.TestImages.deflate;
import static io.deepretrieval.image.TestImages.file;
import static io.deepretrieval.image.TestImages.find;
import static io.deepretrieval.image.TestImages.image;
import static io.deepretrieval.image.TestImages.join;
import static io.deepretrieval.image.TestImages.patched;
import static io.deepretrieval.image.TestImages.png;
import static io.deepretrieval.image.TestImages.pngChunk;
import static io.deepretrieval.image.TestImages.pngFile;
import static io.deepretrieval.image.TestImages.pngHeader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kinds of PNG, written by hand. */
final class PngTest {
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int PALETTE = 3;
  private static final int GRAY_ALPHA = 4;
  private static final int RGBA = 6;

  @ParameterizedTest
  @CsvSource({
    // Eight samples are 0xB1 = 10110001, or 0xB1 0x1B and so on.
    "1, 'FF,00,FF,FF,00,00,00,FF'",
    "2, 'AA,FF,00,55,00,55,AA,FF'",
    "4, 'BB,11,11,BB,BB,11,11,BB'"
  })
  void smallGraySamplesAreStretched(int depth, String expected) throws IOException {
    byte[] row = Arrays.copyOf(bytes(0xB1, 0x1B, 0xB1, 0x1B), depth);
    int[] grays =
        Arrays.stream(expected.split(","))
            .mapToInt(h -> Integer.parseInt(h, 16) * 0x010101)
            .toArray();

    assertThat(decode(png(8, 1, depth, GRAY, row))).isEqualTo(image(8, grays));
  }

  @Test
  void grayIsRepeatedAtEveryLevel() throws IOException {
    byte[] row = new byte[256];
    int[] grays = new int[256];
    for (int i = 0; i < 256; i++) {
      row[i] = (byte) i;
      grays[i] = i * 0x010101;
    }

    assertThat(decode(png(256, 1, 8, GRAY, row))).isEqualTo(image(256, grays));
  }

  @Test
  void sixteenBitsAreRounded() throws IOException {
    // 255 * 0x0080 / 65535 = 0.498, 255 * 0x0081 / 65535 = 0.502, 255 * 0xFF7F / 65535 = 254.504
    byte[] gray = bytes(0, 0x80, 0, 0x81, 0x80, 0x80, 0xFF, 0x7F, 0xFF, 0xFF);

    assertThat(decode(png(5, 1, 16, GRAY, gray)))
        .isEqualTo(image(5, 0, 0x010101, 0x808080, 0xFFFFFF, 0xFFFFFF));
    assertThat(decode(png(1, 1, 16, RGB, bytes(0xFF, 0xFF, 0x80, 0x80, 0, 0x80))))
        .isEqualTo(image(1, 0xFF8000));
    assertThat(decode(png(1, 1, 16, RGBA, bytes(0x10, 0x10, 0, 0, 0xFF, 0xFF, 0x80, 0x80))))
        .isEqualTo(image(1, 0x877FFF));
    assertThat(decode(png(1, 1, 16, GRAY_ALPHA, bytes(0, 0, 0x80, 0x80))))
        .isEqualTo(image(1, 0x7F7F7F));
  }

  @Test
  void grayWithAlphaLiesOnWhite() throws IOException {
    assertThat(decode(png(3, 1, 8, GRAY_ALPHA, bytes(100, 255, 100, 128, 100, 0))))
        .isEqualTo(image(3, 0x646464, 0xB1B1B1, 0xFFFFFF));
  }

  @ParameterizedTest
  @CsvSource({"1,0x40", "2,0x10", "4,0x01", "8,0x00"})
  void paletteOfEveryDepthWithTransparencyLiesOnWhite(int depth, int first) throws IOException {
    byte[] palette = pngChunk("PLTE", bytes(200, 100, 0, 0, 50, 250));
    byte[] alpha = pngChunk("tRNS", bytes(255, 0));
    byte[] row = depth == 8 ? bytes(0, 1) : bytes(first);

    assertThat(decode(png(2, 1, depth, PALETTE, row, palette)))
        .isEqualTo(image(2, 0xC86400, 0x0032FA));
    assertThat(decode(png(2, 1, depth, PALETTE, row, palette, alpha)))
        .isEqualTo(image(2, 0xC86400, 0xFFFFFF));
  }

  @Test
  void transparentColorLiesOnWhite() throws IOException {
    assertThat(decode(png(2, 1, 8, GRAY, bytes(7, 8), pngChunk("tRNS", bytes(0, 7)))))
        .isEqualTo(image(2, 0xFFFFFF, 0x080808));
    assertThat(
            decode(
                png(
                    2,
                    1,
                    8,
                    RGB,
                    bytes(1, 2, 3, 1, 2, 4),
                    pngChunk("tRNS", bytes(0, 1, 0, 2, 0, 3)))))
        .isEqualTo(image(2, 0xFFFFFF, 0x010204));
  }

  @Test
  void interlacedImageIsTheSame() throws IOException {
    byte[] plain = file("alpha.png");
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream interlaced = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(interlaced)) {
      writer.setOutput(out);
      writer.write(
          null,
          new IIOImage(ImageIO.read(new java.io.ByteArrayInputStream(plain)), null, null),
          param);
    }

    assertThat(interlaced.toByteArray()[28]).isEqualTo((byte) 1);
    assertThat(decode(interlaced.toByteArray())).isEqualTo(decode(plain));
  }

  @Test
  void dataInManyChunksAndWordsBetweenAreRead() throws IOException {
    byte[] packed = deflate(bytes(0, 1, 2, 3));
    byte[][] words = {
      // A text that is no deflated data, a date that is none, a background of the wrong kind.
      pngChunk("zTXt", bytes('a', 0, 0, 1, 2, 3)),
      pngChunk("tIME", bytes(0)),
      pngChunk("bKGD", bytes(9)),
      pngChunk("iCCP", bytes('p', 0, 0, 1, 2, 3)),
      pngChunk("gAMA", bytes())
    };
    byte[] file =
        pngFile(
            pngHeader(1, 1, 8, RGB),
            words,
            pngChunk("IDAT", Arrays.copyOf(packed, 5)),
            pngChunk("IDAT", new byte[0]),
            pngChunk("IDAT", Arrays.copyOfRange(packed, 5, packed.length)));

    assertThat(decode(file)).isEqualTo(image(1, 0x010203));
  }

  @Test
  void wordsBehindTheEndAreIgnored() throws IOException {
    assertThat(decode(join(png(1, 1, 8, RGB, bytes(1, 2, 3)), bytes(1, 2, 3, 4))))
        .isEqualTo(image(1, 0x010203));
  }

  @Test
  void damagedProfileIsIgnored() throws IOException {
    byte[] profile = pngChunk("iCCP", join(bytes('p', 0, 0), deflate(new byte[200])));
    byte[] bomb = pngChunk("iCCP", join(bytes('p', 0, 0), deflate(new byte[9 << 20])));
    byte[] noZero = pngChunk("iCCP", bytes('p'));

    for (byte[] chunk : new byte[][] {profile, bomb, noZero}) {
      assertThat(decode(png(1, 1, 8, RGB, bytes(1, 2, 3), chunk))).isEqualTo(image(1, 0x010203));
    }
  }

  @Test
  void profileAndTransparencyGoTogether() throws IOException {
    // Red and blue change places; see icc.png.
    byte[] file = file("icc.png");
    int at = find(file, "iCCP") - 4;
    byte[] profile =
        Arrays.copyOfRange(file, at, at + 12 + (file[at + 2] & 0xFF) * 256 + (file[at + 3] & 0xFF));
    byte[] row = bytes(220, 40, 40, 255, 220, 40, 40, 0);

    RgbImage image = decode(png(2, 1, 8, RGBA, row, profile));

    assertThat(image.rgb(0, 0)).isEqualTo(decode(file).rgb(0, 0));
    assertThat(image.rgb(0, 0) & 0xFF).isGreaterThan(200);
    assertThat(image.rgb(1, 0)).isEqualTo(0xFFFFFF);
  }

  @Test
  void wrongCheckSumIsAnError() {
    byte[] file = png(1, 1, 8, RGB, bytes(1, 2, 3));
    int data = find(file, "IDAT");

    assertFails(
        patched(file, data + 8, file[data + 8] ^ 1),
        "PNG",
        "chunk IDAT at byte " + (data - 4) + " has a wrong check sum");
  }

  @Test
  void unknownCriticalChunkIsAnError() {
    assertFails(
        png(1, 1, 8, RGB, bytes(1, 2, 3), pngChunk("CgBI", bytes(0, 0, 0, 0))),
        "PNG",
        "critical chunk CgBI is not known");
  }

  @Test
  void missingPartsAreErrors() {
    byte[][] none = {};
    assertFails(pngFile(pngHeader(1, 1, 8, RGB), none), "PNG", "file has no image data");
    assertFails(
        pngFile(pngChunk("IDAT", deflate(bytes(0, 1, 2, 3))), none),
        "PNG",
        "first chunk must be IHDR of 13 bytes but was chunk IDAT");
    assertFails(
        pngFile(pngChunk("    ", bytes(1)), none),
        "PNG",
        "first chunk must be IHDR of 13 bytes but was chunk with a name that is not four letters");
  }

  @Test
  void dataThatEndsEarlyIsAnError() {
    byte[] file = png(4, 4, 8, RGB, new byte[24]);

    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> decode(file))
        .withMessageStartingWith("cannot decode test image (format PNG): decoder failed: ")
        .withCauseInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0,5", "5,0"})
  void zeroSizeIsAnError(String size) {
    int width = Integer.parseInt(size.substring(0, 1));
    int height = Integer.parseInt(size.substring(2));
    byte[] file =
        pngFile(
            pngHeader(width, height, 8, RGB), new byte[0][], pngChunk("IDAT", deflate(bytes(0))));

    assertFails(file, "PNG", "size must be at least 1x1 but was " + width + "x" + height);
  }

  @Test
  void hugeSizeIsAnError() {
    byte[] data = pngChunk("IDAT", deflate(bytes(0)));
    byte[][] none = {};

    assertFails(
        pngFile(pngHeader(60_000, 60_000, 8, RGB), none, data),
        "PNG",
        "image must have at most 100000000 pixels but was 60000x60000");
    assertFails(
        pngFile(pngHeader(Integer.MIN_VALUE, 1, 8, RGB), none, data),
        "PNG",
        "image must have at most 100000000 pixels but was 2147483647x1");
  }
}
