// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The layouts {@code gldv1…} and {@code gldv2…}, described at {@link DataSets}. */
final class LandmarksReader {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
  private static final Judgments NOTHING = new Judgments(Set.of(), Set.of(), Set.of());
  private static final Set<String> EMPTY = Set.of("", "None");

  private final Path root;
  private final Path tables;
  private final MissingImages missing;
  private final Map<String, DataSetImage> database = new LinkedHashMap<>();

  private LandmarksReader(Path root, MissingImages missing) throws DataSetException {
    this.root = root;
    this.missing = missing;
    this.tables = DataSetImages.first(root, "metadata");
  }

  /** One line of a solution. */
  private record Solved(
      SourceLocation place, DataSetImage query, List<String> answers, String usage) {}

  static RetrievalDataSet retrieval(String name, Path root, String solution, MissingImages missing)
      throws IOException {
    LandmarksReader reader = new LandmarksReader(root, missing);
    Path index = reader.tables.resolve("index.csv");
    CsvTable.read(
        index, List.of("id"), row -> reader.add("index", row.values().get(0), row.place()));
    Map<String, List<Query>> byUsage = new LinkedHashMap<>();
    for (Solved solved : reader.solution(solution, "images")) {
      for (String id : solved.answers) {
        if (!reader.database.containsKey(id)) {
          throw solved.place.error(
              "image '"
                  + id
                  + "' must be one of the "
                  + reader.database.size()
                  + " images of index.csv but is not");
        }
      }
      reader.ask(
          byUsage, solved, new Judgments(new LinkedHashSet<>(solved.answers), Set.of(), Set.of()));
    }
    List<Metric> metrics =
        List.of(
            Metric.averagePrecisionAt(100),
            Metric.precisionAt(1),
            Metric.precisionAt(10),
            Metric.recallAt(100));
    List<Protocol> protocols = new ArrayList<>();
    byUsage.forEach((usage, queries) -> protocols.add(new Protocol(usage, queries, metrics)));
    return reader.dataSet(name, protocols);
  }

  static RetrievalDataSet recognition(
      String name, Path root, String solution, String training, MissingImages missing)
      throws IOException {
    LandmarksReader reader = new LandmarksReader(root, missing);
    List<Solved> solutions = reader.solution(solution, "landmarks");
    Map<Integer, Set<String>> idsByLandmark = new HashMap<>();
    for (Solved solved : solutions) {
      for (int landmark : landmarks(solved)) {
        idsByLandmark.putIfAbsent(landmark, new LinkedHashSet<>());
      }
    }
    reader.readTraining(reader.tables.resolve(training), idsByLandmark);
    Map<String, List<Query>> byUsage = new LinkedHashMap<>();
    Map<String, Integer> answerable = new HashMap<>();
    for (Solved solved : solutions) {
      reader.ask(byUsage, solved, judgments(landmarks(solved), idsByLandmark));
      answerable.merge(solved.usage, solved.answers.isEmpty() ? 0 : 1, Integer::sum);
    }
    List<Protocol> protocols = new ArrayList<>();
    for (Map.Entry<String, List<Query>> entry : byUsage.entrySet()) {
      int shown = answerable.getOrDefault(entry.getKey(), 0);
      if (shown > 0) {
        protocols.add(
            new Protocol(
                entry.getKey(),
                entry.getValue(),
                List.of(Metric.globalAveragePrecision(shown), Metric.precisionAt(1))));
      }
    }
    return reader.dataSet(name, protocols);
  }

  /** As numbers: {@code 07} is {@code 7}. */
  private static List<Integer> landmarks(Solved solved) throws DataSetException {
    List<Integer> landmarks = new ArrayList<>();
    for (String landmark : solved.answers) {
      landmarks.add(solved.place.integer("landmark", landmark));
    }
    return landmarks;
  }

  private static Judgments judgments(
      Collection<Integer> landmarks, Map<Integer, Set<String>> idsByLandmark) {
    if (landmarks.isEmpty()) {
      return NOTHING;
    }
    Set<String> good = new LinkedHashSet<>();
    landmarks.forEach(landmark -> good.addAll(idsByLandmark.getOrDefault(landmark, Set.of())));
    return new Judgments(good, Set.of(), Set.of());
  }

  /** The clean list has a line a landmark, the full one a line an image. */
  private void readTraining(Path file, Map<Integer, Set<String>> idsByLandmark) throws IOException {
    CsvTable.read(
        file,
        List.of("landmark_id"),
        List.of("images", "id"),
        row -> {
          List<String> v = row.values();
          // Of some images the first version does not say what they show.
          Optional<Integer> landmark =
              v.get(0).equals("None")
                  ? Optional.empty()
                  : Optional.of(row.place().integer("landmark_id", v.get(0)));
          String ids = v.get(1).isEmpty() ? v.get(2) : v.get(1);
          for (String id : ids.split(" +", -1)) {
            add("train", id, row.place());
            landmark.map(idsByLandmark::get).ifPresent(shown -> shown.add(id));
          }
        });
  }

  private void add(String split, String id, SourceLocation place) throws DataSetException {
    if (database.put(id, image(split, id, place)) != null) {
      throw place.error("image '" + id + "' must be listed once but is there twice");
    }
  }

  /** At {@code split/a/b/c/abc….jpg} or flat in {@code split}. */
  private DataSetImage image(String split, String id, SourceLocation place)
      throws DataSetException {
    if (!ID.matcher(id).matches()) {
      throw place.error("image must be 16 hexadecimal digits but was '" + id + "'");
    }
    Path directory = root.resolve(split);
    String nested = id.charAt(0) + "/" + id.charAt(1) + "/" + id.charAt(2) + "/" + id + ".jpg";
    for (Path file : List.of(directory.resolve(nested), directory.resolve(id + ".jpg"))) {
      if (Files.isRegularFile(file)) {
        return new DataSetImage(id, file);
      }
    }
    DataSetException error =
        place.error(
            "image '"
                + id
                + "' is missing: neither "
                + nested
                + " nor "
                + id
                + ".jpg is in "
                + directory);
    return new DataSetImage(id, missing.missing(directory.resolve(nested), error));
  }

  private List<Solved> solution(String file, String answers) throws IOException {
    Path path = tables.resolve(file);
    List<Solved> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Map<Boolean, CsvTable.Row> firstByBlankness = new HashMap<>();
    CsvTable.read(
        path,
        List.of("id", answers),
        List.of("Usage"),
        row -> {
          List<String> v = row.values();
          if (!seen.add(v.get(0))) {
            throw row.place()
                .error("query '" + v.get(0) + "' must be listed once but is there twice");
          }
          String usage = usage(v.get(2), row.place());
          boolean blank = v.get(2).isEmpty();
          firstByBlankness.putIfAbsent(blank, row);
          CsvTable.Row other = firstByBlankness.get(!blank);
          if (other != null) {
            throw row.place()
                .error(
                    "Usage must be blank in all lines or in none but is '"
                        + v.get(2)
                        + "' and was '"
                        + other.values().get(2)
                        + "' in "
                        + other.place().text());
          }
          if (!usage.equals("ignored")) {
            List<String> parts =
                EMPTY.contains(v.get(1)) ? List.of() : Arrays.asList(v.get(1).split(" +", -1));
            all.add(new Solved(row.place(), image("test", v.get(0), row.place()), parts, usage));
          }
        });
    if (all.isEmpty()) {
      throw new DataSetException(path, "must have a query that is not ignored but has none");
    }
    return all;
  }

  private static String usage(String text, SourceLocation place) throws DataSetException {
    return switch (text) {
      case "Private" -> "private";
      case "Public" -> "public";
      case "Ignored" -> "ignored";
      case "" -> Protocol.STANDARD;
      default ->
          throw place.error("Usage must be Private, Public or Ignored but was '" + text + "'");
    };
  }

  private void ask(Map<String, List<Query>> byUsage, Solved solved, Judgments judgments) {
    byUsage
        .computeIfAbsent(solved.usage, u -> new ArrayList<>())
        .add(new Query(solved.query, Optional.empty(), judgments));
  }

  /** Private before public, as the published tables have it. */
  private RetrievalDataSet dataSet(String name, List<Protocol> protocols) throws DataSetException {
    if (protocols.isEmpty() || database.isEmpty()) {
      throw new DataSetException(
          tables,
          "must have queries that show something and database images but has "
              + protocols.size()
              + " protocols and "
              + database.size());
    }
    List<Protocol> sorted = new ArrayList<>(protocols);
    sorted.sort((a, b) -> a.name().compareTo(b.name()));
    return RetrievalDataSet.ofProtocols(name, sorted, List.copyOf(database.values()));
  }
}
