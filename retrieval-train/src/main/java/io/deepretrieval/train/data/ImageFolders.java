// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.ImageSource;
import io.deepretrieval.internal.ImageWalker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads a folder a class. */
final class ImageFolders {
  private static final ImageWalker WALKER = ImageWalker.of(ImageWalker.Links.FOLLOWED);

  private ImageFolders() {}

  static LabeledImages read(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new TrainingDataException(root, "folder does not exist");
    }
    List<Path> images = new ArrayList<>();
    List<String> classes = new ArrayList<>();
    List<SkippedImage> skipped = new ArrayList<>();
    for (Path entry : children(root)) {
      String name = name(entry);
      if (ImageWalker.isHidden(entry)) {
        continue;
      }
      if (!Files.isDirectory(entry)) {
        skipped.add(new SkippedImage(name, root + ": file lies in no class folder"));
        continue;
      }
      ImageWalker.Found found = WALKER.walk(entry);
      for (Path file : found.images()) {
        images.add(file);
        classes.add(name);
      }
      for (ImageWalker.LeftOut left : found.leftOut()) {
        if (left.reason() != ImageWalker.Reason.HIDDEN) {
          String relative = root.relativize(entry.resolve(left.path())).toString();
          String problem =
              left.reason() == ImageWalker.Reason.ENDING
                  ? ": file has no ending of an image"
                  : ": is no regular file";
          skipped.add(new SkippedImage(relative, root + problem));
        }
      }
      if (found.images().isEmpty()) {
        skipped.add(new SkippedImage(name, root + ": class folder has no image"));
      }
    }
    if (images.isEmpty()) {
      throw new TrainingDataException(
          root, "folder must have at least one folder with an image but has none");
    }
    Path[] kept = images.toArray(Path[]::new);
    return LabeledImages.of(i -> ImageSource.of(kept[i]), classes, skipped);
  }

  private static List<Path> children(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries.sorted().toList();
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
