// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;

/** Small images, each of a tone of its own with noise. */
public final class Drawn {
  private static final int NOISE = 0x3F3F3F;

  private Drawn() {}

  /**
   * Draws an image, the same for the same seed.
   *
   * @param file where, as PNG if it is called so, else as JPEG
   * @param seed of tone and noise
   * @param size pixels of a side
   * @throws IOException if it cannot be written
   */
  public static void image(Path file, long seed, int size) throws IOException {
    Random random = new Random(seed);
    int tone = random.nextInt();
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        image.setRGB(x, y, tone ^ (random.nextInt() & NOISE));
      }
    }
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    String name = file.toString();
    ImageIO.write(image, name.endsWith(".png") ? "png" : "jpg", file.toFile());
  }

  /**
   * Draws the layout of groups: four of a group, the first a query too; names p0, p1 and so on.
   *
   * @param root directory of the data set
   * @param images how many
   * @param size pixels of a side
   * @throws IOException if it cannot be written
   */
  public static void groups(Path root, int images, int size) throws IOException {
    StringBuilder list = new StringBuilder("image\tgroup\trole\n");
    for (int i = 0; i < images; i++) {
      image(root.resolve("jpg/p" + i + ".png"), 7L + i, size);
      list.append("p" + i + "\tg" + i / 4 + "\t" + (i % 4 == 0 ? "both" : "database") + "\n");
    }
    Files.writeString(root.resolve("list.tsv"), list);
  }
}
