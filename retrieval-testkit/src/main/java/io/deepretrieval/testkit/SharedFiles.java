// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files that are no part of a repository because of their size or license: they lie in a directory
 * {@code shared} beside it, or beside a directory above the working directory.
 */
public final class SharedFiles {
  private SharedFiles() {}

  /**
   * Finds a file or directory.
   *
   * @param name its path from {@code shared}
   * @return the nearest; nothing where there is none
   */
  public static Optional<Path> find(String name) {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path candidate = at.resolveSibling("shared").resolve(name);
      if (Files.exists(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /**
   * Finds a file or directory; skips the test where there is none.
   *
   * @param name its path from {@code shared}
   * @return the nearest
   */
  public static Path require(String name) {
    Optional<Path> found = find(name);
    assumeThat(found)
        .as("skipped: there is no ../shared/" + name + " beside the repository")
        .isPresent();
    return found.orElseThrow();
  }
}
