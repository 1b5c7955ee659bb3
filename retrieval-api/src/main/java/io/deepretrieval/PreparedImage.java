// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.List;

/**
 * One image at each scale, decoded.
 *
 * @param images in the order of the scales
 */
record PreparedImage(List<RgbImage> images) implements DecodeGate.Sized {
  @Override
  public long pixels() {
    return images.stream().mapToLong(i -> (long) i.width() * i.height()).sum();
  }
}
