// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Images that make a database larger and are right for no query; see {@link DataSets}. */
final class Distractors {
  /** Flickr100k, for Oxford105k and Paris106k. */
  static final String FLICKR_100K = "oxc1_100k";

  /** The million of the revisited Oxford and Paris. */
  static final String REVISITED_1M = "revisitop1m";

  /** What a data set's own images are never looked for in. */
  static final Set<String> DIRECTORIES = Set.of(FLICKR_100K, REVISITED_1M);

  private Distractors() {}

  /** The directory of a name in the data set's or beside it. */
  static Path directory(Path root, String name) throws DataSetException {
    for (Path candidate : List.of(root.resolve(name), root.toAbsolutePath().resolveSibling(name))) {
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    throw new DataSetException(
        root, "directory " + name + " must be in it or beside it but is not");
  }

  static RetrievalDataSet add(
      RetrievalDataSet dataSet, String name, Path directory, MissingImages missing)
      throws IOException {
    return dataSet.withDistractors(name, read(directory, missing));
  }

  /** By the list {@code <directory>.txt} in it, with images under {@code jpg}, or all below. */
  static List<DataSetImage> read(Path directory, MissingImages missing) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new DataSetException(directory, "directory of distractors does not exist");
    }
    Path real = directory.toRealPath();
    String name = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
    Path list = real.resolve(REVISITED_1M + ".txt");
    List<DataSetImage> images = new ArrayList<>();
    if (Files.exists(list)) {
      DataSetImages files = DataSetImages.under(real, missing);
      Map<Path, Integer> lines = new HashMap<>();
      for (TextLines.Line line : TextLines.read(list)) {
        String image = line.text().strip();
        SourceLocation place = SourceLocation.line(list, line.number());
        Path file = files.find(image, place);
        Integer before = lines.putIfAbsent(file, line.number());
        if (before != null) {
          throw place.error(
              "image '" + image + "' must be listed once but is in line " + before + " too");
        }
        images.add(new DataSetImage(name + "/" + image, file));
      }
    } else {
      for (Path file : DataSetImages.walk(real, Set.of())) {
        String image = real.relativize(file).toString().replace('\\', '/');
        images.add(new DataSetImage(name + "/" + image, file));
      }
    }
    if (images.isEmpty()) {
      throw new DataSetException(directory, "no distractor is there");
    }
    return images;
  }
}
