// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    if (!Files.isRegularFile(file)) {
      throw new DataSetException(file, "file does not exist");
    }
    String text = decode(Files.readAllBytes(file));
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    if (text.indexOf('\0') >= 0) {
      throw new DataSetException(
          file, "text must be UTF-8 or Latin-1 but has zero bytes, as UTF-16 has");
    }
    List<Line> lines = new ArrayList<>();
    String[] all = text.split("\r\n|\n|\r", -1);
    for (int i = 0; i < all.length; i++) {
      if (!all[i].isBlank()) {
        lines.add(new Line(i + 1, all[i]));
      }
    }
    return lines;
  }

  private static String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      // Every byte is a character of Latin-1, so this cannot fail.
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }
}
