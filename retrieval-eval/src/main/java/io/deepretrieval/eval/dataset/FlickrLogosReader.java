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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The layouts {@code flickrlogos32}, {@code flickrlogos32-boxes} and {@code flickrlogos47},
 * described at {@link DataSets}.
 */
final class FlickrLogosReader {
  private static final String NO_LOGO = "no-logo";
  private static final String LOGOS_ONLY = "filelist-logosonly.txt";
  private static final Pattern NUMBER = Pattern.compile("[-+0-9.]+");

  private FlickrLogosReader() {}

  /** An image of a list and where it is named. */
  private record Named(DataSetImage image, SourceLocation place) {
    /** The directory that it lies in. */
    String directory() {
      String[] path = image.id().split("/", -1);
      return path.length < 2 ? "" : path[path.length - 2];
    }
  }

  static RetrievalDataSet read32(String name, Path root, boolean boxes, MissingImages missing)
      throws IOException {
    DataSetImages files = DataSetImages.in(DataSetImages.first(root), missing);
    Labels logos = new Labels();
    for (Path list : trainingLists(root)) {
      for (Named image : named(list, files)) {
        String logo = image.directory();
        logos.add(image.image, logo.equals(NO_LOGO) ? Set.of() : Set.of(logo), image.place);
      }
    }
    List<Query> queries = new ArrayList<>();
    for (Named image : named(root.resolve("testset-logosonly.relpaths.txt"), files)) {
      String logo = image.directory();
      if (!logos.has(logo)) {
        throw image.place.error("logo '" + logo + "' must have a database image but has none");
      }
      Judgments judgments = logos.others(logo, image.image.id());
      if (boxes) {
        for (Box box : masks(root, image, logo)) {
          queries.add(new Query(image.image, Optional.of(box), judgments));
        }
      } else {
        queries.add(new Query(image.image, Optional.empty(), judgments));
      }
    }
    return RetrievalDataSet.of(name, queries, logos.database());
  }

  private static List<Path> trainingLists(Path root) {
    Path both = root.resolve("trainvalset.relpaths.txt");
    return Files.exists(both)
        ? List.of(both)
        : List.of(root.resolve("trainset.relpaths.txt"), root.resolve("valset.relpaths.txt"));
  }

  private static List<Named> named(Path list, DataSetImages files) throws IOException {
    List<Named> named = new ArrayList<>();
    Set<Path> seen = new HashSet<>();
    for (TextLines.Line line : TextLines.read(list)) {
      SourceLocation place = SourceLocation.line(list, line.number());
      Path file = files.find(line.text().strip(), place);
      String id = files.directory().relativize(file).toString().replace('\\', '/');
      if (!seen.add(file)) {
        throw place.error("image '" + id + "' must be listed once but is there twice");
      }
      named.add(new Named(new DataSetImage(id, file), place));
    }
    if (named.isEmpty()) {
      throw new DataSetException(list, "must list images but is empty");
    }
    return named;
  }

  /** Lines {@code x y width height} under a line of their names. */
  private static List<Box> masks(Path root, Named image, String logo) throws IOException {
    String name = image.image.file().getFileName() + ".bboxes.txt";
    Path masks = root.resolve("classes").resolve("masks");
    Path file = masks.resolve(logo).resolve(name);
    if (!Files.exists(file)) {
      // Some copies have the directories of the masks in lower case.
      file = masks.resolve(logo.toLowerCase(Locale.ROOT)).resolve(name);
    }
    List<Box> boxes = new ArrayList<>();
    List<TextLines.Line> lines = TextLines.read(file);
    if (!lines.isEmpty() && NUMBER.matcher(lines.get(0).fields()[0]).matches()) {
      // Without the names the first box would be taken for them.
      throw SourceLocation.line(file, lines.get(0).number())
          .error(
              "first line must be names such as 'x y width height' but was '"
                  + lines.get(0).text().strip()
                  + "'");
    }
    for (TextLines.Line line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      SourceLocation place = SourceLocation.line(file, line.number());
      double[] v = numbers(line, place, 4, "x y width height");
      Box box = QueryBoxes.corners(v[0], v[1], v[0] + v[2], v[1] + v[3], place);
      QueryBoxes.requireOverlap(box, image.image, place);
      if (!boxes.contains(box)) {
        boxes.add(box);
      }
    }
    if (boxes.isEmpty()) {
      throw new DataSetException(file, "must have a line of names and a box but has none");
    }
    return boxes;
  }

  private static double[] numbers(
      TextLines.Line line, SourceLocation place, int count, String names) throws DataSetException {
    String[] fields = line.fields();
    if (fields.length < count) {
      throw place.error("line must be '" + names + "' but was '" + line.text().strip() + "'");
    }
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = place.number("number " + (i + 1) + " of the line", fields[i]);
    }
    return numbers;
  }

  static RetrievalDataSet read47(String name, Path root, MissingImages missing) throws IOException {
    DataSetImages files = DataSetImages.in(DataSetImages.first(root), missing);
    Set<String> classes = classes(root.resolve("className2ClassID.txt"));
    Labels logos = new Labels();
    Set<String> showing = new HashSet<>();
    if (Files.exists(root.resolve("train").resolve(LOGOS_ONLY))) {
      split(root, files, "train", LOGOS_ONLY, missing).forEach(i -> showing.add(i.image.id()));
    }
    for (Named image : split(root, files, "train", "filelist.txt", missing)) {
      Set<String> shown = new LinkedHashSet<>();
      boolean shows = showing.contains(image.image.id());
      for (Annotation annotation : annotations(image, classes, shows)) {
        shown.add(annotation.logo);
      }
      logos.add(image.image, shown, image.place);
    }
    List<Query> queries = new ArrayList<>();
    boolean logosOnly = Files.exists(root.resolve("test").resolve(LOGOS_ONLY));
    String list = logosOnly ? LOGOS_ONLY : "filelist.txt";
    for (Named image : split(root, files, "test", list, missing)) {
      Map<Box, Set<String>> asked = new LinkedHashMap<>();
      for (Annotation annotation : annotations(image, classes, logosOnly)) {
        if (!annotation.difficult) {
          QueryBoxes.requireOverlap(annotation.box, image.image, annotation.place);
          asked.computeIfAbsent(annotation.box, b -> new LinkedHashSet<>()).add(annotation.logo);
        }
      }
      asked.forEach(
          (box, shown) -> queries.add(new Query(image.image, Optional.of(box), logos.all(shown))));
    }
    if (queries.isEmpty()) {
      throw new DataSetException(root.resolve("test"), "no annotated logo is there");
    }
    return RetrievalDataSet.of(name, queries, logos.database());
  }

  private static List<Named> split(
      Path root, DataSetImages files, String split, String list, MissingImages missing)
      throws IOException {
    List<Named> named = new ArrayList<>();
    Path directory = root.resolve(split);
    for (Named image : named(directory.resolve(list), DataSetImages.in(directory, missing))) {
      String id = files.directory().relativize(image.image.file()).toString().replace('\\', '/');
      named.add(new Named(new DataSetImage(id, image.image.file()), image.place));
    }
    return named;
  }

  private static Set<String> classes(Path file) throws IOException {
    Set<String> classes = new HashSet<>();
    for (TextLines.Line line : TextLines.read(file)) {
      String[] fields = line.fields();
      SourceLocation place = SourceLocation.line(file, line.number());
      if (fields.length != 2) {
        throw place.error("line must be 'name number' but was '" + line.text().strip() + "'");
      }
      int number = place.integer("number of a class", fields[1]);
      if (!classes.add(String.valueOf(number))) {
        throw place.error("class " + number + " must be named once but is there twice");
      }
    }
    return classes;
  }

  /** One logo in an image. */
  private record Annotation(Box box, String logo, boolean difficult, SourceLocation place) {}

  /**
   * Lines {@code x1 y1 x2 y2 class dummy mask difficult truncated}; no file for no logo.
   *
   * @param shows whether a list says that there is a logo
   */
  private static List<Annotation> annotations(Named image, Set<String> classes, boolean shows)
      throws IOException {
    Path file =
        image.image.file().resolveSibling(DataSetImages.stem(image.image.file()) + ".gt_data.txt");
    List<Annotation> annotations = new ArrayList<>();
    List<TextLines.Line> lines =
        shows || Files.exists(file) ? TextLines.read(file) : List.<TextLines.Line>of();
    if (shows && lines.isEmpty()) {
      throw new DataSetException(
          file, "must have a logo, as the image is in " + LOGOS_ONLY + ", but has none");
    }
    for (TextLines.Line line : lines) {
      SourceLocation place = SourceLocation.line(file, line.number());
      double[] v = numbers(line, place, 4, "x1 y1 x2 y2 class dummy mask difficult truncated");
      String[] fields = line.fields();
      if (fields.length != 9) {
        throw place.error(
            "line must be 'x1 y1 x2 y2 class dummy mask difficult truncated' but was '"
                + line.text().strip()
                + "'");
      }
      String logo = String.valueOf(place.integer("number of a class", fields[4]));
      if (!classes.contains(logo)) {
        throw place.error("class " + logo + " must be in className2ClassID.txt but is not");
      }
      Box box = QueryBoxes.corners(v[0], v[1], v[2], v[3], place);
      if (!fields[7].equals("0") && !fields[7].equals("1")) {
        throw place.error("difficult must be 0 or 1 but was '" + fields[7] + "'");
      }
      annotations.add(new Annotation(box, logo, fields[7].equals("1"), place));
    }
    return annotations;
  }
}
