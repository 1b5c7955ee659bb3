// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.CARD;
import static io.deepretrieval.image.TestImages.assertCard;
import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.bytes;
import static io.deepretrieval.image.TestImages.decode;
import static io.deepretrieval.image.TestImages.file;
import static io.deepretrieval.image.TestImages.find;
import static io.deepretrieval.image.TestImages.join;
import static io.deepretrieval.image.TestImages.patched;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Node;

/** Segments and coded data of JPEG. */
final class JpegTest {
  private static final byte[] FILE = file("rgb.jpg");
  private static final int FRAME = find(FILE, "\u00FF\u00C0");
  private static final int SCAN = find(FILE, "\u00FF\u00DA");

  @Test
  void bytesBehindTheEndAreIgnored() throws IOException {
    assertThat(decode(join(FILE, FILE, bytes(1, 2, 3)))).isEqualTo(decode(FILE));
  }

  @Test
  void fillBytesAndRubbishBetweenSegmentsAreSkipped() throws IOException {
    byte[] filled =
        join(head(FRAME), bytes(0xFF, 0xFF, 0xFF), tail(FRAME, SCAN), bytes(1, 2), tail(SCAN));

    assertThat(decode(filled)).isEqualTo(decode(FILE));
  }

  @Test
  void rubbishBeforeTheEndIsSkipped() throws IOException {
    // As some cameras write it.
    byte[] padded = join(head(FILE.length - 2), bytes(1, 2, 3, 4), tail(FILE.length - 2));

    assertThat(decode(padded)).isEqualTo(decode(FILE));
  }

  @Test
  void previewInExifDoesNotEndTheFile() throws IOException {
    byte[] exif = join(bytes('E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 0), FILE);
    int length = exif.length + 2;

    assertCard(
        decode(join(head(2), bytes(0xFF, 0xE1, length >> 8, length), exif, tail(2))), 1, CARD, 3);
  }

  @Test
  void damagedExifIsIgnored() throws IOException {
    byte[] file = file("exif-6.jpg");
    int tiff = find(file, "Exif") + 6;

    assertThat(decode(patched(file, tiff, 'X', 'X')).width()).isEqualTo(16);
  }

  @Test
  void damagedProfileIsIgnored() throws IOException {
    byte[] file = file("icc.jpg");
    int icc = find(file, "ICC_PROFILE");

    assertCard(decode(patched(file, icc + 14 + 36, 'x')), 1, CARD, 3);
    // Part 1 of 2.
    assertCard(decode(patched(file, icc + 13, 2)), 1, CARD, 3);
    // A gray profile in a color image.
    assertCard(decode(patched(file, icc + 14 + 16, 'G', 'R', 'A', 'Y')), 1, CARD, 3);
  }

  @Test
  void profileInTwoPartsIsJoined() throws IOException {
    byte[] file = file("icc.jpg");
    int icc = find(file, "ICC_PROFILE");
    int end = icc - 2 + ((file[icc - 2] & 0xFF) << 8 | (file[icc - 1] & 0xFF));
    byte[] profile = Arrays.copyOfRange(file, icc + 14, end);
    byte[] first = part(1, Arrays.copyOf(profile, 100));
    byte[] second = part(2, Arrays.copyOfRange(profile, 100, profile.length));
    byte[] rest = Arrays.copyOfRange(file, end, file.length);

    // In any order.
    assertThat(decode(join(Arrays.copyOf(file, icc - 4), second, first, rest)))
        .isEqualTo(decode(file));
  }

  @Test
  void stuffedBytesAndRestartsAreNotTheEnd() throws IOException {
    // Noise, so that the coded data have bytes of 255, with a restart after every second block.
    BufferedImage noise = new BufferedImage(64, 48, BufferedImage.TYPE_3BYTE_BGR);
    Random random = new Random(3);
    for (int i = 0; i < 64 * 48; i++) {
      noise.setRGB(i % 64, i / 64, random.nextInt());
    }
    byte[] file = withRestarts(noise);
    find(file, "\u00FF\0");
    find(file, "\u00FF\u00D3");

    RgbImage image = decode(file);

    BufferedImage plain = ImageIO.read(new ByteArrayInputStream(file));
    assertThat(image).isEqualTo(RgbImage.ofPacked(64, 48, plain.getRGB(0, 0, 64, 48, null, 0, 64)));
    int third = find(file, "\u00FF\u00D3");
    byte[] cut =
        join(Arrays.copyOf(file, third - 20), Arrays.copyOfRange(file, third + 40, file.length));
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> decode(cut))
        .satisfies(e -> assertThat(e.reason()).startsWith("image data is damaged: Corrupt JPEG"));
  }

  @Test
  void componentNumbersOfRgbAreObeyed() throws IOException {
    // Without JFIF, numbers R, G and B mean that nothing was converted: luma becomes red.
    int jfif = find(FILE, "\u00FF\u00E0");
    int end = jfif + 4 + 14;
    byte[] plain = join(head(jfif), tail(end));
    int frame = find(plain, "\u00FF\u00C0");
    int scan = find(plain, "\u00FF\u00DA");
    byte[] rgb =
        patched(patched(patched(plain, frame + 10, 'R'), frame + 13, 'G'), frame + 16, 'B');
    rgb = patched(patched(patched(rgb, scan + 5, 'R'), scan + 7, 'G'), scan + 9, 'B');

    assertCard(
        decode(rgb),
        1,
        // Y, Cb, Cr of the card's colors.
        new int[] {0x5E62DA, 0x7C5C44, 0x49C86F, 0xCD2399, 0x808080, 0xFA8080},
        3);
  }

  @Test
  void lostDataIsAnError() {
    // A byte of all ones ends a block where none should end.
    byte[] cut = join(head(SCAN + 14 + 8), bytes(0xFF, 0xD9));

    assertFails(
        cut, "JPEG", "image data is damaged: Corrupt JPEG data: premature end of data segment");
  }

  @Test
  void missingEndIsAnError() {
    assertFails(
        head(FILE.length - 2),
        "JPEG",
        "file is truncated: it ends at byte " + (FILE.length - 2) + " in the image data");
    assertFails(
        head(SCAN + 3),
        "JPEG",
        "file is truncated: it ends at byte " + (SCAN + 3) + " in segment SOS");
    assertFails(
        head(SCAN), "JPEG", "file is truncated: it ends at byte " + SCAN + " in the header");
    assertFails(
        head(FRAME + 8),
        "JPEG",
        "file is truncated: it ends at byte " + (FRAME + 8) + " in segment SOF0");
  }

  @Test
  void missingPartsAreErrors() {
    byte[] end = bytes(0xFF, 0xD9);
    assertFails(join(head(2), end), "JPEG", "file has no frame header");
    assertFails(join(head(SCAN), end), "JPEG", "file has no image data");
    assertFails(join(head(2), bytes(0xFF, 0xDB, 0, 1), end), "JPEG", "segment DQT has length 1");
    assertFails(join(head(2), bytes(0xFF, 0xC0, 0, 2), end), "JPEG", "segment SOF0 has length 2");
    assertFails(
        join(head(SCAN), tail(FRAME, FRAME + 19), tail(SCAN)),
        "JPEG",
        "file has two frame headers");
  }

  @Test
  void emptySizeIsAnError() {
    assertFails(patched(FILE, FRAME + 5, 0, 0), "JPEG", "size must be at least 1x1 but was 24x0");
    assertFails(patched(FILE, FRAME + 7, 0, 0), "JPEG", "size must be at least 1x1 but was 0x16");
  }

  @Test
  void hugeSizeIsAnError() {
    assertFails(
        patched(FILE, FRAME + 5, 0xEA, 0x60, 0xEA, 0x60),
        "JPEG",
        "image must have at most 100000000 pixels but was 60000x60000");
  }

  @Test
  void thousandsOfScansAreAnError() {
    byte[] scan = tail(SCAN, FILE.length - 2);
    byte[][] all = new byte[102][];
    Arrays.fill(all, scan);
    all[0] = head(SCAN);

    assertFails(join(join(all), bytes(0xFF, 0xD9)), "JPEG", "file must have at most 100 scans");
  }

  @Test
  void foreignCodingIsAnError() {
    // Hierarchical coding, which nobody reads.
    assertThatExceptionOfType(ImageDecodeException.class)
        .isThrownBy(() -> decode(patched(FILE, FRAME + 1, 0xC5)))
        .withMessageStartingWith("cannot decode test image (format JPEG): decoder failed: ");
  }

  private static byte[] withRestarts(BufferedImage image) throws IOException {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
    ImageWriter writer = writers.next();
    while (!writer.getClass().getName().startsWith("com.sun.")) {
      writer = writers.next();
    }
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
    Node tree = metadata.getAsTree("javax_imageio_jpeg_image_1.0");
    IIOMetadataNode interval = new IIOMetadataNode("dri");
    interval.setAttribute("interval", "2");
    tree.getLastChild().insertBefore(interval, tree.getLastChild().getLastChild());
    metadata.setFromTree("javax_imageio_jpeg_image_1.0", tree);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(out);
      writer.write(new IIOImage(image, null, metadata));
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  private static byte[] part(int number, byte[] content) {
    int length = 2 + 12 + 2 + content.length;
    return join(
        bytes(0xFF, 0xE2, length >> 8, length),
        "ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1),
        bytes(number, 2),
        content);
  }

  private static byte[] head(int to) {
    return Arrays.copyOf(FILE, to);
  }

  private static byte[] tail(int from) {
    return tail(from, FILE.length);
  }

  private static byte[] tail(int from, int to) {
    return Arrays.copyOfRange(FILE, from, to);
  }
}
