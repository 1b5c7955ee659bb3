// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The images below a directory. */
public final class ImageFiles {
  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "webp");

  private ImageFiles() {}

  /**
   * Lists the files that are called images, in all folders, sorted; the id of each is its path from
   * the directory, with slashes.
   *
   * @param directory where to look
   * @return at least one
   * @throws IOException if there is none, or the directory cannot be read
   */
  public static List<ExtractionItem> below(Path directory) throws IOException {
    List<ExtractionItem> items = list(directory);
    if (items.isEmpty()) {
      throw new IOException(
          "no image is below "
              + directory
              + " (endings: "
              + String.join(", ", ENDINGS.stream().sorted().toList())
              + ")");
    }
    return items;
  }

  /**
   * Lists the same files, of which there may be none.
   *
   * @param directory where to look
   * @return any number
   * @throws IOException if the directory cannot be read
   */
  public static List<ExtractionItem> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(ImageFiles::isImage)
          .map(f -> ExtractionItem.of(id(directory, f), ImageSource.of(f)))
          .sorted((a, b) -> a.id().compareTo(b.id()))
          .toList();
    }
  }

  private static String id(Path directory, Path file) {
    return directory.relativize(file).toString().replace('\\', '/');
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString();
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }
}
