// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.load;

import io.deepretrieval.RgbImage;
import io.deepretrieval.train.data.SkippedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The images of a training step.
 *
 * @param step number of the batch in its epoch
 * @param images the images in the order of the batch, without those that were skipped
 * @param skipped the images that could not be decoded, in the same order
 */
public record LoadedBatch(int step, List<Image> images, List<SkippedImage> skipped) {
  /**
   * An image.
   *
   * @param row its place in the batch as it was drawn
   * @param image its number among the labeled images
   * @param label its class
   * @param pixels the image, varied
   */
  public record Image(int row, int image, int label, RgbImage pixels) {}

  /**
   * Copies the lists.
   *
   * @param step number of the batch in its epoch
   * @param images the images in the order of the batch, without those that were skipped
   * @param skipped the images that could not be decoded, in the same order
   */
  public LoadedBatch {
    images = List.copyOf(images);
    skipped = List.copyOf(skipped);
  }

  /**
   * Leaves out groups that lack an image: pairs whose other half was skipped, tuples without their
   * query. Row r belongs to group ⌊r/rows⌋.
   *
   * @param rows rows of a group, at least 1
   * @return a batch of whole groups, in the same order
   * @throws IllegalArgumentException if the number is less than 1
   */
  public LoadedBatch wholeGroups(int rows) {
    return new LoadedBatch(step, wholeGroups(images, Image::row, rows), skipped);
  }

  /**
   * Leaves out groups that lack a member, of whatever a batch was made into.
   *
   * @param <T> what stands for an image
   * @param items in the order of the batch, each row once at most
   * @param row gives the place in the batch as it was drawn
   * @param rows rows of a group, at least 1
   * @return the members of whole groups, in the same order
   * @throws IllegalArgumentException if the number is less than 1
   */
  public static <T> List<T> wholeGroups(List<T> items, ToIntFunction<T> row, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows of a group must be >= 1 but were " + rows);
    }
    List<T> whole = new ArrayList<>();
    int from = 0;
    while (from < items.size()) {
      int group = row.applyAsInt(items.get(from)) / rows;
      int to = from;
      while (to < items.size() && row.applyAsInt(items.get(to)) / rows == group) {
        to++;
      }
      if (to - from == rows) {
        whole.addAll(items.subList(from, to));
      }
      from = to;
    }
    return whole;
  }
}
