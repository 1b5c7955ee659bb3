// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.format.TextFile;
import io.deepretrieval.format.TextFormatException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the text files of data sets, with the tolerances that {@link DataSets} states. */
final class TextLines {
  private TextLines() {}

  /**
   * One line that is not blank.
   *
   * @param number its number in the file, from 1
   * @param text without the line break
   */
  record Line(int number, String text) {
    /** What blanks part. */
    String[] fields() {
      return text.strip().split("\\s+", -1);
    }
  }

  static List<Line> read(Path file) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (BufferedReader text = TextFile.openUtf8OrLatin1(file)) {
      int number = 0;
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        number++;
        if (!line.isBlank()) {
          lines.add(new Line(number, line));
        }
      }
    } catch (TextFormatException e) {
      throw SourceLocation.error(e);
    }
    return lines;
  }
}
