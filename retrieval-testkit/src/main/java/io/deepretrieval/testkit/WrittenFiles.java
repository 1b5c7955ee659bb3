// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is true of every file that this library writes. */
public final class WrittenFiles {
  private WrittenFiles() {}

  /**
   * Asserts that a file exists, that it has the permissions that the umask gives, and that nothing
   * half-written lies beside it.
   *
   * @param file what was written
   * @throws IOException if a file cannot be made beside it
   */
  public static void assertWhole(Path file) throws IOException {
    assertThat(file).isRegularFile();
    Path directory = file.toAbsolutePath().resolveSibling("");
    assertThat(directory)
        .as("nothing half-written beside %s", file)
        .isDirectoryNotContaining("glob:**.{part,tmp}");
    FileStore store = Files.getFileStore(file);
    if (store.supportsFileAttributeView("posix")) {
      Path plain = file.resolveSibling("plain.permissions");
      Files.createFile(plain);
      assertThat(Files.getPosixFilePermissions(file))
          .as("permissions of %s are those of a plain file", file)
          .isEqualTo(Files.getPosixFilePermissions(plain));
      Files.delete(plain);
    }
  }
}
