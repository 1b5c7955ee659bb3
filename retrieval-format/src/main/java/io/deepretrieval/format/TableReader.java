// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads a table row by row, so that it may be larger than memory: cells between commas, which
 * quotes may surround, or between tabs; lines that end as on any system. Rows without content are
 * passed over. Not thread-safe.
 */
public final class TableReader implements Closeable {
  private static final CSVFormat CELLS =
      CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(false).setTrim(true).get();

  private static final int MOST_LOOKED_AT = 1 << 15;

  private final Path file;
  private final BufferedReader text;
  private final CSVParser parser;
  private final Iterator<CSVRecord> records;
  private long line;

  private TableReader(Path file, BufferedReader text, CSVFormat format) throws IOException {
    this.file = file;
    this.text = text;
    this.parser = CSVParser.parse(text, format);
    this.records = parser.iterator();
  }

  /**
   * Begins to open a table in UTF-8 whose delimiter is told by its content and whose cells lose
   * blanks around them.
   *
   * @param file the table
   * @return a builder
   */
  public static Builder builder(Path file) {
    return new Builder(Objects.requireNonNull(file, "file"));
  }

  /**
   * Reads the next row that has content.
   *
   * @return the row, or empty at the end
   * @throws TextFormatException if it is no row, or not in the charset
   * @throws IOException if the file cannot be read
   */
  public Optional<Row> next() throws IOException {
    try {
      while (records.hasNext()) {
        CSVRecord record = records.next();
        line = parser.getCurrentLineNumber();
        List<String> cells = record.toList();
        if (!cells.stream().allMatch(String::isEmpty)) {
          return Optional.of(new Row(file, line, cells));
        }
      }
      return Optional.empty();
    } catch (UncheckedIOException e) {
      // The parser gives its own errors and those of the file in this wrapping.
      IOException cause = Objects.requireNonNull(e.getCause());
      if (cause instanceof CharacterCodingException) {
        throw notUtf8(file, cause);
      }
      throw TextFormatException.at(
          file, line + 1, "line cannot be read: " + cause.getMessage(), cause);
    }
  }

  private static TextFormatException notUtf8(Path file, IOException cause) {
    return TextFormatException.in(file, "text must be UTF-8 but is not", cause);
  }

  @Override
  public void close() throws IOException {
    try (text) {
      parser.close();
    }
  }

  /**
   * A row with content.
   *
   * @param file where it stands
   * @param line its last line, from 1
   * @param cells at least one, empty where nothing was
   */
  public record Row(Path file, long line, List<String> cells) {
    /**
     * Makes a row.
     *
     * @param file where it stands
     * @param line its last line, from 1
     * @param cells at least one, empty where nothing was (copied)
     */
    public Row {
      cells = List.copyOf(cells);
    }

    /**
     * A cell, or an empty text where the row is shorter.
     *
     * @param column from 0
     * @return the cell
     */
    public String cell(int column) {
      return column < cells.size() ? cells.get(column) : "";
    }

    /**
     * The first column with one of the names, whatever their case.
     *
     * @param names in small letters
     * @return the column from 0, or empty
     */
    public Optional<Integer> column(Set<String> names) {
      for (int i = 0; i < cells.size(); i++) {
        if (names.contains(cells.get(i).toLowerCase(Locale.ROOT))) {
          return Optional.of(i);
        }
      }
      return Optional.empty();
    }

    /**
     * The column with a name, if this is the row of names.
     *
     * @param name of the column
     * @return the column from 0
     * @throws TextFormatException if no column or more than one has the name
     */
    public int requireColumn(String name) throws TextFormatException {
      int column = cells.indexOf(name);
      if (column < 0 || column != cells.lastIndexOf(name)) {
        throw error(
            "column '"
                + name
                + "' must be there once but the columns are "
                + String.join(", ", cells));
      }
      return column;
    }

    /**
     * The column with a name, if this is the row of names.
     *
     * @param name of the column
     * @return the column from 0, or empty if no column has the name
     * @throws TextFormatException if more than one column has the name
     */
    public Optional<Integer> optionalColumn(String name) throws TextFormatException {
      return cells.contains(name) ? Optional.of(requireColumn(name)) : Optional.empty();
    }

    /**
     * An error of this row.
     *
     * @param problem what must hold and what was found
     * @return to be thrown
     */
    public TextFormatException error(String problem) {
      return TextFormatException.at(file, line, problem, null);
    }
  }

  /** How a table is written. */
  public static final class Builder {
    private final Path file;
    private Optional<Character> delimiter = Optional.empty();
    private boolean latin1;
    private boolean trim = true;

    private Builder(Path file) {
      this.file = file;
    }

    /**
     * Sets what stands between cells; quotes count only where it is not a tab.
     *
     * @param value usually a comma or a tab
     * @return this builder
     */
    public Builder delimiter(char value) {
      delimiter = Optional.of(value);
      return this;
    }

    /**
     * Reads text as Latin-1 that is not UTF-8, instead of refusing it.
     *
     * @return this builder
     */
    public Builder orLatin1() {
      latin1 = true;
      return this;
    }

    /**
     * Keeps blanks around cells.
     *
     * @return this builder
     */
    public Builder keepBlanks() {
      trim = false;
      return this;
    }

    /**
     * Opens the table.
     *
     * @return a reader, to be closed
     * @throws TextFormatException if there is no such file or it is in no such charset
     * @throws IOException if it cannot be read
     */
    public TableReader open() throws IOException {
      try {
        BufferedReader text = latin1 ? TextFile.openUtf8OrLatin1(file) : TextFile.openUtf8(file);
        try {
          return new TableReader(file, text, format(text));
        } catch (IOException e) {
          text.close();
          throw e;
        }
      } catch (CharacterCodingException e) {
        throw notUtf8(file, e);
      }
    }

    private CSVFormat format(BufferedReader text) throws IOException {
      char between = delimiter.isPresent() ? delimiter.get() : found(text);
      CSVFormat.Builder format = CELLS.builder().setDelimiter(between).setTrim(trim);
      return between == '\t' ? format.setQuote(null).get() : format.get();
    }

    /** A tab if the first line with content has one, else a comma. */
    private static char found(BufferedReader text) throws IOException {
      text.mark(MOST_LOOKED_AT);
      boolean content = false;
      char found = ',';
      for (int i = 0; i < MOST_LOOKED_AT; i++) {
        int c = text.read();
        if (c == '\t') {
          found = '\t';
        }
        content |= c > ' ';
        if (c < 0 || ((c == '\n' || c == '\r') && content) || found == '\t') {
          break;
        }
      }
      text.reset();
      return found;
    }
  }
}
