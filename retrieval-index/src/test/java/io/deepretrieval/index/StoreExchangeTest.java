// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreExchangeTest {
  private static final Recipe RECIPE = Recipe.of(Map.of("backbone", "toy"));

  @TempDir Path temp;

  private DescriptorStore create(String name) throws IOException {
    return DescriptorStore.create(temp.resolve(name), RECIPE, Similarity.COSINE, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.npy", "v.fvecs"})
  void whatGoesOutComesIn(String name) throws IOException {
    Path file = temp.resolve(name);
    try (DescriptorStore store = create("a")) {
      for (int i = 0; i < 1500; i++) {
        store.add("ü/" + i, Descriptor.copyOf(new float[] {i, -0.5f, 1e-30f}, RECIPE));
      }
      store.commit();
      store.remove("ü/7");
      store.commit();
    }
    try (StoreReader reader = StoreReader.open(temp.resolve("a"), 1)) {
      assertThat(StoreExchange.write(reader, file)).isEqualTo(1499);
      try (DescriptorStore store = create("b")) {
        assertThat(StoreExchange.read(file, store)).isEqualTo(1499);
        store.commit();
      }
      try (StoreReader copy = StoreReader.open(temp.resolve("b"), 1)) {
        assertThat(copy.ids()).isEqualTo(reader.ids());
        assertThat(copy.descriptor("ü/1499")).isEqualTo(reader.descriptor("ü/1499"));
      }
    }
  }

  @Test
  void fvecsAreADimensionAndValuesForEachRow() throws IOException {
    Path file = temp.resolve("v.fvecs");
    try (FvecsFiles.Writer out = FvecsFiles.writer(file, 2)) {
      out.write(new float[] {1, -2});
      out.write(new float[] {0.5f, 4});
      assertThatIllegalArgumentException()
          .isThrownBy(() -> out.write(new float[3]))
          .withMessage("row must have 2 values but has 3");
      out.finish();
    }
    ByteBuffer expected =
        ByteBuffer.allocate(24)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(2)
            .putFloat(1)
            .putFloat(-2)
            .putInt(2)
            .putFloat(0.5f)
            .putFloat(4);
    assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    List<float[]> rows = new ArrayList<>();
    assertThat(FvecsFiles.read(file, rows::add)).isEqualTo(2);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(1)).containsExactly(0.5f, 4);
    Files.write(file, new byte[0]);
    assertThat(FvecsFiles.read(file, rows::add)).isZero();
  }

  @Test
  void wholeNumbersAndBytesAreRead() throws IOException {
    Path ints = temp.resolve("v.ivecs");
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(2).putInt(7).putInt(-1).putInt(2).putInt(1 << 24).putInt(0);
    Files.write(ints, bytes.array());
    List<float[]> rows = new ArrayList<>();
    assertThat(FvecsFiles.read(ints, rows::add)).isEqualTo(2);
    assertThat(rows).containsExactly(new float[] {7, -1}, new float[] {1 << 24, 0});
    Path unsigned = temp.resolve("v.bvecs");
    Files.write(unsigned, new byte[] {3, 0, 0, 0, 0, 127, -1, 3, 0, 0, 0, 1, 2, 3});
    rows.clear();
    assertThat(FvecsFiles.read(unsigned, rows::add)).isEqualTo(3);
    assertThat(rows).containsExactly(new float[] {0, 127, 255}, new float[] {1, 2, 3});
    Path floats = temp.resolve("v.fvecs");
    Files.write(
        floats,
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(1).putFloat(0f / 0).array());
    assertThatIOException()
        .isThrownBy(() -> FvecsFiles.read(floats, row -> {}))
        .withMessage(
            "cannot read "
                + floats
                + " (fvecs): values must be finite but row 0, column 0 has NaN");
  }

  @Test
  void damagedFvecsAreNamed() throws IOException {
    Path file = temp.resolve("v.fvecs");
    ByteBuffer bytes =
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(1).putFloat(1).putInt(9);
    Files.write(file, bytes.array());
    assertThatIOException()
        .isThrownBy(() -> FvecsFiles.read(file, row -> {}))
        .withMessage("cannot read " + file + " (fvecs): row 1 must have dimension 1 but has 9");
    Files.write(file, new byte[] {1, 0, 0, 0, 1});
    assertThatIOException()
        .isThrownBy(() -> FvecsFiles.read(file, row -> {}))
        .withMessage("cannot read " + file + " (fvecs): 5 bytes are no whole rows of dimension 1");
    Files.write(file, new byte[] {0, 0, 0, 0, 1});
    assertThatIOException()
        .isThrownBy(() -> FvecsFiles.read(file, row -> {}))
        .withMessage(
            "cannot read " + file + " (fvecs): its dimension must be between 1 and 2^20 but is 0");
    Files.write(file, new byte[] {1, 0});
    assertThatIOException()
        .isThrownBy(() -> FvecsFiles.read(file, row -> {}))
        .withMessage("cannot read " + file + " (fvecs): it ended at byte 2");
  }

  @Test
  void idsMustFitTheRowsAndTheFile() throws IOException {
    Path file = temp.resolve("v.npy");
    try (NumpyFiles.Writer out = NumpyFiles.writer(file, 3)) {
      out.write(new float[] {1, 2, 3});
      out.write(new float[] {4, 5, 6});
      out.finish();
    }
    Files.writeString(temp.resolve("v.txt"), "a\n");
    try (DescriptorStore store = create("s")) {
      assertThatIOException()
          .isThrownBy(() -> StoreExchange.read(file, store))
          .withMessage(temp.resolve("v.txt") + " must have 2 ids (" + file + ") but has 1");
      store.add("two\nlines", Descriptor.copyOf(new float[] {1, 2, 3}, RECIPE));
      store.commit();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> StoreExchange.read(temp.resolve("v.bin"), store))
          .withMessage(
              "file of vectors must end in .npy, .npz, .fvecs, .ivecs or .bvecs but is "
                  + temp.resolve("v.bin"));
    }
    try (StoreReader reader = StoreReader.open(temp.resolve("s"), 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> StoreExchange.write(reader, temp.resolve("w.fvecs")))
          .withMessage("id must be one line for a text file but is 'two\nlines'");
      assertThat(temp.resolve("w.fvecs")).doesNotExist();
    }
  }
}
