// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Small sets of labeled images and images. */
public final class Sets {
  private Sets() {}

  /** So many images of class 0, of class 1 and so on; image i is named and filled "image i". */
  public static LabeledImages ofSizes(int... sizes) {
    LabeledImages.Builder set = LabeledImages.builder();
    int n = 0;
    for (int c = 0; c < sizes.length; c++) {
      for (int i = 0; i < sizes[c]; i++) {
        set.add(source("image " + n++), String.valueOf(c));
      }
    }
    return set.build();
  }

  /** Between one and {@code most} images of each class, in random order of the classes. */
  public static LabeledImages random(Random random, int classes, int most) {
    List<Integer> labels = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      for (int i = 1 + random.nextInt(most); i > 0; i--) {
        labels.add(random.nextInt(labels.size() + 1), c);
      }
    }
    LabeledImages.Builder set = LabeledImages.builder();
    for (int i = 0; i < labels.size(); i++) {
      set.add(source("image " + i), String.valueOf(labels.get(i)));
    }
    return set.build();
  }

  static ImageSource source(String name) {
    return ImageSource.of(name, name.getBytes(StandardCharsets.UTF_8));
  }

  static List<String> names(LabeledImages set) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      names.add(set.source(i).name());
    }
    return names;
  }

  static int[] labels(LabeledImages set) {
    int[] labels = new int[set.size()];
    Arrays.setAll(labels, set::label);
    return labels;
  }

  static Path write(Path directory, String name, String... lines) throws IOException {
    return Files.writeString(directory.resolve(name), String.join("\n", lines) + "\n");
  }

  static void touch(Path root, String... files) throws IOException {
    for (String file : files) {
      Path path = root.resolve(file);
      Path parent = path.getParent();
      assertThat(parent).isNotNull();
      Files.createDirectories(parent);
      Files.writeString(path, file);
    }
  }

  public static RgbImage noise(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return RgbImage.copyOf(width, height, rgb);
  }

  /** The pixel at (x, y) is 256·x + y: a part of the image tells where it was. */
  public static RgbImage coordinates(int width, int height) {
    int[] pixels = new int[width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i % width << 8 | i / width;
    }
    return RgbImage.ofPacked(width, height, pixels);
  }

  public static RgbImage plain(int width, int height, int color) {
    int[] pixels = new int[width * height];
    Arrays.fill(pixels, color);
    return RgbImage.ofPacked(width, height, pixels);
  }

  public static byte[] png(RgbImage image) {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        buffered.setRGB(x, y, image.rgb(x, y));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      assertThat(ImageIO.write(buffered, "png", out)).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
