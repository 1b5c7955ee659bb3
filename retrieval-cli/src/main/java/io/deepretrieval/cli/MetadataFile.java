// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.format.TableReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is noted beside vectors: names in the first line, an id in the first column. */
final class MetadataFile {
  private MetadataFile() {}

  /** Reads cells between tabs or, where the names have no tab, commas. */
  static Map<String, Map<String, String>> read(Path file) throws IOException {
    try (TableReader table = TableReader.builder(file).keepBlanks().open()) {
      Optional<TableReader.Row> header = table.next();
      if (header.isEmpty()) {
        throw new IOException("metadata must begin with a line of names but are empty: " + file);
      }
      List<String> names = header.get().cells();
      requireNames(names, file);
      Map<String, Map<String, String>> all = new LinkedHashMap<>();
      for (Optional<TableReader.Row> row = table.next(); row.isPresent(); row = table.next()) {
        TableReader.Row line = row.get();
        if (line.cells().size() != names.size()) {
          throw new IOException(
              "metadata must have "
                  + names.size()
                  + " columns but line "
                  + line.line()
                  + " has "
                  + line.cells().size()
                  + ": "
                  + file);
        }
        if (all.put(line.cell(0), noted(names, line)) != null) {
          throw new IOException(
              "metadata must name an image once but line "
                  + line.line()
                  + " has '"
                  + line.cell(0)
                  + "' again: "
                  + file);
        }
      }
      return all;
    }
  }

  private static void requireNames(List<String> names, Path file) throws IOException {
    Set<String> seen = new HashSet<>();
    for (String name : names.subList(1, names.size())) {
      if (name.isEmpty() || name.indexOf('=') >= 0 || !seen.add(name)) {
        throw new IOException(
            "names of metadata must not be empty, have '=' or stand twice but one is '"
                + name
                + "': "
                + file);
      }
    }
  }

  private static Map<String, String> noted(List<String> names, TableReader.Row line) {
    Map<String, String> noted = new LinkedHashMap<>();
    for (int c = 1; c < names.size(); c++) {
      if (!line.cell(c).isEmpty()) {
        noted.put(names.get(c), line.cell(c));
      }
    }
    return noted;
  }
}
