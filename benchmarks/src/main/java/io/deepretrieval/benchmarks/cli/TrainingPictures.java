// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.cli;

import io.deepretrieval.dl4j.train.data.LabelledImages;
import io.deepretrieval.dl4j.train.data.MissingFiles;
import io.deepretrieval.dl4j.train.data.SfmDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Training pictures that a file names. */
final class TrainingPictures {
  /** The byte order mark of UTF-8, read as Latin-1. */
  private static final String MARK = "\u00EF\u00BB\u00BF";

  private TrainingPictures() {}

  /** A .pkl database of retrieval-SfM beside its folder 'ims'; nothing if the file is another. */
  static Optional<SfmDatabase> sfm(Path from) throws IOException {
    if (!from.toString().endsWith(".pkl")) {
      return Optional.empty();
    }
    Path file = from.toAbsolutePath();
    return Optional.of(
        SfmDatabase.read(
            from, file.resolveSibling("ims"), SfmDatabase.Part.TRAIN, MissingFiles.REFUSE));
  }

  /**
   * A list beside its pictures. One with the columns of the Google Landmarks Dataset v2 has them in
   * the folder 'train' beside it or beside its folder 'metadata', if there is one.
   */
  static LabelledImages list(Path from) throws IOException {
    Path beside = from.toAbsolutePath().resolveSibling("").normalize();
    return isGldv2(from)
        ? LabelledImages.ofGldv2(from, landmarks(beside), MissingFiles.REFUSE)
        : LabelledImages.ofList(from, beside, MissingFiles.REFUSE);
  }

  /** By the names of the columns; what else is wrong with the file, its reader says. */
  private static boolean isGldv2(Path from) throws IOException {
    if (!from.toString().toLowerCase(Locale.ROOT).endsWith(".csv") || !Files.isRegularFile(from)) {
      return false;
    }
    // The names are ASCII, so Latin-1, which reads any bytes, does not change them.
    try (BufferedReader reader = Files.newBufferedReader(from, StandardCharsets.ISO_8859_1)) {
      String line = reader.readLine();
      while (line != null && line.replace(MARK, "").isBlank()) {
        line = reader.readLine();
      }
      Set<String> columns = new HashSet<>();
      for (String column : (line == null ? "" : line.replace(MARK, "")).split(",", -1)) {
        columns.add(column.strip().replace("\"", "").toLowerCase(Locale.ROOT));
      }
      return columns.contains("landmark_id")
          && (columns.contains("id") || columns.contains("images"))
          && Collections.disjoint(columns, Set.of("image", "path", "file", "filename"));
    }
  }

  private static Path landmarks(Path beside) {
    boolean metadata = beside.endsWith("metadata");
    for (Path folder : List.of(beside, metadata ? beside.resolveSibling("") : beside)) {
      if (Files.isDirectory(folder.resolve("train"))) {
        return folder.resolve("train");
      }
    }
    return beside;
  }
}
