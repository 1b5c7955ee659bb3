// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.transform.LinearTransform;
import java.util.Arrays;
import java.util.Optional;

/**
 * A pooling with the linear layer that a network has behind it: f = T(pool(x)), or T(n(pool(x)))
 * with n(v) = v/‖v‖.
 *
 * <p>{@code [C,H,W]} gives the output dimension of T. At one scale it is the same as a transform
 * behind the pooling; at several, this layer belongs to each scale and a transform to their mean.
 * The zero vector has no direction and stays zero under n. NaN and infinite values are refused.
 * Cost: that of the pooling and of T. Immutable and thread-safe.
 *
 * @see "Gordo, Almazán, Revaud, Larlus: End-to-end learning of deep visual representations for
 *     image retrieval, IJCV 2017, arXiv:1610.07940"
 */
public final class ProjectedPooling implements Pooling {
  private final Pooling inner;
  private final LinearTransform projection;
  private final boolean normalized;

  /**
   * Makes a pooling with a layer behind it.
   *
   * @param inner how a map becomes a vector
   * @param projection T, from the dimension of that vector
   * @param normalized whether T gets the vector divided by its length
   */
  public ProjectedPooling(Pooling inner, LinearTransform projection, boolean normalized) {
    this.inner = inner;
    this.projection = projection;
    this.normalized = normalized;
  }

  @Override
  public String recipe() {
    return (normalized ? "projected-direction of=(" : "projected of=(")
        + inner.recipe()
        + ") by=("
        + projection.recipe()
        + ")";
  }

  @Override
  public int dimension(int channels) {
    int d = inner.dimension(channels);
    if (d != projection.inputDimension()) {
      throw new IllegalArgumentException(
          "pooled vectors must have dimension "
              + projection.inputDimension()
              + " for ["
              + projection.recipe()
              + "] but had "
              + d);
    }
    return projection.outputDimension();
  }

  @Override
  public float[] pool(FeatureMap map) {
    float[] result = new float[dimension(map.channels())];
    float[] vector = inner.pool(map);
    if (normalized) {
      double squared = 0;
      for (float v : vector) {
        squared += (double) v * v;
      }
      double length = squared == 0 ? 1 : Math.sqrt(squared);
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) (vector[i] / length);
      }
    }
    projection.project(vector, 1, result);
    return FiniteCheck.require(result, map, this);
  }

  /** The shares of the inner pooling; the constant of T is spread evenly. */
  @Override
  public Optional<double[]> contributions(FeatureMap map, double[] direction) {
    FiniteCheck.requireDirection(direction, dimension(map.channels()));
    float[] gradient = new float[direction.length];
    float[] constant = projection.constant();
    double even = 0;
    for (int k = 0; k < gradient.length; k++) {
      gradient[k] = (float) direction[k];
      even += direction[k] * constant[k] / (map.height() * map.width());
    }
    float[] back = new float[projection.inputDimension()];
    projection.projectBack(gradient, back);
    double squares = 0;
    for (float v : normalized ? inner.pool(map) : new float[0]) {
      squares += (double) v * v;
    }
    double length = squares == 0 ? 1 : Math.sqrt(squares);
    double[] behind = new double[back.length];
    for (int i = 0; i < behind.length; i++) {
      behind[i] = back[i] / length;
    }
    double evenly = even;
    return inner
        .contributions(map, behind)
        .map(shares -> Arrays.stream(shares).map(share -> share + evenly).toArray());
  }

  @Override
  public String toString() {
    return recipe();
  }
}
