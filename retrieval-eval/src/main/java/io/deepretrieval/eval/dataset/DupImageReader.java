// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The layout {@code dupimage}, described at {@link DataSets}: a directory a group. */
final class DupImageReader {
  private DupImageReader() {}

  static RetrievalDataSet read(String name, Path root) throws IOException {
    Path directory = DataSetImages.first(root, "jpg").toAbsolutePath().normalize();
    Labels groups = new Labels();
    Map<Path, String> groupByFile = new LinkedHashMap<>();
    Map<Path, DataSetImage> images = new LinkedHashMap<>();
    for (Path file : DataSetImages.walk(directory, Distractors.DIRECTORIES)) {
      Path path = directory.relativize(file);
      String id = path.toString().replace('\\', '/');
      // Images in no directory are of no group.
      String group = path.getNameCount() > 1 ? path.getName(0).toString() : "";
      DataSetImage image = new DataSetImage(id, file);
      groups.add(image, group.isEmpty() ? Set.of() : Set.of(group), SourceLocation.of(directory));
      groupByFile.put(file, group);
      images.put(file, image);
    }
    if (images.isEmpty()) {
      throw new DataSetException(directory, "no image is there");
    }
    List<Query> queries = new ArrayList<>();
    for (Path file : asked(root, directory, groupByFile)) {
      DataSetImage image = Objects.requireNonNull(images.get(file), "image");
      String group = groupByFile.getOrDefault(file, "");
      queries.add(new Query(image, Optional.empty(), groups.others(group, image.id())));
    }
    return RetrievalDataSet.of(name, queries, groups.database());
  }

  /** By the list of queries, or all images of a group. */
  private static Set<Path> asked(Path root, Path directory, Map<Path, String> groupByFile)
      throws IOException {
    Path list = root.resolve("queries.txt");
    Set<Path> asked = new LinkedHashSet<>();
    if (!Files.exists(list)) {
      groupByFile.forEach(
          (file, group) -> {
            if (!group.isEmpty()) {
              asked.add(file);
            }
          });
      if (asked.isEmpty()) {
        throw new DataSetException(directory, "no directory with an image is there");
      }
      return asked;
    }
    DataSetImages files = DataSetImages.in(directory, MissingImages.REFUSED);
    for (TextLines.Line line : TextLines.read(list)) {
      SourceLocation place = SourceLocation.line(list, line.number());
      Path file = files.find(line.text().strip(), place);
      String query = "query '" + line.text().strip() + "'";
      if (groupByFile.getOrDefault(file, "").isEmpty()) {
        throw place.error(query + " must be an image in the directory of a group but is not");
      }
      if (!asked.add(file)) {
        throw place.error(query + " must be listed once but is there twice");
      }
    }
    if (asked.isEmpty()) {
      throw new DataSetException(list, "must list queries but is empty");
    }
    return asked;
  }
}
