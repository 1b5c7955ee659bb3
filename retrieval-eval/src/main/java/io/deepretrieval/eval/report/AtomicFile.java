// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a text file that is there whole or not at all. */
final class AtomicFile {
  private AtomicFile() {}

  /** Writes the text. */
  @FunctionalInterface
  interface Body {
    void write(Writer out) throws IOException;
  }

  /** Writes UTF-8 beside the file and renames it last; makes missing directories. */
  static void write(Path file, Body body) throws IOException {
    Path target = file.toAbsolutePath();
    Path directory = target.getParent();
    if (directory == null) {
      throw new IOException(file + " must be a file but is a root directory");
    }
    Files.createDirectories(directory);
    Path part = directory.resolve("." + target.getFileName() + ".part");
    try {
      try (Writer out = Files.newBufferedWriter(part, StandardCharsets.UTF_8)) {
        body.write(out);
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
