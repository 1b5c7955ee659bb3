// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The files of the project that tests read. */
public final class Repository {
  private Repository() {}

  /**
   * Finds a file.
   *
   * @param path from the root of the project
   * @return the file, which may be missing
   */
  public static Path file(String path) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("README.md"))) {
      root = Objects.requireNonNull(root.getParent(), "repository");
    }
    return root.resolve(path);
  }
}
