// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.bytes;
import static io.deepretrieval.image.TestImages.decode;
import static io.deepretrieval.image.TestImages.file;
import static io.deepretrieval.image.TestImages.image;
import static io.deepretrieval.image.TestImages.join;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GIF frames, canvases and codes, written by hand. */
final class GifTest {
  private static final byte[] TRAILER = bytes(0x3B);

  @Test
  void transparentIndexLiesOnWhite() throws IOException {
    byte[] control = bytes(0x21, 0xF9, 4, 1, 0, 0, 2, 0);
    byte[] gif = join(header(3, 1), control, frame(0, 0, 3, 1, pixels(1, 2, 3)), TRAILER);

    assertThat(decode(gif)).isEqualTo(image(3, color(1), 0xFFFFFF, color(3)));
  }

  @Test
  void frameLiesOnItsCanvas() throws IOException {
    byte[] gif = join(header(4, 3), frame(1, 1, 2, 1, pixels(1, 2)), TRAILER);

    int w = 0xFFFFFF;
    assertThat(decode(gif)).isEqualTo(image(4, w, w, w, w, w, color(1), color(2), w, w, w, w, w));
  }

  @Test
  void canvasGrowsToItsFrame() throws IOException {
    byte[] gif = join(header(0, 0), frame(1, 0, 2, 1, pixels(1, 2)), TRAILER);

    assertThat(decode(gif)).isEqualTo(image(3, 0xFFFFFF, color(1), color(2)));
  }

  @Test
  void laterFramesAreNotShown() throws IOException {
    byte[] comment = bytes(0x21, 0xFE, 2, 'h', 'i', 0);
    byte[] gif =
        join(
            header(2, 1),
            comment,
            frame(0, 0, 2, 1, pixels(1, 2)),
            bytes(0),
            frame(0, 0, 2, 1, pixels(3, 4)),
            TRAILER,
            bytes(1, 2, 3));

    assertThat(decode(gif)).isEqualTo(image(2, color(1), color(2)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fullCodeTableIsReadToItsEnd(boolean clears) throws IOException {
    // Noise fills the table of 4096 codes; an encoder may clear it or go on with it.
    int side = 128;
    byte[] indexes = new byte[side * side];
    new Random(1).nextBytes(indexes);
    int[] colors = new int[indexes.length];
    Arrays.setAll(colors, i -> color(indexes[i] & 0xFF));

    RgbImage image =
        decode(join(header(side, side), frame(0, 0, side, side, lzw(indexes, clears)), TRAILER));

    assertThat(image).isEqualTo(image(side, colors));
  }

  @Test
  void dataThatEndsEarlyIsAnError() {
    byte[] gif = join(header(4, 4), frame(0, 0, 4, 4, pixels(1, 2, 3, 4, 5, 6, 7, 8, 9)), TRAILER);

    assertFails(gif, "GIF", "image data is damaged: it has 2 of 4 rows");
  }

  @Test
  void missingTrailerIsAnError() {
    byte[] gif = join(header(2, 1), frame(0, 0, 2, 1, pixels(1, 2)));

    assertFails(
        gif,
        "GIF",
        "file is truncated: it ends at byte " + gif.length + " in the blocks after a frame");
  }

  @Test
  void rubbishBetweenBlocksIsAnError() {
    assertFails(
        join(header(2, 1), bytes(0x55)),
        "GIF",
        "block at byte 781 must be 0x21, 0x2C or 0x3B but was 0x55");
  }

  @Test
  void fileWithoutFrameIsAnError() {
    assertFails(join(header(2, 1), TRAILER), "GIF", "file has no frame");
  }

  @Test
  void emptyFrameIsAnError() {
    assertFails(
        join(header(2, 1), frame(0, 0, 0, 1, pixels()), TRAILER),
        "GIF",
        "frame must be at least 1x1 but was 0x1");
  }

  @Test
  void hugeCanvasIsAnError() {
    assertFails(
        join(header(65_535, 65_535), frame(0, 0, 1, 1, pixels(1)), TRAILER),
        "GIF",
        "image must have at most 100000000 pixels but was 65535x65535");
  }

  @Test
  void interlacedFileIsInterlaced() {
    assertThat(file("interlaced.gif")[TestImages.find(file("interlaced.gif"), ",") + 9] & 0x40)
        .isEqualTo(0x40);
  }

  private static int color(int index) {
    return index << 16 | (255 - index) << 8 | (index * 7 & 0xFF);
  }

  /** A canvas with a palette of 256 colors. */
  private static byte[] header(int width, int height) {
    byte[] palette = new byte[3 * 256];
    for (int i = 0; i < 256; i++) {
      palette[3 * i] = (byte) (color(i) >> 16);
      palette[3 * i + 1] = (byte) (color(i) >> 8);
      palette[3 * i + 2] = (byte) color(i);
    }
    return join(
        bytes('G', 'I', 'F', '8', '9', 'a', width, width >> 8, height, height >> 8, 0xF7, 0, 0),
        palette);
  }

  private static byte[] frame(int x, int y, int width, int height, byte[] codes) {
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    for (int i = 0; i < codes.length; i += 255) {
      int n = Math.min(255, codes.length - i);
      blocks.write(n);
      blocks.write(codes, i, n);
    }
    return join(
        bytes(0x2C, x, x >> 8, y, y >> 8, width, width >> 8, height, height >> 8, 0, 8),
        blocks.toByteArray(),
        bytes(0));
  }

  private static byte[] pixels(int... indexes) {
    return lzw(bytes(indexes), true);
  }

  /** Codes of Lempel, Ziv and Welch from 9 bits on; a full table is cleared or kept. */
  private static byte[] lzw(byte[] indexes, boolean clears) {
    int clear = 256;
    BitWriter out = new BitWriter();
    Map<Integer, Integer> table = new HashMap<>();
    int next = clear + 2;
    int size = 9;
    out.write(clear, size);
    int prefix = -1;
    for (byte index : indexes) {
      int pixel = index & 0xFF;
      if (prefix < 0) {
        prefix = pixel;
        continue;
      }
      Integer longer = table.get(prefix << 8 | pixel);
      if (longer != null) {
        prefix = longer;
        continue;
      }
      out.write(prefix, size);
      if (next < 4096) {
        if (next == 1 << size) {
          size++;
        }
        table.put(prefix << 8 | pixel, next++);
      } else if (clears) {
        out.write(clear, size);
        table.clear();
        next = clear + 2;
        size = 9;
      }
      prefix = pixel;
    }
    if (prefix >= 0) {
      out.write(prefix, size);
    }
    out.write(clear + 1, size);
    return out.bytes();
  }

  /** Bits from the lowest on. */
  private static final class BitWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long bits;
    private int count;

    void write(int code, int size) {
      bits |= (long) code << count;
      count += size;
      while (count >= 8) {
        out.write((int) bits);
        bits >>= 8;
        count -= 8;
      }
    }

    byte[] bytes() {
      if (count > 0) {
        out.write((int) bits);
      }
      return out.toByteArray();
    }
  }
}
