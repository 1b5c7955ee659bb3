// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.train.load.Augmentation;
import picocli.CommandLine.Option;

/** How {@code finetune} varies images. */
final class AugmentationOptions {
  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "224",
      description = "Training images are N x N crops. Default: ${DEFAULT-VALUE}.")
  private int size = 224;

  @Option(
      names = "--crop",
      paramLabel = "LEAST",
      defaultValue = "0.6",
      description =
          "Least share of an image that a crop shows, 1 for all. Default: ${DEFAULT-VALUE}.")
  private double crop = 0.6;

  @Option(names = "--no-flip", description = "Do not mirror images: for text and logos.")
  private boolean noFlip;

  @Option(
      names = {"--color", "--colour"},
      paramLabel = "V",
      defaultValue = "0.2",
      description = "How far brightness, contrast and saturation vary. Default: ${DEFAULT-VALUE}.")
  private double color = 0.2;

  /** Height and width of what is trained on. */
  int size() {
    return size;
  }

  Augmentation augmentation() {
    return Augmentation.builder()
        .crop(crop, 1)
        .flip(noFlip ? 0 : 0.5)
        .brightness(color)
        .contrast(color)
        .saturation(color)
        .size(size, size)
        .build();
  }
}
