// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.load.Augmentation;
import io.deepretrieval.train.load.LoadedBatch;
import io.deepretrieval.train.load.LoadedBatches;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Embeddings of images without variation, with the network of the moment. */
final class PlainEmbeddings {
  private static final Logger LOG = LoggerFactory.getLogger(PlainEmbeddings.class);

  private static final int BATCH = 16;

  // Numbers of images that are not varied, beside those of the variations in the cache.
  private static final int VALIDATION = -1;
  private static final int MINING = -2;

  private final TrainingOptions options;
  private final EmbeddingHead head;
  private final SkippedImages skipped;
  private final @Nullable FrozenMaps frozen;

  PlainEmbeddings(
      TrainingOptions options,
      EmbeddingHead head,
      SkippedImages skipped,
      @Nullable FrozenMaps frozen) {
    this.options = options;
    this.head = head;
    this.skipped = skipped;
    this.frozen = frozen;
  }

  /** Mean average precision of the validation set; NaN without one. */
  double validate() throws IOException {
    if (options.validation.isEmpty()) {
      return Double.NaN;
    }
    LabeledImages set = options.validation.get();
    float[][] vectors =
        embed(set, options.plain, IntStream.range(0, set.size()).toArray(), VALIDATION);
    int[] present = IntStream.range(0, set.size()).filter(i -> vectors[i] != null).toArray();
    return LeaveOneOut.meanAveragePrecision(
        Arrays.stream(present).mapToObj(i -> vectors[i]).toArray(float[][]::new),
        Arrays.stream(present).map(set::label).toArray());
  }

  /** Embeds images to mine among, in their order; one that cannot be read has no values. */
  float[][] mining(int[] wanted) throws IOException {
    float[][] all = embed(options.training, options.mining, wanted, MINING);
    return Arrays.stream(wanted)
        .mapToObj(image -> all[image] == null ? new float[0] : all[image])
        .toArray(float[][]::new);
  }

  /** A row for each image of a set; null for one that is not asked for or cannot be read. */
  private float[][] embed(LabeledImages set, Augmentation how, int[] which, int view)
      throws IOException {
    float[][] vectors = new float[set.size()][];
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < which.length; from += BATCH) {
      batches.add(
          Arrays.stream(which, from, Math.min(which.length, from + BATCH))
              .filter(image -> !embedFromCache(image, view, vectors))
              .toArray());
    }
    batches.removeIf(batch -> batch.length == 0);
    try (LoadedBatches loaded = options.loader(set, how).load(0, batches)) {
      while (loaded.hasNext()) {
        LoadedBatch batch = loaded.next();
        skipped.addAll(batch.skipped());
        if (!batch.images().isEmpty()) {
          embed(batch.images(), view, vectors);
        }
      }
    }
    return vectors;
  }

  private void embed(List<LoadedBatch.Image> images, int view, float[][] vectors) {
    List<FeatureMap> maps =
        frozen != null
            ? frozen.extract(frozen.compute(view, images))
            : options.backbone.extract(images.stream().map(LoadedBatch.Image::pixels).toList());
    for (int i = 0; i < maps.size(); i++) {
      vectors[images.get(i).image()] = vector(maps.get(i));
    }
  }

  private boolean embedFromCache(int image, int view, float[][] vectors) {
    if (frozen == null) {
      return false;
    }
    try {
      Optional<FeatureMap> map = frozen.get(view, image);
      if (map.isPresent()) {
        vectors[image] = vector(frozen.extract(List.of(map.get())).get(0));
      }
      return map.isPresent();
    } catch (IOException e) {
      LOG.debug("a cached map could not be read and is made again", e);
      return false;
    }
  }

  /** A map that is not finite ranks as a zero vector. */
  private float[] vector(FeatureMap map) {
    return NonFiniteGuard.isFinite(map.sharedValues())
        ? head.search(map)
        : new float[head.dimension(map.channels())];
  }
}
