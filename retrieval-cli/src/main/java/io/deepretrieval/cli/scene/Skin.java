// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.scene;

import java.util.Optional;

/**
 * The look of a surface.
 *
 * @param color what it reflects
 * @param glow what it emits at night, such as lit windows
 */
record Skin(Texture color, Optional<Texture> glow) {
  static Skin of(Texture color) {
    return new Skin(color, Optional.empty());
  }
}
