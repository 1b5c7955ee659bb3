// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import io.deepretrieval.LinearMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What follows the network in a checkpoint, by its numbers: map -&gt; pooling, of the whole map or
 * of its regions -&gt; [L2] -&gt; projection -&gt; L2 -&gt; mean over the scales -&gt; L2 -&gt;
 * transforms, each followed by L2.
 *
 * @param pooling {@code mac}, {@code spoc}, {@code gem}, {@code gem-mp} or {@code r-mac}
 * @param p exponents: one for {@code gem}, one a channel for {@code gem-mp}, else none
 * @param regional if there is one, each region of R-MAC and the whole map are pooled,
 *     L2-normalized, mapped by it, L2-normalized and added
 * @param projection the linear layer of the network behind the pooling, at each scale
 * @param normalized whether the projection gets L2-normalized vectors
 * @param transforms what is applied to the descriptor of all scales
 */
public record HeadSpec(
    String pooling,
    List<Float> p,
    Optional<LinearMap> regional,
    Optional<LinearMap> projection,
    boolean normalized,
    List<LinearMap> transforms) {
  /**
   * Copies the lists.
   *
   * @param pooling its name
   * @param p exponents (copied)
   * @param regional map of region vectors
   * @param projection the linear layer behind the pooling
   * @param normalized whether the projection gets L2-normalized vectors
   * @param transforms applied to the descriptor (copied)
   */
  public HeadSpec {
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(regional, "regional");
    Objects.requireNonNull(projection, "projection");
    p = List.copyOf(p);
    transforms = List.copyOf(transforms);
  }

  /**
   * Returns the same head with other transforms.
   *
   * @param other applied to the descriptor (copied)
   * @return a changed copy
   */
  public HeadSpec withTransforms(List<LinearMap> other) {
    return new HeadSpec(pooling, p, regional, projection, normalized, other);
  }
}
