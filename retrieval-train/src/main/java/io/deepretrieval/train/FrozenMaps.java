// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.RgbImage;
import io.deepretrieval.train.load.LoadedBatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the untrained layers make of each image in each of its variations, kept on disk. */
final class FrozenMaps implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FrozenMaps.class);

  private final FrozenTrunk trunk;
  private final FrozenMapCache cache;

  FrozenMaps(TrainingOptions options) throws IOException {
    Path directory =
        options.cacheDirectory.orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
    this.trunk = (FrozenTrunk) options.backbone;
    this.cache = new FrozenMapCache(directory, options.cacheBytes);
  }

  private static long key(int view, int image) {
    return (long) view << 32 | image;
  }

  boolean contains(int view, int image) {
    return cache.contains(key(view, image));
  }

  Optional<FeatureMap> get(int view, int image) throws IOException {
    return cache.get(key(view, image));
  }

  /** Runs the untrained layers, rounded as the cache rounds. */
  List<FeatureMap> compute(List<RgbImage> pixels) {
    return trunk.frozen(pixels).stream().map(FrozenMapCache::rounded).toList();
  }

  /** Computes and keeps the maps of one or more images of a variation. */
  List<FeatureMap> compute(int view, List<LoadedBatch.Image> images) {
    List<FeatureMap> maps = compute(images.stream().map(LoadedBatch.Image::pixels).toList());
    for (int i = 0; i < maps.size(); i++) {
      try {
        cache.put(key(view, images.get(i).image()), maps.get(i));
      } catch (IOException e) {
        // A full disk makes the training slower, not wrong.
        LOG.debug("a map could not be cached", e);
      }
    }
    return maps;
  }

  /** Runs the trained layers. */
  List<FeatureMap> extract(List<FeatureMap> maps) {
    return trunk.extractFrom(maps);
  }

  @Override
  public void close() throws IOException {
    cache.close();
  }
}
