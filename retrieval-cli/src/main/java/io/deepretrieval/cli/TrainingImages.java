// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.MissingFiles;
import io.deepretrieval.train.data.SfmDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Training images that a file names. */
final class TrainingImages {
  private TrainingImages() {}

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
   * A list beside its images. One with the columns of the Google Landmarks Dataset v2 has them in
   * the folder 'train' beside it or beside its folder 'metadata', if there is one.
   */
  static LabeledImages list(Path from) throws IOException {
    Path beside = from.toAbsolutePath().resolveSibling("").normalize();
    return LabeledImages.isGldv2(from)
        ? LabeledImages.ofGldv2(from, landmarks(beside), MissingFiles.REFUSE)
        : LabeledImages.ofList(from, beside, MissingFiles.REFUSE);
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
