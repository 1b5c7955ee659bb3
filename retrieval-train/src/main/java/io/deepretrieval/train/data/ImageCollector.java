// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.ImageSource;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Gathers what lists name: finds what is listed twice and what is missing. */
final class ImageCollector {
  private final List<Path> lists;
  private final Function<String, Path> place;
  private final MissingFiles rule;

  private final List<String> names = new ArrayList<>();
  private final List<String> classes = new ArrayList<>();
  private final Map<String, Integer> known = new HashMap<>();
  private final Map<String, String> classPool = new HashMap<>();
  private final List<SkippedImage> skipped = new ArrayList<>();
  private int[] lines = new int[64];
  private int[] listNumbers = new int[64];
  private String firstMissing = "";
  private int missing;

  /**
   * Starts without images.
   *
   * @param lists where names will come from
   * @param place the file of a name
   * @param rule what becomes of a missing one
   */
  ImageCollector(List<Path> lists, Function<String, Path> place, MissingFiles rule) {
    this.lists = List.copyOf(lists);
    this.place = place;
    this.rule = Objects.requireNonNull(rule, "missing");
  }

  /**
   * Takes an image. Two names are the same image if they are equal: a path must be normal.
   *
   * @param list number of the list
   * @param line number of the line in it, from 1
   */
  void add(String name, String className, int list, int line) throws TrainingDataException {
    if (name.isEmpty() || className.isEmpty()) {
      throw new TrainingDataException(
          lists.get(list),
          line,
          "line must have an image and a class but had '" + name + "' and '" + className + "'");
    }
    Integer earlier = known.get(name);
    if (earlier != null) {
      again(name, className, list, line, earlier);
      return;
    }
    if (rule != MissingFiles.UNCHECKED) {
      Path file = place.apply(name);
      if (!Files.isRegularFile(file)) {
        missing(name, file, list, line);
        return;
      }
    }
    int n = names.size();
    if (n == lines.length) {
      lines = Arrays.copyOf(lines, 2 * n);
      listNumbers = Arrays.copyOf(listNumbers, 2 * n);
    }
    lines[n] = line;
    listNumbers[n] = list;
    known.put(name, n);
    names.add(name);
    classes.add(classPool.computeIfAbsent(className, c -> c));
  }

  /** The path in its normal form, so that two ways to write it are one image. */
  static String path(String name, Path list, int line) throws TrainingDataException {
    try {
      return Path.of(name).normalize().toString();
    } catch (InvalidPathException e) {
      throw new TrainingDataException(
          list, line, "image '" + name + "' cannot be a file name here: " + e.getReason(), e);
    }
  }

  private void again(String name, String className, int list, int line, int earlier)
      throws TrainingDataException {
    String there = lists.get(listNumbers[earlier]) + ":" + lines[earlier];
    if (!classes.get(earlier).equals(className)) {
      throw new TrainingDataException(
          lists.get(list),
          line,
          "image '"
              + name
              + "' must have one class but has '"
              + className
              + "' here and '"
              + classes.get(earlier)
              + "' at "
              + there);
    }
    skipped.add(
        new SkippedImage(name, lists.get(list) + ":" + line + ": is listed at " + there + " too"));
  }

  private void missing(String name, Path file, int list, int line) {
    String problem = lists.get(list) + ":" + line + ": file " + file + " does not exist";
    if (missing++ == 0) {
      firstMissing = problem;
    }
    if (rule == MissingFiles.SKIP) {
      skipped.add(new SkippedImage(name, problem));
    }
  }

  LabeledImages finish() throws TrainingDataException {
    if (missing > 0 && rule == MissingFiles.REFUSE) {
      throw new TrainingDataException(
          firstMissing
              + (missing == 1
                  ? ""
                  : " (nor do " + (missing - 1) + " more of " + (names.size() + missing) + ")"));
    }
    if (names.isEmpty()) {
      throw new TrainingDataException(
          lists.get(0),
          "list must have at least one image that exists but had "
              + (missing == 0 ? "none" : missing + " missing ones only"));
    }
    String[] kept = names.toArray(String[]::new);
    return LabeledImages.of(i -> ImageSource.of(place.apply(kept[i])), classes, skipped);
  }
}
