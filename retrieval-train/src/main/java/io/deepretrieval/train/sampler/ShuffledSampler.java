// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import io.deepretrieval.train.data.LabeledImages;
import io.deepretrieval.train.data.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Every image once an epoch in random order, for classification. The last batch has what is left.
 *
 * <p>Cost of an epoch: O(N). Immutable and thread-safe.
 */
public final class ShuffledSampler implements BatchSampler {
  private final int images;
  private final int batch;
  private final long seed;

  private ShuffledSampler(int images, int batch, long seed) {
    this.images = images;
    this.batch = batch;
    this.seed = seed;
  }

  /**
   * Makes a sampler.
   *
   * @param images what is drawn from
   * @param batch images a batch, at least 1
   * @param seed what the order depends on
   * @return a sampler
   * @throws IllegalArgumentException if the batch is less than 1
   */
  public static ShuffledSampler of(LabeledImages images, int batch, long seed) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be >= 1 but was " + batch);
    }
    return new ShuffledSampler(images.size(), batch, seed);
  }

  @Override
  public List<int[]> epoch(int epoch) {
    int[] order = Seeds.permutation(images, new Random(Seeds.ofEpoch(seed, epoch)));
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < images; from += batch) {
      batches.add(Arrays.copyOfRange(order, from, Math.min(images, from + batch)));
    }
    return batches;
  }

  @Override
  public String toString() {
    return "shuffled batch=" + batch + " seed=" + seed;
  }
}
