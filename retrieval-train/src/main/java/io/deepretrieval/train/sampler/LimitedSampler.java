// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import java.util.List;

/** The first batches of each epoch of another sampler. */
record LimitedSampler(BatchSampler sampler, int batches) implements BatchSampler {
  LimitedSampler {
    if (batches < 1) {
      throw new IllegalArgumentException("batches of an epoch must be >= 1 but were " + batches);
    }
  }

  @Override
  public List<int[]> epoch(int epoch) {
    List<int[]> all = sampler.epoch(epoch);
    return all.size() <= batches ? all : List.copyOf(all.subList(0, batches));
  }

  @Override
  public String toString() {
    return sampler + " limit=" + batches;
  }
}
