// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;

/** The gradient of a loss with respect to the input and to the parameters of a pooling. */
public final class PoolingGradient {
  private final FeatureMap map;
  private final float[] parameters;

  /**
   * Makes a gradient.
   *
   * @param map d loss / d map, of the shape of the map
   * @param parameters d loss / d parameters (copied), empty if there is none
   */
  public PoolingGradient(FeatureMap map, float[] parameters) {
    this.map = Objects.requireNonNull(map, "map");
    this.parameters = parameters.clone();
  }

  /**
   * Returns d loss / d map.
   *
   * @return {@code [C,H,W]}
   */
  public FeatureMap map() {
    return map;
  }

  /**
   * Returns d loss / d parameters.
   *
   * @return a new array
   */
  public float[] parameters() {
    return parameters.clone();
  }
}
