// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.format.TableReader;
import io.deepretrieval.format.TextFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Picks columns by name out of tables of commas, with the tolerances of the lists. */
final class CsvTable {
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
    try (TableReader table = TableReader.builder(file).delimiter(',').orLatin1().open()) {
      Optional<TableReader.Row> first = table.next();
      if (first.isEmpty()) {
        throw new DataSetException(
            file, "must begin with the columns " + String.join(", ", columns) + " but is empty");
      }
      TableReader.Row header = first.get();
      List<Integer> at = new ArrayList<>();
      for (String column : columns) {
        at.add(header.requireColumn(column));
      }
      for (String column : optional) {
        at.add(header.optionalColumn(column).orElse(Integer.MAX_VALUE));
      }
      int size = header.cells().size();
      for (Optional<TableReader.Row> row = table.next(); row.isPresent(); row = table.next()) {
        rows.row(picked(row.get(), size, at));
      }
    } catch (TextFormatException e) {
      throw SourceLocation.error(e);
    }
  }

  private static Row picked(TableReader.Row row, int size, List<Integer> at)
      throws TextFormatException {
    if (row.cells().size() != size) {
      throw row.error("line must have " + size + " fields but has " + row.cells().size());
    }
    return new Row(
        SourceLocation.line(row.file(), row.line()), at.stream().map(row::cell).toList());
  }
}
