// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.transform;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Transform;

/** Refuses descriptors that do not fit. */
final class DescriptorCheck {
  private DescriptorCheck() {}

  static void requireDimension(Descriptor descriptor, int dimension, Transform transform) {
    if (descriptor.dimension() != dimension) {
      throw new IllegalArgumentException(
          "descriptor dimension must be "
              + dimension
              + " for ["
              + transform.recipe()
              + "] but was "
              + descriptor.dimension());
    }
  }
}
