// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is noted beside vectors: names in the first line, an id in the first column. */
final class MetadataFile {
  private MetadataFile() {}

  static Map<String, Map<String, String>> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty()) {
      throw new IOException("metadata must begin with a line of names but are empty: " + file);
    }
    String[] names = lines.get(0).split("\t", -1);
    Map<String, Map<String, String>> all = new LinkedHashMap<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split("\t", -1);
      if (lines.get(i).isEmpty()) {
        continue;
      }
      if (cells.length != names.length) {
        throw new IOException(
            "metadata must have "
                + names.length
                + " columns but line "
                + (i + 1)
                + " has "
                + cells.length
                + ": "
                + file);
      }
      Map<String, String> noted = new LinkedHashMap<>();
      for (int c = 1; c < cells.length; c++) {
        if (!cells[c].isEmpty()) {
          noted.put(names[c], cells[c]);
        }
      }
      if (all.put(cells[0], noted) != null) {
        throw new IOException(
            "metadata must name an image once but line "
                + (i + 1)
                + " has '"
                + cells[0]
                + "' again: "
                + file);
      }
    }
    return all;
  }
}
