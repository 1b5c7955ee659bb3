// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The layouts {@code oxford5k}, {@code paris6k} and {@code sculptures6k}, described at {@link
 * DataSets}.
 */
final class OxfordReader {
  private static final String QUERY_SUFFIX = "_query.txt";
  private static final Pattern JUDGED = Pattern.compile("[^.].*_(good|ok|junk)\\.txt");
  private static final String PREFIX = "oxc1_";

  /** Images of Paris that cannot be decoded: its page lists 20 of the 6,412. */
  private static final Set<String> CORRUPT_IN_PARIS =
      Set.of(
          "paris_louvre_000136",
          "paris_louvre_000146",
          "paris_moulinrouge_000422",
          "paris_museedorsay_001059",
          "paris_notredame_000188",
          "paris_pantheon_000284",
          "paris_pantheon_000960",
          "paris_pantheon_000974",
          "paris_pompidou_000195",
          "paris_pompidou_000196",
          "paris_pompidou_000201",
          "paris_pompidou_000467",
          "paris_pompidou_000640",
          "paris_sacrecoeur_000299",
          "paris_sacrecoeur_000330",
          "paris_sacrecoeur_000353",
          "paris_triomphe_000662",
          "paris_triomphe_000833",
          "paris_triomphe_000863",
          "paris_triomphe_000867");

  private final Map<String, DataSetImage> database = new LinkedHashMap<>();
  private final Path directory;
  private final Set<String> corrupt;
  private final MissingImages missing;

  private OxfordReader(DataSetImages files, Set<String> corrupt, MissingImages missing)
      throws IOException {
    this.directory = files.directory();
    this.corrupt = corrupt;
    this.missing = missing;
    for (DataSetImage image : files.list()) {
      if (!corrupt.contains(image.id())) {
        database.put(image.id(), image);
      }
    }
  }

  static RetrievalDataSet oxford(String name, Path root, MissingImages missing) throws IOException {
    return read(name, root, DataSetImages.under(root, missing), Set.of(), missing);
  }

  static RetrievalDataSet paris(String name, Path root, MissingImages missing) throws IOException {
    return read(name, root, DataSetImages.nestedUnder(root, missing), CORRUPT_IN_PARIS, missing);
  }

  static RetrievalDataSet sculptures(String name, Path root, MissingImages missing)
      throws IOException {
    Path images = DataSetImages.first(root, "test", "jpg");
    Path groundTruth = DataSetImages.first(root, "gt");
    List<Path> queryFiles = queryFiles(groundTruth);
    if (queryFiles.isEmpty()) {
      throw new DataSetException(groundTruth, "no ground truth *" + QUERY_SUFFIX + " is there");
    }
    return read(name, queryFiles, DataSetImages.in(images, missing), Set.of(), missing);
  }

  private static RetrievalDataSet read(
      String name, Path root, DataSetImages files, Set<String> corrupt, MissingImages missing)
      throws IOException {
    Path groundTruth = DataSetImages.first(root, "gt");
    List<Path> queryFiles = queryFiles(groundTruth);
    if (!queryFiles.isEmpty()) {
      return read(name, queryFiles, files, corrupt, missing);
    }
    String stem = "gnd_" + name;
    for (Path directory : List.of(root, groundTruth)) {
      if (Files.exists(directory.resolve(stem + ".mat"))
          || Files.exists(directory.resolve(stem + ".pkl"))) {
        return indexed(name, IndexedTruth.read(directory, stem, List.of("ok", "junk")), files);
      }
    }
    throw new DataSetException(
        groundTruth,
        "no ground truth *" + QUERY_SUFFIX + ", " + stem + ".mat or " + stem + ".pkl is there");
  }

  /** By text files, of which each query has four. */
  private static RetrievalDataSet read(
      String name,
      List<Path> queryFiles,
      DataSetImages files,
      Set<String> corrupt,
      MissingImages missing)
      throws IOException {
    OxfordReader reader = new OxfordReader(files, corrupt, missing);
    List<Query> queries = new ArrayList<>();
    QueryBoxes.Once once = new QueryBoxes.Once();
    for (Path file : queryFiles) {
      queries.add(reader.query(file, once));
    }
    return RetrievalDataSet.of(name, queries, List.copyOf(reader.database.values()));
  }

  private static RetrievalDataSet indexed(String name, IndexedTruth truth, DataSetImages files)
      throws IOException {
    Map<String, DataSetImage> database = truth.database(files);
    List<Query> queries = new ArrayList<>();
    for (IndexedTruth.Asked asked : truth.queries()) {
      queries.add(
          new Query(
              IndexedTruth.image(asked, database, files),
              Optional.of(asked.box()),
              new Judgments(asked.list("ok"), Set.of(), asked.list("junk"))));
    }
    return RetrievalDataSet.of(name, queries, List.copyOf(database.values()));
  }

  /** The query files; what is judged without one would be lost. */
  private static List<Path> queryFiles(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    List<Path> judged = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (name.endsWith(QUERY_SUFFIX) && !name.startsWith(".")) {
          files.add(entry);
        } else if (JUDGED.matcher(name).matches()) {
          judged.add(entry);
        }
      }
    }
    files.sort(null);
    judged.sort(null);
    for (Path file : judged) {
      String name = String.valueOf(file.getFileName());
      String query = name.substring(0, name.lastIndexOf('_')) + QUERY_SUFFIX;
      if (!files.isEmpty() && !files.contains(file.resolveSibling(query))) {
        throw new DataSetException(file, "must have " + query + " beside it but has not");
      }
    }
    return files;
  }

  private Query query(Path file, QueryBoxes.Once once) throws IOException {
    List<TextLines.Line> lines = TextLines.read(file);
    if (lines.size() != 1) {
      throw new DataSetException(
          file, "must have one line 'image x1 y1 x2 y2' but has " + lines.size());
    }
    TextLines.Line line = lines.get(0);
    SourceLocation place = SourceLocation.line(file, line.number());
    String[] fields = line.fields();
    if (fields.length != 5) {
      throw place.error("line must be 'image x1 y1 x2 y2' but was '" + line.text().strip() + "'");
    }
    DataSetImage image = image(id(fields[0]), place);
    Box box;
    try {
      box = Box.parse(Arrays.stream(fields).skip(1).collect(Collectors.joining(",")));
    } catch (IllegalArgumentException e) {
      throw place.error(String.valueOf(e.getMessage()), e);
    }
    QueryBoxes.requireOverlap(box, image, place);
    once.require(image.id(), box, String.valueOf(file.getFileName()), place);

    String stem = String.valueOf(file.getFileName());
    String query = stem.substring(0, stem.length() - QUERY_SUFFIX.length());
    Map<String, Judged> seen = new HashMap<>();
    Set<String> good = judged(file.resolveSibling(query + "_good.txt"), "good", seen);
    Set<String> ok = judged(file.resolveSibling(query + "_ok.txt"), "ok", seen);
    Set<String> junk = judged(file.resolveSibling(query + "_junk.txt"), "junk", seen);
    return new Query(image, Optional.of(box), new Judgments(good, ok, junk));
  }

  private record Judged(String as, int line) {}

  private Set<String> judged(Path file, String as, Map<String, Judged> seen) throws IOException {
    Set<String> ids = new LinkedHashSet<>();
    for (TextLines.Line line : TextLines.read(file)) {
      String id = id(line.text().strip());
      if (corrupt.contains(id)) {
        continue;
      }
      SourceLocation place = SourceLocation.line(file, line.number());
      ids.add(image(id, place).id());
      Judged before = seen.putIfAbsent(id, new Judged(as, line.number()));
      if (before != null && !before.as.equals(as)) {
        throw place.error(
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
    return ids;
  }

  private static String id(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  private DataSetImage image(String id, SourceLocation place) throws DataSetException {
    DataSetImage image = database.get(id);
    if (image == null) {
      DataSetException error =
          place.error(
              "image '" + id + "' must be one of the " + database.size() + " images but is not");
      image = new DataSetImage(id, missing.missing(directory.resolve(id + ".jpg"), error));
      database.put(id, image);
    }
    return image;
  }
}
