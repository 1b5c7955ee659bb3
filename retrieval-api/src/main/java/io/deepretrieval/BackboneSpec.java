// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;

/**
 * What a backbone is: all that two of them must share for their descriptors to be comparable.
 *
 * @param name kebab-case name of the architecture, for instance {@code resnet50}
 * @param layer name of the layer that its maps are cut at
 * @param weightsSha256 SHA-256 of the weights, 64 hexadecimal digits
 * @param preprocessing how bytes become its input
 * @param output channels and stride of its maps
 */
public record BackboneSpec(
    String name,
    String layer,
    String weightsSha256,
    Preprocessing preprocessing,
    FeatureSpec output) {
  /**
   * Checks the parts.
   *
   * @param name kebab-case name of the architecture, for instance {@code resnet50}
   * @param layer name of the layer that its maps are cut at
   * @param weightsSha256 SHA-256 of the weights, 64 hexadecimal digits
   * @param preprocessing how bytes become its input
   * @param output channels and stride of its maps
   * @throws IllegalArgumentException if a text is blank or the hash has another form
   */
  public BackboneSpec {
    Objects.requireNonNull(preprocessing, "preprocessing");
    Objects.requireNonNull(output, "output");
    if (name.isBlank() || layer.isBlank()) {
      throw new IllegalArgumentException(
          "backbone name and layer must not be blank but were '" + name + "' and '" + layer + "'");
    }
    if (!weightsSha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "backbone weights hash must be 64 hexadecimal digits but was '" + weightsSha256 + "'");
    }
  }
}
