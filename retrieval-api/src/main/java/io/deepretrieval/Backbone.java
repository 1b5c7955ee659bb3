// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;

/**
 * A network that turns images into feature maps.
 *
 * <p>Implementations are thread-safe and give the same map for an image whatever the other images
 * of the batch and whatever the thread. They own native memory: {@link #close} frees it, may be
 * called twice, and makes every later {@link #extract} an {@link IllegalStateException}.
 *
 * <p>An image has the size that the network shall see; the backbone never resizes. Contract test:
 * {@code io.deepretrieval.testkit.BackboneContract} in the test-jar of this module.
 */
public interface Backbone extends AutoCloseable {
  /**
   * Returns what the backbone is.
   *
   * @return the same value at each call, also after close
   */
  BackboneSpec spec();

  /**
   * Runs the network.
   *
   * @param images any number, of any sizes
   * @return one map {@code [C,H,W]} an image, in the order of the images; C as in {@link #spec}
   * @throws IllegalArgumentException if an image is too small for the network; the message shows
   *     its size as {@code 31x17}, width first
   * @throws IllegalStateException if the backbone is closed; the message says so with that word
   */
  List<FeatureMap> extract(List<RgbImage> images);

  /**
   * Runs the network on one image.
   *
   * @param image of any size
   * @return its map {@code [C,H,W]}
   * @throws IllegalArgumentException if the image is too small for the network
   * @throws IllegalStateException if the backbone is closed
   */
  default FeatureMap extract(RgbImage image) {
    return extract(List.of(image)).get(0);
  }

  /** Frees native memory. Does nothing the second time. */
  @Override
  void close();
}
