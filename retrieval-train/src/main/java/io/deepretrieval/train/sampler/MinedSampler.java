// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.sampler;

import java.util.List;

/**
 * Batches that are chosen with the network of the moment: before each epoch, the training embeds
 * the {@link #wanted} images as they are, and the sampler draws with the result.
 *
 * <p>What is wanted depends on the sampler's seed and the number of the epoch, and the batches on
 * the embeddings too, and on nothing else. Implementations are immutable and thread-safe, and their
 * {@code toString} tells all of this in one line that is the same in every run: a training goes on
 * from a checkpoint only if it is.
 */
public interface MinedSampler {
  /**
   * Tells which images an epoch needs the embeddings of.
   *
   * @param epoch number of the epoch, at least 0
   * @return a new array of different images, in increasing order
   * @throws IllegalArgumentException if the epoch is negative
   */
  int[] wanted(int epoch);

  /**
   * Draws the batches of an epoch.
   *
   * @param epoch number of the epoch, at least 0
   * @param embeddings (not modified) a row of length 1 in the L2 norm for each of the {@link
   *     #wanted} images in their order; a row without values for an image that could not be read,
   *     which then takes no part
   * @return new arrays of images in the order that the loss needs, none of them empty
   * @throws IllegalArgumentException if the epoch is negative, or the rows are of another number,
   *     of different lengths or not finite
   */
  List<int[]> epoch(int epoch, float[][] embeddings);
}
