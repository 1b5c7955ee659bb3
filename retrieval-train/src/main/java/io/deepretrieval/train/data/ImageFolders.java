// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.ImageSource;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Reads a folder a class. */
final class ImageFolders {
  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff");

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
      if (name.startsWith(".")) {
        continue;
      }
      if (!Files.isDirectory(entry)) {
        skipped.add(new SkippedImage(name, root + ": file lies in no class folder"));
        continue;
      }
      int before = images.size();
      for (Path file : filesIn(entry)) {
        if (ENDINGS.contains(ending(file))) {
          images.add(file);
          classes.add(name);
        } else {
          String relative = root.relativize(file).toString();
          skipped.add(new SkippedImage(relative, root + ": file has no ending of an image"));
        }
      }
      if (images.size() == before) {
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

  private static List<Path> filesIn(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
            return name(at).startsWith(".")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path at, BasicFileAttributes attributes) {
            if (!name(at).startsWith(".")) {
              files.add(at);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(null);
    return files;
  }

  private static String ending(Path file) {
    String name = name(file);
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
