// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import io.deepretrieval.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is wrong with training data, found without decoding an image.
 *
 * @param singletons training classes of one image, of which no positive pair can be made
 * @param conflicts images with the same bytes in two classes of one part
 * @param leaks validation images with the same bytes as a training image
 * @param sharedClasses classes that are in both parts, by name
 * @param unreadable images whose bytes cannot be read
 */
public record DataReport(
    List<String> singletons,
    List<SameBytes> conflicts,
    List<SameBytes> leaks,
    List<String> sharedClasses,
    List<SkippedImage> unreadable) {

  /**
   * Two images with the same bytes.
   *
   * @param first the image that comes first, in training if there are two parts
   * @param firstClass its class
   * @param second the other
   * @param secondClass its class
   */
  public record SameBytes(String first, String firstClass, String second, String secondClass) {}

  /**
   * Copies the lists.
   *
   * @param singletons training classes of one image, of which no positive pair can be made
   * @param conflicts images with the same bytes in two classes of one part
   * @param leaks validation images with the same bytes as a training image
   * @param sharedClasses classes that are in both parts, by name
   * @param unreadable images whose bytes cannot be read
   */
  public DataReport {
    singletons = List.copyOf(singletons);
    conflicts = List.copyOf(conflicts);
    leaks = List.copyOf(leaks);
    sharedClasses = List.copyOf(sharedClasses);
    unreadable = List.copyOf(unreadable);
  }

  /**
   * Checks training data. Reads every byte of every image once.
   *
   * @param training the images
   * @return what was found
   */
  public static DataReport of(LabeledImages training) {
    Scan scan = new Scan();
    scan.read(training, true);
    return new DataReport(
        singletons(training), scan.conflicts, List.of(), List.of(), scan.unreadable);
  }

  /**
   * Checks training and validation data. Reads every byte of every image once.
   *
   * @param training the images to train with
   * @param validation the images to measure with
   * @return what was found
   */
  public static DataReport of(LabeledImages training, LabeledImages validation) {
    Scan scan = new Scan();
    scan.read(training, true);
    scan.read(validation, false);
    Set<String> shared = new HashSet<>(used(training));
    shared.retainAll(used(validation));
    return new DataReport(
        singletons(training),
        scan.conflicts,
        scan.leaks,
        shared.stream().sorted().toList(),
        scan.unreadable);
  }

  /**
   * Tells whether nothing was found.
   *
   * @return true if all lists are empty
   */
  public boolean isClean() {
    return singletons.isEmpty()
        && conflicts.isEmpty()
        && leaks.isEmpty()
        && sharedClasses.isEmpty()
        && unreadable.isEmpty();
  }

  /**
   * Puts the findings into words.
   *
   * @return one line a finding; empty if there is none
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    unreadable.forEach(u -> lines.add("image cannot be read: " + u.reason()));
    conflicts.forEach(c -> lines.add("same bytes in two classes: " + words(c)));
    leaks.forEach(l -> lines.add("same bytes in training and validation: " + words(l)));
    sharedClasses.forEach(c -> lines.add("class in training and validation: " + c));
    singletons.forEach(c -> lines.add("class of one image: " + c));
    return lines;
  }

  private static String words(SameBytes same) {
    return same.first
        + " (class "
        + same.firstClass
        + ") and "
        + same.second
        + " (class "
        + same.secondClass
        + ")";
  }

  private static List<String> singletons(LabeledImages images) {
    List<String> names = new ArrayList<>();
    for (int c = 0; c < images.classCount(); c++) {
      if (images.countOf(c) == 1) {
        names.add(images.classNames().get(c));
      }
    }
    return names;
  }

  /** Classes with an image. */
  private static Set<String> used(LabeledImages images) {
    Set<String> names = new HashSet<>();
    for (int c = 0; c < images.classCount(); c++) {
      if (images.countOf(c) > 0) {
        names.add(images.classNames().get(c));
      }
    }
    return names;
  }

  /** Reads images and remembers the first of each content. */
  private static final class Scan {
    private record Seen(String name, String className) {}

    private final Map<HashCode, Seen> training = new HashMap<>();
    private final Map<HashCode, Seen> validation = new HashMap<>();
    private final List<SameBytes> conflicts = new ArrayList<>();
    private final List<SameBytes> leaks = new ArrayList<>();
    private final List<SkippedImage> unreadable = new ArrayList<>();

    void read(LabeledImages images, boolean toTrain) {
      Map<HashCode, Seen> own = toTrain ? training : validation;
      for (int i = 0; i < images.size(); i++) {
        String name = images.source(i).name();
        HashCode hash;
        try {
          hash = bytes(images.source(i)).hash(Hashing.sha256());
        } catch (IOException e) {
          unreadable.add(new SkippedImage(name, name + ": " + e));
          continue;
        }
        Seen seen = new Seen(name, images.classNames().get(images.label(i)));
        Seen before = own.putIfAbsent(hash, seen);
        if (before != null && !before.className.equals(seen.className)) {
          conflicts.add(same(before, seen));
        }
        Seen trained = training.get(hash);
        if (!toTrain && trained != null) {
          leaks.add(same(trained, seen));
        }
      }
    }

    private static SameBytes same(Seen a, Seen b) {
      return new SameBytes(a.name, a.className, b.name, b.className);
    }

    private static ByteSource bytes(ImageSource source) {
      return new ByteSource() {
        @Override
        public InputStream openStream() throws IOException {
          return source.open();
        }
      };
    }
  }
}
