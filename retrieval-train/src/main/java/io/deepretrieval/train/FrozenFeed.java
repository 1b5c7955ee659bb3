// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.RgbImage;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.SkippedImage;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.load.LoadedBatch;
import io.deepretrieval.train.load.LoadedBatches;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Batches of what the untrained layers made of images, from the cache as far as it has them. */
final class FrozenFeed implements BatchFeed {
  private final TrainingOptions options;
  private final LabeledImages images;
  private final SkippedImages skipped;
  private final FrozenMaps frozen;
  private final List<int[]> batches;
  private final int view;
  private final LoadedBatches loaded;

  /** The batches with images that are decoded. */
  private final Set<Integer> loads = new HashSet<>();

  private int at;

  FrozenFeed(
      TrainingOptions options,
      SkippedImages skipped,
      FrozenMaps frozen,
      List<int[]> batches,
      int epoch,
      int from) {
    this.options = options;
    this.images = options.training;
    this.skipped = skipped;
    this.frozen = frozen;
    this.batches = batches;
    this.view = epoch % options.cachedViews;
    this.at = from;
    List<int[]> wanted = new ArrayList<>();
    Set<Integer> planned = new HashSet<>();
    for (int s = from; s < batches.size(); s++) {
      int[] missing =
          Arrays.stream(batches.get(s))
              .filter(image -> !isKnown(image) && planned.add(image))
              .toArray();
      if (missing.length > 0) {
        wanted.add(missing);
        loads.add(s);
      }
    }
    loaded = options.loader(images, options.augmentation).load(view, wanted);
  }

  private boolean isKnown(int image) {
    return frozen.contains(view, image) || skipped.contains(images.source(image).name());
  }

  @Override
  public List<TrainingItem> next() throws IOException {
    Map<Integer, FeatureMap> fresh = loads.contains(at) ? load() : Map.of();
    int[] batch = batches.get(at++);
    List<TrainingItem> items = new ArrayList<>();
    for (int row = 0; row < batch.length; row++) {
      int image = batch[row];
      Optional<FeatureMap> map = map(image, fresh);
      if (map.isPresent()) {
        items.add(TrainingItem.of(row, image, images.label(image), map.get()));
      }
    }
    return LoadedBatch.wholeGroups(items, TrainingItem::row, options.groupRows);
  }

  private Map<Integer, FeatureMap> load() {
    LoadedBatch batch = loaded.next();
    skipped.addAll(batch.skipped());
    Map<Integer, FeatureMap> fresh = new HashMap<>();
    if (!batch.images().isEmpty()) {
      List<FeatureMap> maps = frozen.compute(view, batch.images());
      for (int i = 0; i < maps.size(); i++) {
        fresh.put(batch.images().get(i).image(), maps.get(i));
      }
    }
    return fresh;
  }

  private Optional<FeatureMap> map(int image, Map<Integer, FeatureMap> fresh) throws IOException {
    Optional<FeatureMap> map = frozen.get(view, image);
    if (map.isPresent()) {
      return map;
    }
    if (fresh.containsKey(image)) {
      return Optional.of(Objects.requireNonNull(fresh.get(image)));
    }
    String name = images.source(image).name();
    if (skipped.contains(name)) {
      return Optional.empty();
    }
    // It was made in an earlier batch and did not fit into the cache.
    try {
      RgbImage pixels =
          options.augmentation.apply(
              options.decoder.decode(images.source(image)),
              Augmentation.seed(options.seed, view, image));
      return Optional.of(frozen.compute(List.of(pixels)).get(0));
    } catch (ImageDecodeException e) {
      skipped.add(new SkippedImage(name, String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    loaded.close();
  }
}
