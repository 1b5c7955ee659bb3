// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Finds the picture of a name that may lack its extension. Lists each directory once. */
final class ImageFiles {
  private static final List<String> EXTENSIONS =
      List.of("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp");

  private final Path directory;
  private final Map<Path, Map<String, List<Path>>> stemsByDirectory = new HashMap<>();

  private ImageFiles(Path directory) {
    this.directory = directory;
  }

  /** Pictures lie in {@code root/jpg} if there is such a directory, else in the root. */
  static ImageFiles under(Path root) throws DataSetException {
    if (!Files.isDirectory(root)) {
      throw new DataSetException(root, "data set directory does not exist");
    }
    Path jpg = root.resolve("jpg");
    return new ImageFiles((Files.isDirectory(jpg) ? jpg : root).toAbsolutePath().normalize());
  }

  Path directory() {
    return directory;
  }

  /**
   * Finds a picture.
   *
   * @param name as the ground truth has it
   * @param source where the ground truth has it, for the error
   * @param line where the ground truth has it, for the error
   */
  Path find(String name, Path source, int line) throws IOException {
    Path exact;
    try {
      exact = directory.resolve(name).normalize();
    } catch (InvalidPathException e) {
      throw new DataSetException(
          source,
          line,
          "image '"
              + name
              + "' cannot be a file name here ("
              + e.getReason()
              + "); names beyond ASCII need a UTF-8 locale",
          e);
    }
    // A list must not make a report show files from elsewhere.
    if (!exact.startsWith(directory) || exact.equals(directory)) {
      throw new DataSetException(
          source, line, "image '" + name + "' must lie under " + directory + " but does not");
    }
    if (Files.isRegularFile(exact)) {
      return exact;
    }
    Path parent = exact.getParent();
    List<Path> found =
        stems(parent == null ? directory : parent)
            .getOrDefault(String.valueOf(exact.getFileName()), List.of());
    if (found.isEmpty()) {
      throw new DataSetException(
          source,
          line,
          "image '"
              + name
              + "' is missing: neither it nor it with one of the endings "
              + String.join(" ", EXTENSIONS)
              + " is in "
              + directory);
    }
    if (found.size() > 1) {
      throw new DataSetException(
          source,
          line,
          "image '"
              + name
              + "' must be one file but is "
              + found.get(0).getFileName()
              + " and "
              + found.get(1).getFileName());
    }
    return found.get(0);
  }

  /** All pictures directly in the directory by name without ending, sorted by name. */
  List<DataSetImage> list() throws IOException {
    List<DataSetImage> images = new ArrayList<>();
    for (Map.Entry<String, List<Path>> entry : stems(directory).entrySet()) {
      List<Path> files = entry.getValue();
      if (files.size() > 1) {
        throw new DataSetException(
            directory,
            "image '"
                + entry.getKey()
                + "' must be one file but is "
                + files.get(0).getFileName()
                + " and "
                + files.get(1).getFileName());
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
    if (Files.isDirectory(parent)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
        for (Path entry : entries) {
          String file = String.valueOf(entry.getFileName());
          int dot = file.lastIndexOf('.');
          // A leading dot marks what file managers leave behind, such as ._photo.jpg.
          if (dot > 0
              && !file.startsWith(".")
              && EXTENSIONS.contains(file.substring(dot + 1).toLowerCase(Locale.ROOT))) {
            stems.computeIfAbsent(file.substring(0, dot), s -> new ArrayList<>()).add(entry);
          }
        }
      }
      stems.values().forEach(files -> files.sort(Comparator.naturalOrder()));
    }
    stemsByDirectory.put(parent, stems);
    return stems;
  }
}
