// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;

/**
 * A trainable backbone whose lower layers are not trained, so that what they compute for an image
 * can be kept from epoch to epoch.
 */
public interface FrozenTrunk {
  /**
   * Runs the layers that are not trained.
   *
   * @param images images, of any sizes
   * @return one map an image, at the border to the trained layers
   */
  List<FeatureMap> frozen(List<RgbImage> images);

  /**
   * Runs the trained layers and keeps what {@code backward} needs.
   *
   * @param maps what {@link #frozen} gave, all of one size
   * @return one map an image, as {@code forward} of the images gives
   * @throws IllegalArgumentException if there is no map or the sizes differ
   */
  List<FeatureMap> forwardFrom(List<FeatureMap> maps);

  /**
   * Runs the trained layers without keeping anything.
   *
   * @param maps what {@link #frozen} gave, of any sizes
   * @return one map an image, as {@code extract} of the images gives
   */
  List<FeatureMap> extractFrom(List<FeatureMap> maps);
}
