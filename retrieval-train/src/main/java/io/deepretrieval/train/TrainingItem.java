// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An image of a batch: its pixels, or what the untrained layers made of them. */
record TrainingItem(
    int row, int image, int label, @Nullable RgbImage pixels, @Nullable FeatureMap map) {
  static TrainingItem of(int row, int image, int label, RgbImage pixels) {
    return new TrainingItem(row, image, label, pixels, null);
  }

  static TrainingItem of(int row, int image, int label, FeatureMap map) {
    return new TrainingItem(row, image, label, null, map);
  }

  /** What must be equal for images to run together. */
  List<Integer> size() {
    if (map != null) {
      return List.of(map.height(), map.width());
    }
    RgbImage image = Objects.requireNonNull(pixels);
    return List.of(image.height(), image.width());
  }

  /** Runs items of one size and keeps what a backward needs. */
  static List<FeatureMap> forward(TrainableBackbone backbone, List<TrainingItem> items) {
    return items.get(0).map != null
        ? ((FrozenTrunk) backbone).forwardFrom(maps(items))
        : backbone.forward(pixels(items));
  }

  /** Runs items of one size without keeping anything. */
  static List<FeatureMap> extract(TrainableBackbone backbone, List<TrainingItem> items) {
    return items.get(0).map != null
        ? ((FrozenTrunk) backbone).extractFrom(maps(items))
        : backbone.extract(pixels(items));
  }

  private static List<FeatureMap> maps(List<TrainingItem> items) {
    return items.stream().map(item -> Objects.requireNonNull(item.map)).toList();
  }

  private static List<RgbImage> pixels(List<TrainingItem> items) {
    return items.stream().map(item -> Objects.requireNonNull(item.pixels)).toList();
  }
}
