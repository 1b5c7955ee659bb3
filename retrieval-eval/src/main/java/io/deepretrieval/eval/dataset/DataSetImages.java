// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.internal.ImageWalker;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the image of a name that may lack its extension. Lists each directory once. */
final class DataSetImages {
  private final Path directory;
  private final boolean nested;
  private final MissingImages missing;
  private final Map<Path, Map<String, List<Path>>> stemsByDirectory = new HashMap<>();

  private DataSetImages(Path directory, boolean nested, MissingImages missing) {
    this.missing = missing;
    this.directory = directory.toAbsolutePath().normalize();
    this.nested = nested;
  }

  /** Images lie in {@code root/jpg} if there is such a directory, else in the root. */
  static DataSetImages under(Path root, MissingImages missing) throws DataSetException {
    return new DataSetImages(first(root, "jpg"), false, missing);
  }

  /** The same, in any directory below: the names do not tell which. */
  static DataSetImages nestedUnder(Path root, MissingImages missing) throws DataSetException {
    return new DataSetImages(first(root, "jpg"), true, missing);
  }

  /** Images lie in one directory, or at paths that begin there. */
  static DataSetImages in(Path directory, MissingImages missing) {
    return new DataSetImages(directory, false, missing);
  }

  /** The first of some directories that exists, else the root. */
  static Path first(Path root, String... names) throws DataSetException {
    if (!Files.isDirectory(root)) {
      throw new DataSetException(root, "data set directory does not exist");
    }
    for (String name : names) {
      if (Files.isDirectory(root.resolve(name))) {
        return root.resolve(name);
      }
    }
    return root;
  }

  /** The file name without its ending. */
  static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  Path directory() {
    return directory;
  }

  /**
   * Finds an image.
   *
   * @param name as the ground truth has it
   * @param place where the ground truth has it, for the error
   */
  Path find(String name, SourceLocation place) throws IOException {
    Path exact;
    try {
      exact = directory.resolve(name).normalize();
    } catch (InvalidPathException e) {
      throw place.error(
          "image '"
              + name
              + "' cannot be a file name here ("
              + e.getReason()
              + "); names beyond ASCII need a UTF-8 locale",
          e);
    }
    // A list must not make a report show files from elsewhere.
    if (!exact.startsWith(directory) || exact.equals(directory)) {
      throw place.error("image '" + name + "' must lie under " + directory + " but does not");
    }
    if (Files.isRegularFile(exact)) {
      return exact;
    }
    Path parent = exact.getParent();
    Map<String, List<Path>> stems = stems(nested || parent == null ? directory : parent);
    String file = String.valueOf(exact.getFileName());
    List<Path> found = stems.getOrDefault(file, List.of());
    if (found.isEmpty() && nested && ImageWalker.isImage(exact)) {
      found =
          stems.getOrDefault(stem(exact), List.of()).stream()
              .filter(other -> String.valueOf(other.getFileName()).equals(file))
              .toList();
    }
    if (found.isEmpty()) {
      return missing.missing(
          exact,
          place.error(
              "image '"
                  + name
                  + "' is missing: neither it nor it with one of the endings "
                  + String.join(" ", ImageWalker.ENDINGS)
                  + " is in "
                  + directory));
    }
    if (found.size() > 1) {
      throw place.error("image '" + name + "' must be one file but is " + both(found));
    }
    return found.get(0);
  }

  private String both(List<Path> files) {
    return directory.relativize(files.get(0)) + " and " + directory.relativize(files.get(1));
  }

  /** All images by name without ending, sorted by name. */
  List<DataSetImage> list() throws IOException {
    List<DataSetImage> images = new ArrayList<>();
    for (Map.Entry<String, List<Path>> entry : stems(directory).entrySet()) {
      List<Path> files = entry.getValue();
      if (files.size() > 1) {
        throw new DataSetException(
            directory, "image '" + entry.getKey() + "' must be one file but is " + both(files));
      }
      images.add(new DataSetImage(entry.getKey(), files.get(0)));
    }
    if (images.isEmpty()) {
      throw new DataSetException(directory, "no image is there");
    }
    images.sort(Comparator.comparing(DataSetImage::id));
    return images;
  }

  private Map<String, List<Path>> stems(Path parent) throws IOException {
    Map<String, List<Path>> known = stemsByDirectory.get(parent);
    if (known != null) {
      return known;
    }
    Map<String, List<Path>> stems = new HashMap<>();
    List<Path> files = new ArrayList<>();
    if (nested) {
      files.addAll(walk(parent, Distractors.DIRECTORIES));
    } else if (Files.isDirectory(parent)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, ImageWalker::isImage)) {
        entries.forEach(files::add);
      }
      files.sort(Comparator.naturalOrder());
    }
    for (Path file : files) {
      stems.computeIfAbsent(stem(file), s -> new ArrayList<>()).add(file);
    }
    stemsByDirectory.put(parent, stems);
    return stems;
  }

  /**
   * All images below a directory, sorted by path; links are followed.
   *
   * @param left names of directories that are passed over
   */
  static List<Path> walk(Path directory, Set<String> left) throws IOException {
    return ImageWalker.of(ImageWalker.Links.FOLLOWED).excluding(left).walk(directory).images();
  }
}
