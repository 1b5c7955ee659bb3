// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableReaderTest {
  @TempDir Path directory;

  private Path write(String text, Charset charset) throws IOException {
    return Files.write(directory.resolve("table"), text.getBytes(charset));
  }

  private static List<TableReader.Row> rows(TableReader.Builder builder) throws IOException {
    List<TableReader.Row> rows = new ArrayList<>();
    try (TableReader table = builder.open()) {
      for (Optional<TableReader.Row> row = table.next(); row.isPresent(); row = table.next()) {
        rows.add(row.get());
      }
    }
    return rows;
  }

  private List<List<String>> cells(String text) throws IOException {
    return rows(TableReader.builder(write(text, StandardCharsets.UTF_8))).stream()
        .map(TableReader.Row::cells)
        .toList();
  }

  @Test
  void theContentTellsTheDelimiter() throws IOException {
    assertThat(cells("a,b\n1,\"2,3\"\n")).containsExactly(List.of("a", "b"), List.of("1", "2,3"));
    assertThat(cells("\n  \na,b\tc\n\"1\t2"))
        .containsExactly(List.of("a,b", "c"), List.of("\"1", "2"));
    assertThat(cells("a\n1\t2\n")).containsExactly(List.of("a"), List.of("1\t2"));
    assertThat(cells("")).isEmpty();
    assertThat(cells("a,".repeat(20_000) + "b\n").get(0)).hasSize(20_001);
  }

  @Test
  void blanksMarksAndEndsOfLinesDoNotMatter() throws IOException {
    Path file = write("\uFEFF a , b \r\n\r\n , \r1,2\n", StandardCharsets.UTF_8);
    List<TableReader.Row> rows = rows(TableReader.builder(file));
    assertThat(rows)
        .extracting(TableReader.Row::cells)
        .containsExactly(List.of("a", "b"), List.of("1", "2"));
    assertThat(rows).extracting(TableReader.Row::line).containsExactly(1L, 4L);
    assertThat(rows(TableReader.builder(file).keepBlanks()).get(0).cells())
        .containsExactly(" a ", " b ");
  }

  @Test
  void latin1IsReadOnlyIfAsked() throws IOException {
    Path file = write("Schlo\u00df,1\n", StandardCharsets.ISO_8859_1);
    assertThat(rows(TableReader.builder(file).orLatin1()).get(0).cell(0)).isEqualTo("Schlo\u00df");
    assertThatExceptionOfType(TextFormatException.class)
        .isThrownBy(() -> rows(TableReader.builder(file)))
        .withMessage(file + ": text must be UTF-8 but is not");
    for (Charset wide : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
      write("a,b\n", wide);
      assertThatExceptionOfType(TextFormatException.class)
          .isThrownBy(() -> rows(TableReader.builder(file).orLatin1()))
          .withMessage(file + ": text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has");
    }
  }

  @Test
  void columnsAreFoundByName() throws IOException {
    Path file = write("Image,b,b\n1\n", StandardCharsets.UTF_8);
    TableReader.Row header = rows(TableReader.builder(file)).get(0);
    assertThat(header.column(Set.of("path", "image"))).contains(0);
    assertThat(header.column(Set.of("c"))).isEmpty();
    assertThat(header.requireColumn("Image")).isZero();
    assertThat(header.optionalColumn("c")).isEmpty();
    assertThat(header.cell(7)).isEmpty();
    for (String name : List.of("b", "c")) {
      assertThatExceptionOfType(TextFormatException.class)
          .isThrownBy(() -> header.requireColumn(name))
          .withMessage(
              file
                  + ":1: column '"
                  + name
                  + "' must be there once but the columns are Image, b, b");
    }
  }

  @Test
  void anErrorTellsTheLine() throws IOException {
    Path file = write("a,b\n\n\"1\"x,2\n", StandardCharsets.UTF_8);
    assertThatExceptionOfType(TextFormatException.class)
        .isThrownBy(() -> rows(TableReader.builder(file)))
        .withMessageStartingWith(file + ":3: line cannot be read: ")
        .satisfies(e -> assertThat(e.location()).isEqualTo(file + ":3"));
    Path none = directory.resolve("none");
    assertThatExceptionOfType(TextFormatException.class)
        .isThrownBy(() -> rows(TableReader.builder(none)))
        .withMessage(none + ": file does not exist")
        .satisfies(e -> assertThat(e.problem()).isEqualTo("file does not exist"));
  }
}
