// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.loss;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files that lie beside the repository, in a directory {@code shared}, and are no part of it. */
final class SharedFiles {
  private SharedFiles() {}

  static Optional<Path> find(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path file = at.resolve("../shared").resolve(name).normalize();
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
