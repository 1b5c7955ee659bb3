// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import io.deepretrieval.EmbeddingBatch;
import io.deepretrieval.LossResult;
import java.util.Random;

/** One vector a class, [L,D]. */
final class ClassWeights {
  private final int classes;
  private final int dimension;
  private final double[] values;

  private ClassWeights(int classes, int dimension, double[] values) {
    this.classes = classes;
    this.dimension = dimension;
    this.values = values;
  }

  /** Draws weights of about length 1. */
  static ClassWeights random(int classes, int dimension, long seed) {
    requireSizes(classes, dimension);
    Random random = new Random(seed);
    double[] values = new double[Math.multiplyExact(classes, dimension)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian() / Math.sqrt(dimension);
    }
    return new ClassWeights(classes, dimension, values);
  }

  static ClassWeights copyOf(int classes, int dimension, double[] values) {
    requireSizes(classes, dimension);
    if (values.length != (long) classes * dimension) {
      throw new IllegalArgumentException(
          "class weights ["
              + classes
              + ","
              + dimension
              + "] must have "
              + (long) classes * dimension
              + " values but had "
              + values.length);
    }
    double[] copy = values.clone();
    requireFinite("class weight", copy, dimension);
    return new ClassWeights(classes, dimension, copy);
  }

  private static void requireSizes(int classes, int dimension) {
    if (classes < 2 || dimension < 1) {
      throw new IllegalArgumentException(
          "class weights [L,D] must be at least [2,1] but were ["
              + classes
              + ","
              + dimension
              + "]");
    }
  }

  private static void requireFinite(String what, double[] values, int dimension) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            what
                + " must be finite but class "
                + i / dimension
                + ", value "
                + i % dimension
                + " was "
                + values[i]);
      }
    }
  }

  int classes() {
    return classes;
  }

  int dimension() {
    return dimension;
  }

  double[] toArray() {
    return values.clone();
  }

  /** The array itself, which nobody writes to. */
  double[] shared() {
    return values;
  }

  /** Refuses a batch of another dimension or with a class that there is not. */
  void requireFit(EmbeddingBatch batch) {
    if (batch.dimension() != dimension) {
      throw new IllegalArgumentException(
          "embedding dimension must be "
              + dimension
              + " (class weights) but was "
              + batch.dimension());
    }
    for (int row = 0; row < batch.size(); row++) {
      if (batch.label(row) < 0 || batch.label(row) >= classes) {
        throw new IllegalArgumentException(
            "label must be in [0, " + classes + ") but row " + row + " had " + batch.label(row));
      }
    }
  }

  TrainableLossResult result(double value, double[] gradient, double[] weightGradient, int rows) {
    requireFinite("gradient of class weight", weightGradient, dimension);
    return new TrainableLossResult(
        LossResult.copyOf(value, dimension, gradient, rows), weightGradient);
  }
}
