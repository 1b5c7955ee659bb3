// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import static io.deepretrieval.image.TestImages.assertFails;
import static io.deepretrieval.image.TestImages.bytes;
import static io.deepretrieval.image.TestImages.decode;
import static io.deepretrieval.image.TestImages.file;
import static io.deepretrieval.image.TestImages.image;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.RgbImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
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

/** Directories and strips of TIFF, written by hand. */
final class TiffTest {
  private static final byte[] STRIP = bytes(1, 2, 3, 4, 5, 6);

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void bothByteOrdersAndBothSizesAreRead(boolean bigEndian, boolean big) throws IOException {
    assertThat(decode(new Directory(2, 1, STRIP).file(bigEndian, big)))
        .isEqualTo(image(2, 0x010203, 0x040506));
  }

  @Test
  void planesOneAfterTheOtherAreRead() throws IOException {
    Directory directory = new Directory(2, 1, bytes(1, 4), bytes(2, 5), bytes(3, 6)).set(284, 2);

    assertThat(decode(directory.file())).isEqualTo(image(2, 0x010203, 0x040506));
  }

  @Test
  void sixteenBitsAreRounded() throws IOException {
    Directory directory =
        new Directory(1, 1, bytes(0xFF, 0xFF, 0x80, 0x80, 0x80, 0)).set(258, 16, 16, 16);

    assertThat(decode(directory.file(true, false))).isEqualTo(image(1, 0xFF8080));
  }

  @Test
  void whiteIsZeroIsTurnedRound() throws IOException {
    Directory directory = new Directory(2, 1, bytes(0, 100)).set(258, 8).set(277, 1).set(262, 0);

    assertThat(decode(directory.file())).isEqualTo(image(2, 0xFFFFFF, 0x9B9B9B));
  }

  @Test
  void tilesAreReadToTheBorder() throws IOException {
    byte[] card = file("raw.tif");
    ImageWriter writer = platformWriter();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setTilingMode(ImageWriteParam.MODE_EXPLICIT);
    param.setTiling(16, 16, 0, 0);
    ByteArrayOutputStream tiled = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(tiled)) {
      writer.setOutput(out);
      writer.write(
          null, new IIOImage(ImageIO.read(new ByteArrayInputStream(card)), null, null), param);
    }

    assertThat(decode(tiled.toByteArray())).isEqualTo(decode(card));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void orientationIsAppliedOnce(int orientation) throws IOException {
    // One bright pixel in the corner where row 0 and column 0 meet.
    Directory directory =
        new Directory(3, 2, bytes(9, 9, 9), new byte[15]).join().set(274, orientation);

    RgbImage image = decode(directory.file());

    assertThat(decode(directory.file(true, true))).isEqualTo(image);

    boolean turned = orientation >= 5;
    int right = (turned ? 2 : 3) - 1;
    int bottom = (turned ? 3 : 2) - 1;
    int x =
        orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7 ? right : 0;
    int y =
        orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8 ? bottom : 0;
    assertThat(image.width()).isEqualTo(right + 1);
    assertThat(image.height()).isEqualTo(bottom + 1);
    assertThat(image.rgb(x, y)).isEqualTo(0x090909);
  }

  @Test
  void furtherPagesAreNotFollowed() throws IOException {
    // The next page is the first one again.
    byte[] circle = new Directory(2, 1, STRIP).next(8).file();

    assertThat(decode(circle)).isEqualTo(image(2, 0x010203, 0x040506));
  }

  @Test
  void stripsBehindTheEndAreAnError() {
    byte[] file = new Directory(2, 1, STRIP).file();

    assertFails(
        Arrays.copyOf(file, file.length - 1),
        "TIFF",
        "file is truncated: it ends at byte " + (file.length - 1) + " in strip 0");
  }

  @Test
  void directoryBehindTheEndIsAnError() {
    assertFails(
        bytes('I', 'I', 42, 0, 8, 0, 0, 0, 5, 0, 1),
        "TIFF",
        "file is truncated: it ends at byte 11 in the first directory");
    assertFails(
        bytes('I', 'I', 42, 0, 8), "TIFF", "file is truncated: it ends at byte 5 in the header");
    assertFails(
        new Directory(2, 1, STRIP).file(false, true, 1 << 20),
        "TIFF",
        "first directory has 1048576 entries");
  }

  @Test
  void missingStripsAreAnError() {
    assertFails(new Directory(2, 2, STRIP).set(278, 1).file(), "TIFF", "file has 1 of 2 strips");
    assertFails(new Directory(2, 1, STRIP).set(273).file(), "TIFF", "file has 0 of 1 strips");
  }

  @Test
  void shortStripIsAnError() {
    assertFails(
        new Directory(2, 1, STRIP).set(279, 5).file(),
        "TIFF",
        "strip 0 must have 6 bytes but has 5");
  }

  @ParameterizedTest
  @CsvSource({
    "256,0,size must be at least 1x1 but was 0x1",
    "257,0,size must be at least 1x1 but was 2x0",
    "277,9,pixel must have 1 to 8 samples of 1 to 16 bits but has 9 of 8",
    "258,32,pixel must have 1 to 8 samples of 1 to 16 bits but has 3 of 32",
    "339,3,samples must be unsigned but have format 3",
    "278,0,strip must be at least 1x1 and at most 65536x65536 but was 2x0",
    "254,1,'first page is a reduced preview, as in camera raw files'"
  })
  void wrongNumbersAreErrors(int tag, int value, String reason) {
    assertFails(new Directory(2, 1, STRIP).set(tag, value).file(), "TIFF", reason);
  }

  @Test
  void hugeTilesAreAnError() {
    assertFails(
        new Directory(2, 1, STRIP).set(322, 1 << 17).set(323, 16).set(324, 8).set(325, 6).file(),
        "TIFF",
        "tile must be at least 1x1 and at most 65536x65536 but was 131072x16");
  }

  @Test
  void hugeSizeIsAnError() {
    assertFails(
        new Directory(60_000, 60_000, STRIP).set(259, 5).file(),
        "TIFF",
        "image must have at most 100000000 pixels but was 60000x60000");
  }

  private static ImageWriter platformWriter() {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("tiff");
    ImageWriter writer = writers.next();
    while (!writer.getClass().getName().startsWith("com.sun.")) {
      writer = writers.next();
    }
    return writer;
  }

  /** One page of 8-bit RGB unless tags say something else. */
  private static final class Directory {
    private final Map<Integer, int[]> tags = new TreeMap<>();
    private byte[][] strips;
    private int next;

    Directory(int width, int height, byte[]... strips) {
      this.strips = strips;
      set(256, width).set(257, height).set(258, 8, 8, 8).set(259, 1).set(262, 2).set(277, 3);
    }

    Directory set(int tag, int... values) {
      tags.put(tag, values);
      return this;
    }

    /** Makes one strip of all. */
    Directory join() {
      strips = new byte[][] {TestImages.join(strips)};
      return this;
    }

    Directory next(int offset) {
      next = offset;
      return this;
    }

    byte[] file() {
      return file(false, false);
    }

    byte[] file(boolean bigEndian, boolean big) {
      return file(bigEndian, big, -1);
    }

    /** Lays out header, directory, values, strips; all values are 32-bit numbers. */
    byte[] file(boolean bigEndian, boolean big, int entries) {
      int[] sizes = Arrays.stream(strips).mapToInt(s -> s.length).toArray();
      Map<Integer, int[]> tags = new TreeMap<>(this.tags);
      tags.putIfAbsent(279, sizes);
      boolean placed = !tags.containsKey(273);
      tags.putIfAbsent(273, new int[strips.length]);
      int start = big ? 16 : 8;
      int values = start + (big ? 16 : 6) + tags.size() * (big ? 20 : 12);
      int data = values + tags.values().stream().mapToInt(v -> 4 * v.length).sum();
      if (placed) {
        int[] offsets = new int[strips.length];
        for (int i = 0, at = data; i < strips.length; at += sizes[i++]) {
          offsets[i] = at;
        }
        tags.put(273, offsets);
      }
      ByteBuffer out = ByteBuffer.allocate(data + Arrays.stream(sizes).sum());
      out.put(bigEndian ? bytes('M', 'M') : bytes('I', 'I'));
      out.order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      if (big) {
        out.putShort((short) 43).putShort((short) 8).putShort((short) 0).putLong(start);
        out.putLong(entries < 0 ? tags.size() : entries);
      } else {
        out.putShort((short) 42).putInt(start).putShort((short) tags.size());
      }
      for (Map.Entry<Integer, int[]> tag : tags.entrySet()) {
        int[] numbers = tag.getValue();
        out.putShort(tag.getKey().shortValue()).putShort((short) 4);
        if (big) {
          out.putLong(numbers.length);
        } else {
          out.putInt(numbers.length);
        }
        int room = big ? 8 : 4;
        if (4 * numbers.length <= room) {
          for (int i = 0; i < room / 4; i++) {
            out.putInt(i < numbers.length ? numbers[i] : 0);
          }
        } else {
          if (big) {
            out.putLong(values);
          } else {
            out.putInt(values);
          }
          for (int number : numbers) {
            out.putInt(values, number);
            values += 4;
          }
        }
      }
      if (big) {
        out.putLong(next);
      } else {
        out.putInt(next);
      }
      out.position(data);
      for (byte[] strip : strips) {
        out.put(strip);
      }
      return out.array();
    }
  }
}
