// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Box;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The layout {@code oxford5k}, described at {@link DataSets}. */
final class OxfordReader {
  private static final String QUERY_SUFFIX = "_query.txt";
  private static final String PREFIX = "oxc1_";

  private final Map<String, DataSetImage> database = new LinkedHashMap<>();

  private OxfordReader(List<DataSetImage> images) {
    images.forEach(image -> database.put(image.id(), image));
  }

  static RetrievalDataSet read(Path root) throws IOException {
    OxfordReader reader = new OxfordReader(ImageFiles.under(root).list());
    Path gt = root.resolve("gt");
    Path groundTruth = Files.isDirectory(gt) ? gt : root;
    List<Query> queries = new ArrayList<>();
    for (Path file : queryFiles(groundTruth)) {
      queries.add(reader.query(file));
    }
    return RetrievalDataSet.of("oxford5k", queries, List.copyOf(reader.database.values()));
  }

  private static List<Path> queryFiles(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (name.endsWith(QUERY_SUFFIX) && !name.startsWith(".")) {
          files.add(entry);
        }
      }
    }
    if (files.isEmpty()) {
      throw new DataSetException(directory, "no ground truth *" + QUERY_SUFFIX + " is there");
    }
    files.sort(null);
    return files;
  }

  private Query query(Path file) throws IOException {
    List<TextLines.Line> lines = TextLines.read(file);
    if (lines.size() != 1) {
      throw new DataSetException(
          file, "must have one line 'image x1 y1 x2 y2' but has " + lines.size());
    }
    TextLines.Line line = lines.get(0);
    String[] fields = line.text().strip().split("\\s+", -1);
    if (fields.length != 5) {
      throw new DataSetException(
          file,
          line.number(),
          "line must be 'image x1 y1 x2 y2' but was '" + line.text().strip() + "'");
    }
    DataSetImage image = image(fields[0], file, line.number());
    Box box;
    try {
      box = Box.parse(Arrays.stream(fields).skip(1).collect(Collectors.joining(",")));
    } catch (IllegalArgumentException e) {
      throw new DataSetException(file, line.number(), String.valueOf(e.getMessage()), e);
    }
    requireOverlap(box, image, file, line.number());

    String stem = String.valueOf(file.getFileName());
    String query = stem.substring(0, stem.length() - QUERY_SUFFIX.length());
    Map<String, Judged> seen = new LinkedHashMap<>();
    Set<String> good = judged(file.resolveSibling(query + "_good.txt"), "good", seen);
    Set<String> ok = judged(file.resolveSibling(query + "_ok.txt"), "ok", seen);
    Set<String> junk = judged(file.resolveSibling(query + "_junk.txt"), "junk", seen);
    return new Query(image, Optional.of(box), new Judgements(good, ok, junk));
  }

  private record Judged(String as, int line) {}

  private Set<String> judged(Path file, String as, Map<String, Judged> seen) throws IOException {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (TextLines.Line line : TextLines.read(file)) {
      String id = image(line.text().strip(), file, line.number()).id();
      ids.putIfAbsent(id, line.number());
      Judged before = seen.putIfAbsent(id, new Judged(as, line.number()));
      if (before != null && !before.as.equals(as)) {
        throw new DataSetException(
            file,
            line.number(),
            "image '"
                + id
                + "' must be judged once but is "
                + before.as
                + " (line "
                + before.line
                + " of that file) and "
                + as);
      }
    }
    return ids.keySet();
  }

  private DataSetImage image(String name, Path file, int line) throws DataSetException {
    String id = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    DataSetImage image = database.get(id);
    if (image == null) {
      throw new DataSetException(
          file,
          line,
          "image '" + id + "' must be one of the " + database.size() + " images but is not");
    }
    return image;
  }

  /** A picture whose head cannot be read is left to the run, which lists it among its failures. */
  private static void requireOverlap(Box box, DataSetImage image, Path file, int line)
      throws IOException {
    Optional<ImageSize> size = ImageSize.read(image.file());
    if (size.isPresent() && !size.get().mayHold(box)) {
      throw new DataSetException(
          file,
          line,
          "box must overlap the image of "
              + size.get().width()
              + "x"
              + size.get().height()
              + " pixels but was "
              + box.x1()
              + ","
              + box.y1()
              + ","
              + box.x2()
              + ","
              + box.y2());
    }
  }
}
