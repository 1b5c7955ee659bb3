// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.CARD;
import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.bytes;
import static io.deepretrieval.image.TestImages.card;
import static io.deepretrieval.image.TestImages.decode;
import static io.deepretrieval.image.TestImages.file;
import static io.deepretrieval.image.TestImages.find;
import static io.deepretrieval.image.TestImages.join;
import static io.deepretrieval.image.TestImages.little;
import static io.deepretrieval.image.TestImages.patched;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.deepretrieval.Box;
import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Chunks of WebP. */
final class WebpTest {
  private static final byte[] LOSSLESS = file("lossless.webp");
  private static final byte[] LOSSY = file("lossy.webp");

  @Test
  void frameOfAnAnimationLiesOnItsCanvas() throws IOException {
    byte[] bitstream = Arrays.copyOfRange(LOSSLESS, 12, LOSSLESS.length);
    byte[] anim = chunk("ANIM", new byte[6]);
    // At 4,2 of a canvas of 40x30: offsets are halved, sizes less one.
    byte[] frame =
        chunk("ANMF", bytes(2, 0, 0, 1, 0, 0, 23, 0, 0, 15, 0, 0, 0, 0, 0, 0), bitstream);
    byte[] file = riff(chunk("VP8X", bytes(2, 0, 0, 0, 39, 0, 0, 29, 0, 0)), anim, frame, frame);

    RgbImage image = decode(file);

    assertThat(image.width()).isEqualTo(40);
    assertThat(image.height()).isEqualTo(30);
    assertThat(image.crop(new Box(4, 2, 28, 18))).isEqualTo(card(CARD));
    assertThat(image.rgb(3, 2)).isEqualTo(0xFFFFFF);
    assertThat(image.rgb(4, 18)).isEqualTo(0xFFFFFF);
  }

  @Test
  void exifWithTheJpegPreambleIsRead() throws IOException {
    byte[] file = file("exif-6.webp");
    int exif = find(file, "EXIF");
    byte[] block = Arrays.copyOfRange(file, exif + 8, file.length);
    if (new String(block, 0, 4, StandardCharsets.ISO_8859_1).equals("Exif")) {
      block = Arrays.copyOfRange(block, 6, block.length);
    }
    byte[] head = Arrays.copyOfRange(file, 12, exif);
    byte[] preamble = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(decode(riff(head, chunk("EXIF", block)))).isEqualTo(card(CARD));
    assertThat(decode(riff(head, chunk("EXIF", preamble, block)))).isEqualTo(card(CARD));
  }

  @Test
  void bytesBehindTheEndAreIgnored() throws IOException {
    assertThat(decode(join(LOSSLESS, bytes(1, 2, 3)))).isEqualTo(card(CARD));
  }

  @Test
  void damagedProfileIsIgnored() throws IOException {
    byte[] file = file("icc.webp");

    assertThat(decode(patched(file, find(file, "acsp"), 'x'))).isEqualTo(card(CARD));
  }

  @Test
  void plainOpacityIsAnError() {
    // The plug-in would take it for opaque.
    assertFails(
        file("raw-alpha.webp"),
        "WebP",
        "image data is damaged: Uncompressed WebP alpha not implemented");
  }

  @Test
  void sizesThatDisagreeAreErrors() {
    byte[] bitstream = Arrays.copyOfRange(LOSSLESS, 12, LOSSLESS.length);
    assertFails(
        riff(chunk("VP8X", bytes(0, 0, 0, 0, 39, 0, 0, 29, 0, 0)), bitstream),
        "WebP",
        "image must be as large as the canvas of 40x30 but was 24x16");
    assertFails(
        riff(chunk("VP8X", bytes(0, 0, 0, 0, 19, 0, 0, 29, 0, 0)), bitstream),
        "WebP",
        "frame must lie in the canvas of 20x30 but was 24x16 at 0,0");
    assertFails(
        riff(
            chunk("VP8X", bytes(2, 0, 0, 0, 39, 0, 0, 29, 0, 0)),
            chunk("ANMF", bytes(0, 0, 0, 0, 0, 0, 30, 0, 0, 15, 0, 0, 0, 0, 0, 0), bitstream)),
        "WebP",
        "image must be as large as its frame of 31x16 but was 24x16");
  }

  @Test
  void missingPartsAreErrors() {
    byte[] canvas = chunk("VP8X", bytes(0, 0, 0, 0, 39, 0, 0, 29, 0, 0));
    byte[] animated = chunk("VP8X", bytes(2, 0, 0, 0, 39, 0, 0, 29, 0, 0));
    assertFails(riff(), "WebP", "file has no image data");
    assertFails(riff(canvas), "WebP", "file has no image data");
    assertFails(
        riff(animated, chunk("ANMF", new byte[16])), "WebP", "first frame has no image data");
    assertFails(riff(chunk("VP8L", new byte[4])), "WebP", "chunk VP8L has length 4");
    assertFails(riff(chunk("VP8 ", new byte[9])), "WebP", "chunk VP8 has length 9");
    assertFails(riff(chunk("VP8 ", new byte[10])), "WebP", "image data has no start code");
    assertFails(
        patched(LOSSLESS, 16, 0xFF, 0xFF),
        "WebP",
        "chunk VP8L must end before byte " + LOSSLESS.length);
    assertFails(
        patched(LOSSLESS, 4, 0xFF, 0xFF),
        "WebP",
        "file is truncated: it ends at byte " + LOSSLESS.length + " in the chunks");
  }

  @Test
  void firstPartitionThatIsTooLongIsAnError() {
    assertFails(patched(LOSSY, 21, 0xFF, 0xFF), "WebP", "first partition must end with chunk VP8");
  }

  @Test
  void dataThatEndsEarlyIsAnErrorSoon() {
    // The plug-in alone would look for the missing codes for seconds.
    byte[] endless = patched(file("lossless-alpha.webp"), 42, 0xFE);

    assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> assertFails(endless, "WebP", "image data ends early"));
  }

  @Test
  void emptySizeIsAnError() {
    assertFails(patched(LOSSY, 26, 0, 0), "WebP", "size must be at least 1x1 but was 0x16");
  }

  @Test
  void hugeSizeIsAnError() {
    assertFails(
        patched(LOSSY, 26, 0xFF, 0x3F, 0xFF, 0x3F),
        "WebP",
        "image must have at most 100000000 pixels but was 16383x16383");
  }

  private static byte[] riff(byte[]... chunks) {
    byte[] body = join(chunks);
    return join(
        "RIFF".getBytes(StandardCharsets.ISO_8859_1),
        little(4).putInt(4 + body.length).array(),
        "WEBP".getBytes(StandardCharsets.ISO_8859_1),
        body);
  }

  private static byte[] chunk(String name, byte[]... content) {
    byte[] body = join(content);
    return join(
        name.getBytes(StandardCharsets.ISO_8859_1),
        little(4).putInt(body.length).array(),
        body,
        new byte[body.length & 1]);
  }
}
