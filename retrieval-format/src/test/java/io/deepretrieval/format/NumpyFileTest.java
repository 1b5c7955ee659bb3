// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matrices as NumPy, old Python and other writers save them; the values are 0 to 11. */
class NumpyFileTest {
  @TempDir Path temp;

  private static byte[] file(int version, String header, byte[] values) {
    byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer out =
        ByteBuffer.allocate((version == 1 ? 10 : 12) + text.length + values.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      out.putShort((short) text.length);
    } else {
      out.putInt(text.length);
    }
    return out.put(text).put(values).array();
  }

  private static byte[] values(int width, ByteOrder order, ObjIntConsumer<ByteBuffer> put) {
    ByteBuffer out = ByteBuffer.allocate(12 * width).order(order);
    for (int i = 0; i < 12; i++) {
      put.accept(out, i);
    }
    return out.array();
  }

  private static byte[] floats() {
    return values(4, ByteOrder.LITTLE_ENDIAN, ByteBuffer::putFloat);
  }

  private static String header(String type, String order, String shape) {
    return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(temp.resolve("a.npy"), bytes);
  }

  private static List<float[]> read(Path file) throws IOException {
    List<float[]> rows = new ArrayList<>();
    try (NumpyFile matrix = NumpyFile.open(file)) {
      matrix.read(rows::add);
      assertThat(matrix.count()).isEqualTo(rows.size());
    }
    return rows;
  }

  private static void assertCounts(Path file) throws IOException {
    assertThat(read(file))
        .containsExactly(
            new float[] {0, 1, 2},
            new float[] {3, 4, 5},
            new float[] {6, 7, 8},
            new float[] {9, 10, 11});
  }

  @Test
  void everyTypeAndByteOrder() throws IOException {
    ByteOrder little = ByteOrder.LITTLE_ENDIAN;
    ByteOrder big = ByteOrder.BIG_ENDIAN;
    assertCounts(write(file(1, header("<f4", "False", "(4, 3)"), floats())));
    assertCounts(write(file(1, header("=f4", "False", "(4, 3)"), floats())));
    assertCounts(
        write(file(1, header(">f4", "False", "(4, 3)"), values(4, big, ByteBuffer::putFloat))));
    assertCounts(
        write(file(1, header("<f8", "False", "(4, 3)"), values(8, little, ByteBuffer::putDouble))));
    assertCounts(
        write(file(1, header(">f8", "False", "(4, 3)"), values(8, big, ByteBuffer::putDouble))));
    assertCounts(
        write(
            file(
                1,
                header("<f2", "False", "(4, 3)"),
                values(2, little, (b, i) -> b.putShort(Float16.fromFloat(i))))));
    assertCounts(
        write(
            file(
                1,
                header("|i1", "False", "(4, 3)"),
                values(1, little, (b, i) -> b.put((byte) i)))));
    assertCounts(
        write(file(1, header("<i4", "False", "(4, 3)"), values(4, little, ByteBuffer::putInt))));
  }

  @Test
  void everyVersionAndWriter() throws IOException {
    assertCounts(write(file(2, header("<f4", "False", "(4, 3)"), floats())));
    assertCounts(write(file(3, header("<f4", "False", "(4, 3)"), floats())));
    assertCounts(write(file(1, header("<f4", "False", "(4L, 3L)"), floats())));
    assertCounts(
        write(
            file(
                1, "{\"shape\": (4, 3), \"fortran_order\": False, \"descr\": \"<f4\"}", floats())));
  }

  @Test
  void columnsFirst() throws IOException {
    // Three columns of four: row 1 is the second of each.
    assertThat(read(write(file(1, header("<f4", "True", "(4, 3)"), floats()))))
        .containsExactly(
            new float[] {0, 4, 8},
            new float[] {1, 5, 9},
            new float[] {2, 6, 10},
            new float[] {3, 7, 11});
    assertThat(read(write(file(1, header("<f4", "True", "(12, 1)"), floats()))).get(7))
        .containsExactly(7);
    assertThat(read(write(file(1, header("<f4", "False", "(0, 3)"), new byte[0])))).isEmpty();
  }

  @Test
  void blocksOfRowsMeet() throws IOException {
    int rows = 3000;
    int columns = 400;
    ByteBuffer bytes = ByteBuffer.allocate(4 * rows * columns).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * columns; i++) {
      bytes.putFloat(i);
    }
    for (String order : List.of("True", "False")) {
      List<float[]> read = read(write(file(1, header("<f4", order, "(3000, 400)"), bytes.array())));
      for (int row : new int[] {0, 654, 655, 656, 2999}) {
        for (int column : new int[] {0, 1, 399}) {
          assertThat(read.get(row)[column])
              .isEqualTo(order.equals("True") ? column * rows + row : row * columns + column);
        }
      }
    }
  }

  @Test
  void archiveOfOneArray() throws IOException {
    byte[] array = file(1, header("<f4", "False", "(4, 3)"), floats());
    Path file = temp.resolve("a.npz");
    Files.write(file, zip(ZipEntry.STORED, array, "arr_0.npy"));
    assertCounts(file);
    Files.write(file, zip(ZipEntry.STORED, array, "a.npy", "b.npy"));
    assertThatIOException()
        .isThrownBy(() -> NumpyFile.open(file))
        .withMessage(
            "cannot read " + file + " (npz): it must have one array but has [a.npy, b.npy]");
    Files.write(file, zip(ZipEntry.DEFLATED, array, "arr_0.npy"));
    assertThatIOException()
        .isThrownBy(() -> NumpyFile.open(file))
        .withMessageStartingWith(
            "cannot read " + file + " (npz): archive member arr_0.npy must be");
  }

  private static byte[] zip(int method, byte[] content, String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setMethod(method);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() throws IOException {
    byte[] doubles = values(8, ByteOrder.LITTLE_ENDIAN, (b, i) -> b.putDouble(i == 4 ? 1e300 : i));
    Path file = write(file(1, header("<f8", "False", "(4, 3)"), doubles));
    assertThatIOException()
        .isThrownBy(() -> read(file))
        .withMessage(
            "cannot read "
                + file
                + " (npy): values must be finite but row 1, column 1 has Infinity");
    byte[] nan = values(4, ByteOrder.LITTLE_ENDIAN, (b, i) -> b.putFloat(i == 4 ? Float.NaN : i));
    write(file(1, header("<f4", "False", "(4, 3)"), nan));
    assertThatIOException().isThrownBy(() -> read(file)).withMessageEndingWith("column 1 has NaN");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4 | (4, 3) | its version must be 1 to 3 but is 4",
        "1 | (999999999999999999, 999999999) | shape (999999999999999999, 999999999) of f4 does not",
        "1 | (4, 0) | shape (4, 0) of f4 does not fit its 48 bytes of values",
        "1 | (12,) | shape must be (N, D) but the header is",
        "1 | (2, 2, 3) | shape must be (N, D) but the header is"
      })
  void hostileHeadersAreRefusedBeforeAnythingIsAllocated(int version, String shape, String reason)
      throws IOException {
    Path file = write(file(version, header("<f4", "False", shape), floats()));
    assertThatIOException()
        .isThrownBy(() -> NumpyFile.open(file))
        .withMessageStartingWith("cannot read " + file + " (npy): " + reason);
  }

  @Test
  void aHeaderLongerThanTheFileIsRefused() throws IOException {
    byte[] bytes = file(2, header("<f4", "False", "(4, 3)"), floats());
    for (int length : new int[] {-1, Integer.MIN_VALUE, 1 << 19, Integer.MAX_VALUE}) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(8, length);
      Path file = write(bytes);
      assertThatIOException()
          .isThrownBy(() -> NumpyFile.open(file))
          .withMessageStartingWith("cannot read " + file + " (npy): it");
    }
  }
}
