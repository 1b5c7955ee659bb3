// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.Box;
import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Ground truth that names its images once and then points to them by number: {@code imlist}, the
 * database; {@code qimlist}, the names of the queries, or {@code qidx}, their numbers in {@code
 * imlist}; {@code gnd}, for each query a box {@code bbx} of two corners and lists of numbers. Files
 * of MATLAB count from 1, pickles from 0.
 */
final class IndexedTruth {
  private final Path file;
  private final List<String> images;
  private final List<Asked> queries;

  private IndexedTruth(Path file, List<String> images, List<Asked> queries) {
    this.file = file;
    this.images = images;
    this.queries = queries;
  }

  /**
   * One query.
   *
   * @param image its name
   * @param box the part of it
   * @param lists names of the images in each list
   * @param place where it stands, for errors
   * @param boxPlace where its box stands, for errors
   */
  record Asked(
      String image,
      Box box,
      Map<String, Set<String>> lists,
      SourceLocation place,
      SourceLocation boxPlace) {
    Set<String> list(String name) {
      return Objects.requireNonNull(lists.get(name), name);
    }
  }

  /**
   * What a file says, not checked.
   *
   * @param names the lists {@code imlist} and, where it exists, {@code qimlist}
   * @param queryNumbers {@code qidx} where it exists
   * @param queries the parts of each element of {@code gnd}
   * @param base number of the first image, 0 or 1
   */
  record Raw(
      Map<String, List<String>> names,
      Optional<double[]> queryNumbers,
      List<Map<String, double[]>> queries,
      int base) {
    /** An element of a list, in the notation of the file. */
    String at(String list, int index) {
      return base == 0 ? list + "[" + index + "]" : list + "(" + (index + 1) + ")";
    }
  }

  /**
   * Reads the pickle, or the file of MATLAB if there is no pickle.
   *
   * @param stem file name without ending
   * @param lists those that each element of {@code gnd} must have
   */
  static IndexedTruth read(Path root, String stem, List<String> lists) throws IOException {
    for (String ending : List.of(".pkl", ".mat")) {
      Path file = root.resolve(stem + ending);
      if (Files.isRegularFile(file)) {
        Raw raw =
            ending.equals(".pkl") ? PickledTruth.read(file, lists) : MatlabTruth.read(file, lists);
        return of(file, raw, lists);
      }
    }
    throw new DataSetException(root, "ground truth " + stem + ".pkl or .mat is missing");
  }

  private static IndexedTruth of(Path file, Raw raw, List<String> lists) throws DataSetException {
    List<String> images = raw.names.getOrDefault("imlist", List.of());
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < images.size(); i++) {
      Integer before = seen.putIfAbsent(images.get(i), i);
      if (before != null) {
        throw SourceLocation.part(file, raw.at("imlist", i))
            .error(
                "image '"
                    + images.get(i)
                    + "' must be listed once but is "
                    + raw.at("imlist", before)
                    + " too");
      }
    }
    List<String> names = queryNames(file, raw, images);
    if (names.size() != raw.queries.size()) {
      throw new DataSetException(
          file,
          "gnd must have an element for each of the "
              + names.size()
              + " queries but has "
              + raw.queries.size());
    }
    List<Asked> queries = new ArrayList<>();
    QueryBoxes.Once once = new QueryBoxes.Once();
    for (int i = 0; i < names.size(); i++) {
      Asked asked = asked(file, raw, i, names.get(i), images, lists);
      once.require(asked.image, asked.box, raw.at("gnd", i), asked.place);
      queries.add(asked);
    }
    return new IndexedTruth(file, images, queries);
  }

  private static List<String> queryNames(Path file, Raw raw, List<String> images)
      throws DataSetException {
    List<String> names = raw.names.get("qimlist");
    if (names != null) {
      return names;
    }
    List<String> found = new ArrayList<>();
    double[] numbers = raw.queryNumbers.orElse(new double[0]);
    for (int i = 0; i < numbers.length; i++) {
      SourceLocation place = SourceLocation.part(file, raw.at("qidx", i));
      found.add(images.get(index(numbers[i], raw.base, images.size(), place)));
    }
    return found;
  }

  private static int index(double number, int base, int size, SourceLocation place)
      throws DataSetException {
    int index = (int) number - base;
    if ((int) number != number || index < 0 || index >= size) {
      throw place.error(
          "number of an image must be a whole number from "
              + base
              + " to "
              + (size - 1 + base)
              + " but was "
              + number);
    }
    return index;
  }

  private static Asked asked(
      Path file, Raw raw, int query, String name, List<String> images, List<String> lists)
      throws DataSetException {
    Map<String, double[]> parts = raw.queries.get(query);
    String at = raw.at("gnd", query);
    double[] corners = Objects.requireNonNull(parts.get("bbx"), "bbx");
    SourceLocation boxPlace = SourceLocation.part(file, at + ".bbx");
    if (corners.length != 4) {
      throw boxPlace.error("box must have four numbers but has " + corners.length);
    }
    Box box = QueryBoxes.corners(corners[0], corners[1], corners[2], corners[3], boxPlace);
    Map<String, Set<String>> judged = new LinkedHashMap<>();
    Map<String, String> before = new HashMap<>();
    for (String list : lists) {
      double[] numbers = Objects.requireNonNull(parts.get(list), list);
      Set<String> ids = new LinkedHashSet<>();
      for (int i = 0; i < numbers.length; i++) {
        SourceLocation place = SourceLocation.part(file, raw.at(at + "." + list, i));
        String id = images.get(index(numbers[i], raw.base, images.size(), place));
        String other = before.putIfAbsent(id, list);
        if (other != null && !other.equals(list)) {
          throw place.error(
              "image '" + id + "' must be judged once but is " + other + " and " + list);
        }
        ids.add(id);
      }
      judged.put(list, Collections.unmodifiableSet(ids));
    }
    return new Asked(name, box, judged, SourceLocation.part(file, at), boxPlace);
  }

  List<String> images() {
    return images;
  }

  List<Asked> queries() {
    return queries;
  }

  /** The images of {@code imlist} in their order, by name. */
  Map<String, DataSetImage> database(DataSetImages files) throws IOException {
    Map<String, DataSetImage> database = new LinkedHashMap<>();
    SourceLocation place = SourceLocation.part(file, "imlist");
    for (String name : images) {
      database.put(name, new DataSetImage(name, files.find(name, place)));
    }
    return database;
  }

  /** The image of a query, from the database if it is there. */
  static DataSetImage image(Asked query, Map<String, DataSetImage> database, DataSetImages files)
      throws IOException {
    DataSetImage known = database.get(query.image);
    DataSetImage image =
        known == null ? new DataSetImage(query.image, files.find(query.image, query.place)) : known;
    QueryBoxes.requireOverlap(query.box, image, query.boxPlace);
    return image;
  }
}
