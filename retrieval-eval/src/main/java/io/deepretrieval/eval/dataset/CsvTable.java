// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Reads tables of commas with a line of names, row by row, with the tolerances of the lists. */
final class CsvTable {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(true).setTrim(true).get();
  private static final int BUFFER = 1 << 16;

  private CsvTable() {}

  /** A row with the asked columns in the asked order. */
  record Row(SourceLocation place, List<String> values) {}

  /** Takes rows. */
  @FunctionalInterface
  interface Rows {
    void row(Row row) throws IOException;
  }

  /**
   * Reads the rows.
   *
   * @param columns those that must be there once; others are not looked at
   */
  static void read(Path file, List<String> columns, Rows rows) throws IOException {
    read(file, columns, List.of(), rows);
  }

  /**
   * Reads the rows.
   *
   * @param columns those that must be there once
   * @param optional those whose value is empty where they are not there
   */
  static void read(Path file, List<String> columns, List<String> optional, Rows rows)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataSetException(file, "file does not exist");
    }
    long line = 0;
    try (BufferedReader text = open(file);
        CSVParser parser = CSVParser.parse(text, FORMAT)) {
      Iterator<CSVRecord> records = parser.iterator();
      int[] at = new int[0];
      int size = 0;
      while (records.hasNext()) {
        CSVRecord cells = records.next();
        line = parser.getCurrentLineNumber();
        if (cells.stream().allMatch(String::isEmpty)) {
          continue;
        }
        SourceLocation place = SourceLocation.line(file, line);
        if (size == 0) {
          size = cells.size();
          at = columns(place, cells.toList(), columns, optional);
        } else if (cells.size() != size) {
          throw place.error("line must have " + size + " fields but has " + cells.size());
        } else {
          List<String> values = new ArrayList<>();
          for (int column : at) {
            values.add(column < 0 ? "" : cells.get(column));
          }
          rows.row(new Row(place, values));
        }
      }
      if (size == 0) {
        throw new DataSetException(
            file, "must begin with the columns " + String.join(", ", columns) + " but is empty");
      }
    } catch (UncheckedIOException e) {
      // The parser gives its own errors in this wrapping.
      throw SourceLocation.line(file, line + 1).error("line cannot be read: " + e.getMessage(), e);
    }
  }

  private static int[] columns(
      SourceLocation place, List<String> names, List<String> columns, List<String> optional)
      throws DataSetException {
    int[] at = new int[columns.size() + optional.size()];
    for (int i = 0; i < at.length; i++) {
      boolean required = i < columns.size();
      String column = required ? columns.get(i) : optional.get(i - columns.size());
      at[i] = names.indexOf(column);
      if ((required && at[i] < 0) || at[i] != names.lastIndexOf(column)) {
        throw place.error(
            "column '"
                + column
                + "' must be there once but the columns are "
                + String.join(", ", names));
      }
    }
    return at;
  }

  private static BufferedReader open(Path file) throws IOException {
    Charset charset = charset(file);
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(Files.newInputStream(file), charset), BUFFER);
    try {
      reader.mark(1);
      if (reader.read() != '\uFEFF') {
        reader.reset();
      }
      return reader;
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  /** UTF-8 if the whole file is, else Latin-1; the file may be too large to be held. */
  private static Charset charset(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        Reader reader =
            new InputStreamReader(
                in,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT))) {
      char[] buffer = new char[BUFFER];
      for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
        for (int i = 0; i < n; i++) {
          if (buffer[i] == 0) {
            throw new DataSetException(
                file, "text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has");
          }
        }
      }
      return StandardCharsets.UTF_8;
    } catch (CharacterCodingException e) {
      return StandardCharsets.ISO_8859_1;
    }
  }
}
