// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * What a loss can know of the training that it is made for.
 *
 * @param classes number of classes, at least 1; labels lie in [0, classes)
 * @param dimension D of the embeddings, at least 1
 * @param tupleSize rows of a tuple, at least 2, if the batches are made of tuples; else empty
 */
public record LossContext(int classes, int dimension, OptionalInt tupleSize) {
  /**
   * Checks the numbers.
   *
   * @param classes number of classes, at least 1; labels lie in [0, classes)
   * @param dimension D of the embeddings, at least 1
   * @param tupleSize rows of a tuple, at least 2, if the batches are made of tuples; else empty
   * @throws IllegalArgumentException if a number is too small
   */
  public LossContext {
    Objects.requireNonNull(tupleSize, "tupleSize");
    if (classes < 1 || dimension < 1) {
      throw new IllegalArgumentException(
          "classes and dimension must be at least 1 but were " + classes + " and " + dimension);
    }
    if (tupleSize.isPresent() && tupleSize.getAsInt() < 2) {
      throw new IllegalArgumentException(
          "rows of a tuple must be at least 2 but were " + tupleSize.getAsInt());
    }
  }

  /**
   * Makes the context of a training whose batches are not tuples.
   *
   * @param classes number of classes, at least 1
   * @param dimension D of the embeddings, at least 1
   * @return the context
   * @throws IllegalArgumentException if a number is too small
   */
  public static LossContext of(int classes, int dimension) {
    return new LossContext(classes, dimension, OptionalInt.empty());
  }

  /**
   * Returns the context of a training whose batches are tuples.
   *
   * @param rows of a tuple, at least 2
   * @return a changed copy
   * @throws IllegalArgumentException if the number is less than 2
   */
  public LossContext withTupleSize(int rows) {
    return new LossContext(classes, dimension, OptionalInt.of(rows));
  }
}
