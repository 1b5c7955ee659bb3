// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A backbone whose weights can be trained by a loss that lives outside of it.
 *
 * <p>A step is {@link #forward}, then {@link #backward} with the gradient of the loss with respect
 * to each map, which <em>adds</em> to the gradients of {@link #parameters}; the caller updates the
 * values and clears the gradients. {@link #extract} sees new values at once, and {@link #spec}
 * names the hash of the values as they are. Normalization statistics stay frozen.
 *
 * <p>The training methods are for one thread at a time; {@link #extract} stays thread-safe between
 * steps.
 */
public interface TrainableBackbone extends Backbone {
  /**
   * Runs the network and keeps what {@link #backward} needs.
   *
   * @param images one or more, all of one size
   * @return one map {@code [C,H,W]} an image, equal to {@link #extract} within 1e-4 of its largest
   *     value
   * @throws IllegalArgumentException if there is no image or the sizes differ
   * @throws IllegalStateException if the backbone is closed
   */
  List<FeatureMap> forward(List<RgbImage> images);

  /**
   * Carries the gradient of the last {@link #forward} back and adds it to the gradients of the
   * parameters.
   *
   * @param gradients d loss / d map, one a map of the last forward, in its order and shape
   * @throws IllegalArgumentException if a number or shape differs from the last forward
   * @throws IllegalStateException if the backbone is closed or there was no forward since the last
   *     backward
   */
  void backward(List<FeatureMap> gradients);

  /**
   * Returns the trained parameters, in a fixed order.
   *
   * @return views: they read and write the weights of this backbone
   */
  List<Parameter> parameters();

  /**
   * Writes the weights so that the provider of the same name reads them again. The file is complete
   * or absent: it is written under another name and renamed.
   *
   * @param file where to
   * @throws IOException if the file cannot be written
   * @throws IllegalStateException if the backbone is closed
   */
  void save(Path file) throws IOException;
}
