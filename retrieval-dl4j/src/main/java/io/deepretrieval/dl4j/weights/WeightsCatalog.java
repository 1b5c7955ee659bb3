// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The weights that torchvision publishes for the networks of this library, by name.
 *
 * <p>All were trained by the authors of torchvision on ImageNet-1k. The code of torchvision has the
 * BSD 3-clause license; of the weights it says that they may have licenses or terms of their own,
 * derived from the data set trained on, and that the user has to find out whether the use at hand
 * is allowed. ImageNet grants its images for non-commercial research and education. Nothing of it
 * is part of this library, and nothing is fetched but by {@link WeightsDownload#fetch()}.
 *
 * <p>Immutable and thread-safe.
 */
public final class WeightsCatalog {
  /** What stands before a name where a file could stand too. */
  public static final String PREFIX = "torchvision:";

  private static final Pattern FILE =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*-([0-9a-f]{8,64})\\.pth");

  private static final List<Entry> ENTRIES =
      List.of(
          v1("alexnet", "AlexNet", "alexnet-owt-7be5be79.pth"),
          v1("vgg16", "VGG16", "vgg16-397923af.pth"),
          v1("resnet18", "ResNet18", "resnet18-f37072fd.pth"),
          v1("resnet34", "ResNet34", "resnet34-b627a593.pth"),
          v1("resnet50", "ResNet50", "resnet50-0676ba61.pth"),
          v2("resnet50", "ResNet50", "resnet50-11ad3fa6.pth"),
          v1("resnet101", "ResNet101", "resnet101-63fe2227.pth"),
          v2("resnet101", "ResNet101", "resnet101-cd907fc2.pth"),
          v1("resnet152", "ResNet152", "resnet152-394f9c45.pth"),
          v2("resnet152", "ResNet152", "resnet152-f82ba261.pth"));

  private WeightsCatalog() {}

  /**
   * A file of weights.
   *
   * @param name the name to ask for it by, for instance {@code resnet50-v2}
   * @param backbone the network it is for, for instance {@code resnet50}
   * @param official what its publisher calls it, for instance {@code
   *     ResNet50_Weights.IMAGENET1K_V2}
   * @param file the name of the file, which ends with a hyphen, the first 8 to 64 hexadecimal
   *     digits of its SHA-256, and {@code .pth}
   */
  public record Entry(String name, String backbone, String official, String file) {
    /**
     * Makes an entry, for weights of one's own too.
     *
     * @param name as above
     * @param backbone as above
     * @param official as above
     * @param file as above
     * @throws IllegalArgumentException if the file is not named so
     */
    public Entry {
      if (!FILE.matcher(file).matches()) {
        throw new IllegalArgumentException(
            "a file of weights must be named NAME-HASH.pth, HASH being 8 to 64 lower-case"
                + " hexadecimal digits, but was '"
                + file
                + "'");
      }
    }

    /**
     * Returns what the SHA-256 of the file begins with.
     *
     * @return 8 to 64 lower-case hexadecimal digits
     */
    public String hash() {
      Matcher matcher = FILE.matcher(file);
      if (!matcher.matches()) {
        throw new AssertionError("checked by the constructor: " + file);
      }
      return matcher.group(1);
    }
  }

  /**
   * Lists what there is.
   *
   * @return AlexNet, VGG16 and the ResNets, V1 before V2
   */
  public static List<Entry> entries() {
    return ENTRIES;
  }

  /**
   * Finds weights by name.
   *
   * @param name as of {@link Entry#name()}, with or without {@code torchvision:} before it; a name
   *     of a network alone, {@code resnet50}, means its V1, which published retrieval results began
   *     with
   * @return the entry
   * @throws IllegalArgumentException if there are none of that name; the names are in the message
   */
  public static Entry get(String name) {
    String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    for (Entry entry : ENTRIES) {
      if (entry.name().equals(plain) || entry.name().equals(plain + "-v1")) {
        return entry;
      }
    }
    throw new IllegalArgumentException(
        "weights must be one of "
            + String.join(", ", ENTRIES.stream().map(Entry::name).toList())
            + " but were '"
            + plain
            + "'");
  }

  /**
   * Finds the file that {@code torchvision:NAME} stands for. Nothing is downloaded, and the content
   * of the file is not checked.
   *
   * @param name as {@link #get} takes it
   * @param backbone the network that the weights are for, for instance {@code resnet50}
   * @param cache the directory of downloaded files
   * @return the file, which exists
   * @throws IllegalArgumentException if there are no weights of that name, or they are of another
   *     network
   * @throws IOException if the file is not in the cache; the message says what brings it there
   */
  public static Path cached(String name, String backbone, Path cache) throws IOException {
    Entry entry = get(name);
    if (!entry.backbone().equals(backbone)) {
      throw new IllegalArgumentException(
          "weights of backbone "
              + backbone
              + " must be of that network but "
              + name
              + " are of "
              + entry.backbone());
    }
    WeightsDownload download = WeightsDownload.builder(entry).cache(cache).build();
    if (!Files.isRegularFile(download.file())) {
      throw new IOException(
          "weights "
              + name
              + " must be in the cache but are not: the command 'weights "
              + entry.name()
              + "' or WeightsDownload brings "
              + download.uri()
              + " to "
              + download.file());
    }
    return download.file();
  }

  private static Entry v1(String backbone, String official, String file) {
    return new Entry(backbone + "-v1", backbone, official + "_Weights.IMAGENET1K_V1", file);
  }

  private static Entry v2(String backbone, String official, String file) {
    return new Entry(backbone + "-v2", backbone, official + "_Weights.IMAGENET1K_V2", file);
  }
}
