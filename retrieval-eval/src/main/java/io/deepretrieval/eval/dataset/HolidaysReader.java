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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The layouts {@code holidays} and {@code holidays-upright}, described at {@link DataSets}. */
final class HolidaysReader {
  private static final String LIST = "holidays_images.dat";
  private static final Pattern NUMBER = Pattern.compile("[0-9]{6}");

  private HolidaysReader() {}

  /** An image and where it is named. */
  private record Named(DataSetImage image, SourceLocation place) {}

  static RetrievalDataSet read(String name, Path root, MissingImages missing) throws IOException {
    Labels labels = new Labels();
    Map<String, DataSetImage> queries = new HashMap<>();
    Set<String> groups = new TreeSet<>();
    for (Named named : named(root, missing)) {
      String number = named.image.id();
      if (!NUMBER.matcher(number).matches()) {
        throw named.place.error("image must be a number of six digits but was '" + number + "'");
      }
      String group = number.substring(0, 4);
      labels.add(named.image, Set.of(group), named.place);
      groups.add(group);
      if (number.endsWith("00")) {
        queries.put(group, named.image);
      }
    }
    List<Query> asked = new ArrayList<>();
    for (String group : groups) {
      DataSetImage query = queries.get(group);
      if (query == null) {
        throw new DataSetException(
            root, "group " + group + " must have its query " + group + "00 but has not");
      }
      asked.add(new Query(query, Optional.empty(), labels.others(group, query.id())));
    }
    return RetrievalDataSet.of(name, asked, labels.database());
  }

  private static List<Named> named(Path root, MissingImages missing) throws IOException {
    DataSetImages files = DataSetImages.under(root, missing);
    List<Named> named = new ArrayList<>();
    for (Path list : List.of(root.resolve(LIST), root.resolve("eval_holidays").resolve(LIST))) {
      if (Files.exists(list)) {
        for (TextLines.Line line : TextLines.read(list)) {
          SourceLocation place = SourceLocation.line(list, line.number());
          Path file = files.find(line.text().strip(), place);
          named.add(new Named(new DataSetImage(DataSetImages.stem(file), file), place));
        }
        return named;
      }
    }
    SourceLocation place = SourceLocation.of(files.directory());
    files.list().forEach(image -> named.add(new Named(image, place)));
    return named;
  }
}
