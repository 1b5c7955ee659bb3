// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.ImageSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/**
 * Images with the class of each: image i in [0, N) shows class {@code label(i)} in [0, C).
 *
 * <p>Classes are numbered in the order of their names: by value if all names are whole numbers, by
 * characters otherwise. Images keep the order of the list, or the order of the paths if they come
 * from folders. The same data thus have the same numbers on every machine.
 *
 * <p>Text files are UTF-8, with or without a byte order mark, with any kind of line break; blank
 * lines are passed over. An image that is listed twice under one class is kept once and appears in
 * {@link #skipped}; one that is listed under two classes is an error. Paths are relative to a root
 * directory unless they are absolute.
 *
 * <p>Immutable and thread-safe. Memory: the names, and 12 bytes an image.
 */
public final class LabeledImages {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private final IntFunction<ImageSource> sources;
  private final int[] labels;
  private final List<String> classNames;
  private final List<SkippedImage> skipped;

  /** Images grouped by class, and where each class begins. */
  private final int[] grouped;

  private final int[] starts;

  private LabeledImages(
      IntFunction<ImageSource> sources,
      int[] labels,
      List<String> classNames,
      List<SkippedImage> skipped) {
    this.sources = sources;
    this.labels = labels;
    this.classNames = List.copyOf(classNames);
    this.skipped = List.copyOf(skipped);
    starts = new int[classNames.size() + 1];
    for (int label : labels) {
      starts[label + 1]++;
    }
    for (int c = 0; c < classNames.size(); c++) {
      starts[c + 1] += starts[c];
    }
    grouped = new int[labels.length];
    int[] next = starts.clone();
    for (int i = 0; i < labels.length; i++) {
      grouped[next[labels[i]]++] = i;
    }
  }

  /** Numbers the classes in the order of their names. */
  static LabeledImages of(
      IntFunction<ImageSource> sources, List<String> classes, List<SkippedImage> skipped) {
    List<String> names = new ArrayList<>(new HashSet<>(classes));
    names.sort(order(names));
    return new LabeledImages(sources, numbered(classes, names), names, skipped);
  }

  private static Comparator<String> order(List<String> names) {
    return names.stream().allMatch(name -> WHOLE_NUMBER.matcher(name).matches())
        ? Comparator.<String>comparingLong(Long::parseLong).thenComparing(Comparator.naturalOrder())
        : Comparator.naturalOrder();
  }

  private static int[] numbered(List<String> classes, List<String> names) {
    Map<String, Integer> numbers = new HashMap<>();
    for (String name : names) {
      numbers.put(name, numbers.size());
    }
    return classes.stream().mapToInt(numbers::get).toArray();
  }

  /**
   * Reads a folder with one folder a class, whose name is that of the class. Images may lie deeper
   * in it; links are followed. Files are images by their ending: jpg, jpeg, png, webp, gif, bmp,
   * tif or tiff. Names that begin with a dot are passed over; other files, images outside the class
   * folders and class folders without an image appear in {@link #skipped}.
   *
   * @param root the folder of the folders
   * @return the images in the order of their paths
   * @throws IOException if a folder cannot be read, or no class has an image
   */
  public static LabeledImages ofFolders(Path root) throws IOException {
    return ImageFolders.read(Objects.requireNonNull(root, "root"));
  }

  /**
   * Reads a list with the image and the class on each line. What the file is shows its ending:
   *
   * <ul>
   *   <li>{@code .csv} is separated by commas and quoted by {@code "}, {@code .tsv} by tabs and
   *       never quoted. The first line is a header if it has a column named {@code image}, {@code
   *       path}, {@code file} or {@code filename} and one named {@code label}, {@code class},
   *       {@code group} or {@code landmark_id}, in either case; other columns are passed over.
   *       Without a header each line has the image and the class.
   *   <li>Anything else has the image, blanks and the class, which itself has no blank.
   * </ul>
   *
   * @param file the list
   * @param root the folder that the paths are relative to
   * @param missing what becomes of files that are not there
   * @return the images in the order of the list
   * @throws IOException if the list cannot be read; the message names the file and the line
   */
  public static LabeledImages ofList(Path file, Path root, MissingFiles missing)
      throws IOException {
    return ImageLists.read(List.of(file), Objects.requireNonNull(root, "root"), missing);
  }

  /**
   * Says whether a list is one for {@link #ofGldv2}: a {@code .csv} whose first line has the
   * columns {@code landmark_id} and {@code id} or {@code images}, and none that {@link #ofList}
   * would take for the image. Reads no further.
   *
   * @param file the list
   * @return true if it has those columns
   * @throws IOException if the list cannot be read; the message names the file
   */
  public static boolean isGldv2(Path file) throws IOException {
    return ImageLists.isGldv2(Objects.requireNonNull(file, "file"));
  }

  /**
   * Reads a training list of the Google Landmarks Dataset v2: {@code train.csv} with the columns
   * {@code id}, {@code landmark_id}, or {@code train_clean.csv} with {@code landmark_id}, {@code
   * images}. The image of id {@code abc…} is {@code a/b/c/abc….jpg} or, where that is not there,
   * {@code abc….jpg}. Landmarks are compared as numbers.
   *
   * @param file the list
   * @param images the folder of the images, usually {@code train}
   * @param missing what becomes of files that are not there
   * @return the images in the order of the list
   * @throws IOException if the list cannot be read; the message names the file and the line
   * @see <a href="https://arxiv.org/abs/2004.01804">T. Weyand, A. Araujo, B. Cao, J. Sim, Google
   *     Landmarks Dataset v2, CVPR 2020</a>
   */
  public static LabeledImages ofGldv2(Path file, Path images, MissingFiles missing)
      throws IOException {
    return ImageLists.readGldv2(file, Objects.requireNonNull(images, "images"), missing);
  }

  /**
   * Reads lists of the Landmarks set of the neural codes, for instance its clean lists: image,
   * blank and class on each line. An image may be in several lists.
   *
   * @param files the lists
   * @param root the folder that the paths are relative to
   * @param missing what becomes of files that are not there
   * @return the images in the order of the lists
   * @throws IOException if a list cannot be read; the message names the file and the line
   * @throws IllegalArgumentException if there is no list
   * @see <a href="https://arxiv.org/abs/1404.1777">A. Babenko, A. Slesarev, A. Chigorin, V.
   *     Lempitsky, Neural Codes for Image Retrieval, ECCV 2014</a>
   */
  public static LabeledImages ofNeuralCodes(List<Path> files, Path root, MissingFiles missing)
      throws IOException {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("lists must number at least 1 but were 0");
    }
    return ImageLists.readPlain(files, Objects.requireNonNull(root, "root"), missing);
  }

  /**
   * Begins a set whose images come from anywhere.
   *
   * @return a builder without images
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the number of images.
   *
   * @return N, at least 1
   */
  public int size() {
    return labels.length;
  }

  /**
   * Returns an image.
   *
   * @param image in [0, N)
   * @return where its bytes come from
   * @throws IndexOutOfBoundsException if there is no such image
   */
  public ImageSource source(int image) {
    Objects.checkIndex(image, labels.length);
    return sources.apply(image);
  }

  /**
   * Returns the class of an image.
   *
   * @param image in [0, N)
   * @return in [0, C)
   * @throws IndexOutOfBoundsException if there is no such image
   */
  public int label(int image) {
    Objects.checkIndex(image, labels.length);
    return labels[image];
  }

  /**
   * Returns the number of classes.
   *
   * @return C, at least 1
   */
  public int classCount() {
    return classNames.size();
  }

  /**
   * Returns the names of the classes.
   *
   * @return C names by the number of the class
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Returns the images of a class.
   *
   * @param label in [0, C)
   * @return a new array of images in their order; empty only after {@link #withClasses}
   * @throws IndexOutOfBoundsException if there is no such class
   */
  public int[] imagesOf(int label) {
    Objects.checkIndex(label, classNames.size());
    return Arrays.copyOfRange(grouped, starts[label], starts[label + 1]);
  }

  /**
   * Returns the number of images of a class.
   *
   * @param label in [0, C)
   * @return at least 0
   * @throws IndexOutOfBoundsException if there is no such class
   */
  public int countOf(int label) {
    Objects.checkIndex(label, classNames.size());
    return starts[label + 1] - starts[label];
  }

  /**
   * Returns what the reader left out.
   *
   * @return images that were missing or listed again, and files that are no images
   */
  public List<SkippedImage> skipped() {
    return skipped;
  }

  /**
   * Numbers the classes like another set, as a classifier needs it for its validation.
   *
   * @param names the classes in the order of their new numbers
   * @return the same images
   * @throws IllegalArgumentException if a class of an image is not among them, or a name is there
   *     twice
   */
  public LabeledImages withClasses(List<String> names) {
    Map<String, Integer> numbers = new HashMap<>();
    for (String name : names) {
      if (numbers.put(name, numbers.size()) != null) {
        throw new IllegalArgumentException(
            "classes must be different but '" + name + "' is there twice");
      }
    }
    int[] renumbered = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      Integer number = numbers.get(classNames.get(labels[i]));
      if (number == null) {
        throw new IllegalArgumentException(
            "class of an image must be one of the "
                + names.size()
                + " given but was '"
                + classNames.get(labels[i])
                + "' ("
                + source(i).name()
                + ")");
      }
      renumbered[i] = number;
    }
    return new LabeledImages(sources, renumbered, names, skipped);
  }

  /**
   * Draws classes for validation, so that no class is in both parts.
   *
   * @param share of the classes that go to validation, in (0, 1); at least one class and not all
   * @param seed what the choice depends on, besides the number of classes; those without an image
   *     go to training
   * @return two parts, whose classes are numbered again from 0 in the same order
   * @throws IllegalArgumentException if the share is out of its range or fewer than two classes
   *     have images
   */
  public Split splitByClass(double share, long seed) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("validation share must be in (0, 1) but was " + share);
    }
    int[] classes = Seeds.classesOf(this, 1);
    if (classes.length < 2) {
      throw new IllegalArgumentException(
          "a split needs at least 2 classes but had " + classes.length);
    }
    int count =
        (int) Math.min(classes.length - 1L, Math.max(1, Math.round(share * classes.length)));
    int[] order = Seeds.permutation(classes.length, new Random(Seeds.of(seed)));
    boolean[] validation = new boolean[classCount()];
    for (int i = 0; i < count; i++) {
      validation[classes[order[i]]] = true;
    }
    return new Split(part(validation, false), part(validation, true));
  }

  private LabeledImages part(boolean[] validation, boolean wanted) {
    int[] chosen = new int[labels.length];
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      if (validation[labels[i]] == wanted) {
        chosen[classes.size()] = i;
        classes.add(classNames.get(labels[i]));
      }
    }
    List<String> names = new ArrayList<>();
    for (int c = 0; c < classNames.size(); c++) {
      if (validation[c] == wanted) {
        names.add(classNames.get(c));
      }
    }
    int[] kept = Arrays.copyOf(chosen, classes.size());
    return new LabeledImages(
        i -> sources.apply(kept[i]), numbered(classes, names), names, List.of());
  }

  @Override
  public String toString() {
    return "LabeledImages[" + labels.length + " images, " + classNames.size() + " classes]";
  }

  /**
   * Two parts without a common class.
   *
   * @param training the larger part
   * @param validation the part that was drawn
   */
  public record Split(LabeledImages training, LabeledImages validation) {}

  /** Collects images one by one. For one thread. */
  public static final class Builder {
    private final List<ImageSource> images = new ArrayList<>();
    private final List<String> classes = new ArrayList<>();

    private Builder() {}

    /**
     * Adds an image.
     *
     * @param image where its bytes come from
     * @param className its class, not blank
     * @return this builder
     * @throws IllegalArgumentException if the class is blank
     */
    public Builder add(ImageSource image, String className) {
      Objects.requireNonNull(image, "image");
      if (className.isBlank()) {
        throw new IllegalArgumentException(
            "class must not be blank but was '" + className + "' (" + image.name() + ")");
      }
      images.add(image);
      classes.add(className);
      return this;
    }

    /**
     * Makes the set.
     *
     * @return the images in the order in which they were added
     * @throws IllegalArgumentException if there is none
     */
    public LabeledImages build() {
      if (images.isEmpty()) {
        throw new IllegalArgumentException("images must number at least 1 but were 0");
      }
      return of(List.copyOf(images)::get, classes, List.of());
    }
  }
}
