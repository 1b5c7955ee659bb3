// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import java.util.List;

/**
 * What is drawn from a set of images, epoch by epoch.
 *
 * <p>The batches of an epoch depend on the sampler's seed and the number of the epoch and on
 * nothing else: step s of epoch e is the same however often and in which order epochs are asked
 * for, so that training can go on at any step. Implementations are immutable and thread-safe, and
 * their {@code toString} tells all of this in one line that is the same in every run: a training
 * goes on from a checkpoint only if it is.
 */
@FunctionalInterface
public interface BatchSampler {
  /**
   * Draws the batches of an epoch.
   *
   * @param epoch number of the epoch, at least 0
   * @return new arrays of images in the order that the loss needs, none of them empty
   * @throws IllegalArgumentException if the epoch is negative
   */
  List<int[]> epoch(int epoch);

  /**
   * Shortens the epochs.
   *
   * @param batches most batches of an epoch, at least 1
   * @return a sampler with the first batches of each epoch of this one
   * @throws IllegalArgumentException if the number is less than 1
   */
  default BatchSampler limitedTo(int batches) {
    return new LimitedSampler(this, batches);
  }
}
