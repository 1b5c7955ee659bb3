// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

/**
 * What an epoch did.
 *
 * @param epoch from 0
 * @param loss mean over its steps
 * @param activeTuples tuples that had a part in the loss
 * @param images images that went through the network
 * @param seconds how long it took, without the validation
 * @param learningRate at its end
 * @param spread mean of 1 - cosine between embeddings of a batch, 0 to 2; near 0 all are the same
 * @param exponent first parameter of the pooling, p of GeM; NaN if it has none
 * @param meanAveragePrecision of the validation set, 0 to 1; NaN without one
 */
public record EpochReport(
    int epoch,
    double loss,
    long activeTuples,
    long images,
    double seconds,
    double learningRate,
    double spread,
    double exponent,
    double meanAveragePrecision) {
  /**
   * Returns the pace.
   *
   * @return images a second
   */
  public double imagesPerSecond() {
    return seconds > 0 ? images / seconds : 0;
  }
}
