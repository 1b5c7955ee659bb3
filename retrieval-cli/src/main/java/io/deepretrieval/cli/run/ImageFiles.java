// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ImageSource;
import io.deepretrieval.internal.ImageWalker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The images below a directory. */
public final class ImageFiles {
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
              + String.join(", ", ImageWalker.ENDINGS.stream().sorted().toList())
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
    ImageWalker.Found found = ImageWalker.of(ImageWalker.Links.LEFT_OUT).walk(directory);
    return found.images().stream()
        .map(file -> ExtractionItem.of(found.name(file), ImageSource.of(file)))
        .toList();
  }
}
