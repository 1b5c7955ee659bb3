// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files that stand beside the repository on a developer's machine and nowhere else. */
public final class SharedFiles {
  private SharedFiles() {}

  /** Finds {@code ../shared/name} of the repository; skips the test where there is none. */
  public static Path require(String name) {
    Path found = Path.of("absent");
    for (Path d = Path.of("").toAbsolutePath(); d != null; d = d.getParent()) {
      Path candidate = d.resolveSibling("shared").resolve(name);
      if (Files.exists(candidate)) {
        found = candidate;
        break;
      }
    }
    assumeThat(Files.exists(found))
        .as("skipped: there is no ../shared/" + name + " beside the repository")
        .isTrue();
    return found;
  }
}
