// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumpyFilesTest {
  @TempDir Path temp;

  private Path written(float[]... rows) throws IOException {
    Path file = temp.resolve("m.npy");
    try (NumpyFiles.Writer writer = NumpyFiles.writer(file, 3)) {
      for (float[] row : rows) {
        writer.write(row);
      }
      writer.finish();
    }
    return file;
  }

  @Test
  void readsWhatItWrote() throws IOException {
    float[] first = {1, -2, Float.MIN_VALUE};
    float[] second = {0, Float.MAX_VALUE, 7};
    List<float[]> rows = new ArrayList<>();
    assertThat(NumpyFiles.read(written(first, second), rows::add)).isEqualTo(3);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0)).isEqualTo(first);
    assertThat(rows.get(1)).isEqualTo(second);
    assertThat(temp.toFile().list()).containsExactly("m.npy");
  }

  @Test
  void headerIsThatOfTheFormat() throws IOException {
    byte[] bytes = Files.readAllBytes(written(new float[] {1, 2, 3}));
    assertThat(bytes).hasSize(128 + 12);
    assertThat(bytes[8]).isEqualTo((byte) 118);
    assertThat(new String(bytes, 10, 118, StandardCharsets.US_ASCII))
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }")
        .endsWith(" \n");
  }

  @Test
  void numpyReadsIt() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    assumeThat(Files.exists(python)).as("skipped: no python3").isTrue();
    Path file = written(new float[] {1, 2, 3}, new float[] {4, 5, 6.5f});
    Process process =
        new ProcessBuilder(
                python.toString(),
                "-c",
                "import numpy,sys; a=numpy.load(sys.argv[1]); print(a.dtype, a.shape, a.sum())",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeThat(out).as("skipped: no numpy").doesNotContain("No module named");
    assertThat(out.strip()).isEqualTo("float32 (2, 3) 21.5");
  }

  @Test
  void unfinishedFileDoesNotAppear() throws IOException {
    try (NumpyFiles.Writer writer = NumpyFiles.writer(temp.resolve("m.npy"), 3)) {
      writer.write(new float[3]);
      assertThatThrownBy(() -> writer.write(new float[2]))
          .hasMessage("row must have 3 values but has 2");
    }
    assertThat(temp).isEmptyDirectory();
    assertThatThrownBy(() -> NumpyFiles.writer(temp.resolve("m.npy"), 0))
        .hasMessage("dimension must be at least 1 but was 0");
  }

  @Test
  void everyTruncationIsAnError() throws IOException {
    byte[] whole = Files.readAllBytes(written(new float[] {1, 2, 3}));
    Path cut = temp.resolve("cut.npy");
    for (int n = 0; n < whole.length; n++) {
      Files.write(cut, Arrays.copyOf(whole, n));
      assertThatThrownBy(() -> NumpyFiles.read(cut, row -> {}))
          .as("cut to " + n + " bytes")
          .isInstanceOf(IOException.class)
          .hasMessageContaining(cut.toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<f4|<c8|descr must be a type of plain numbers",
        "'<f4'|[('a', '<f4'), ('b', '<f4')]|descr must be a type of plain numbers",
        "False|Maybe|fortran_order must be True or False",
        "(1, 3)|(3,)  |shape must be (N, D)",
        "(1, 3)|(1, 1, 3)|shape must be (N, D)",
        "<f4|<f8|shape (1, 3) of f8 does not fit its 12 bytes of values",
        "(1, 3)|(2, 3)|shape (2, 3) of f4 does not fit its 12 bytes of values",
        "(1, 3)|(0, 0)|shape (0, 0) of f4 does not fit its 12 bytes of values",
      })
  void otherMatricesAreRefused(String from, String to, String reason) throws IOException {
    Path file = written(new float[] {1, 2, 3});
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    int more = to.length() - from.length();
    String padded = more > 0 ? text.replaceFirst(" {" + more + "}\n", "\n") : text;
    Files.writeString(file, padded.replace(from, to), StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> NumpyFiles.read(file, row -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read " + file + " (npy): " + reason);
  }
}
