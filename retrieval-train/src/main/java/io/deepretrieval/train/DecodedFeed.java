// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.train.load.LoadedBatch;
import io.deepretrieval.train.load.LoadedBatches;
import java.util.List;

/** Batches of pixels, decoded ahead. */
final class DecodedFeed implements BatchFeed {
  private final LoadedBatches loaded;
  private final SkippedImages skipped;
  private final int groupRows;

  DecodedFeed(
      TrainingOptions options, SkippedImages skipped, List<int[]> batches, int epoch, int from) {
    this.skipped = skipped;
    this.groupRows = options.groupRows;
    this.loaded =
        options
            .loader(options.training, options.augmentation)
            .load(epoch, batches.subList(from, batches.size()));
  }

  @Override
  public List<TrainingItem> next() {
    LoadedBatch batch = loaded.next();
    skipped.addAll(batch.skipped());
    List<TrainingItem> items =
        batch.images().stream()
            .map(p -> TrainingItem.of(p.row(), p.image(), p.label(), p.pixels()))
            .toList();
    return LoadedBatch.wholeGroups(items, TrainingItem::row, groupRows);
  }

  @Override
  public void close() {
    loaded.close();
  }
}
