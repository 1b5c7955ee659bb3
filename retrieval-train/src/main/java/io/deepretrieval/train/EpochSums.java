// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train;

import io.deepretrieval.LossResult;

/** What is added up over the steps of an epoch. */
final class EpochSums {
  private static final int SPREAD_PAIRS = 64;

  private double loss;
  private double steps;
  private double active;
  private double images;
  private double spread;
  private double spreadCount;

  void add(LossResult result, float[][] embeddings) {
    loss += result.value();
    steps++;
    active += result.activeTuples();
    images += embeddings.length;
    measureSpread(embeddings);
  }

  private void measureSpread(float[][] embeddings) {
    int pairs = 0;
    for (int i = 0; i + 1 < embeddings.length && pairs < SPREAD_PAIRS; i++) {
      for (int j = i + 1; j < embeddings.length && pairs < SPREAD_PAIRS; j++) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int k = 0; k < embeddings[i].length; k++) {
          dot += (double) embeddings[i][k] * embeddings[j][k];
          a += (double) embeddings[i][k] * embeddings[i][k];
          b += (double) embeddings[j][k] * embeddings[j][k];
        }
        spread += a > 0 && b > 0 ? 1 - dot / Math.sqrt(a * b) : 0;
        spreadCount++;
        pairs++;
      }
    }
  }

  EpochReport report(int epoch, double seconds, double rate, float[] exponents, double metric) {
    return new EpochReport(
        epoch,
        steps > 0 ? loss / steps : 0,
        (long) active,
        (long) images,
        seconds,
        rate,
        spreadCount > 0 ? spread / spreadCount : 1,
        exponents.length > 0 ? exponents[0] : Double.NaN,
        metric);
  }

  /** As a checkpoint has them, with the metric before the training as the last. */
  double[] toArray(double metricBefore) {
    return new double[] {loss, steps, active, images, spread, spreadCount, metricBefore};
  }

  static EpochSums of(double[] sums) {
    EpochSums out = new EpochSums();
    out.loss = sums[0];
    out.steps = sums[1];
    out.active = sums[2];
    out.images = sums[3];
    out.spread = sums[4];
    out.spreadCount = sums[5];
    return out;
  }
}
