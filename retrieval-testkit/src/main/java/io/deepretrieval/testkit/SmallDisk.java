// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A real file system that is soon full, where the tests may mount one. */
public final class SmallDisk implements AutoCloseable {
  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts a tmpfs.
   *
   * @param directory is made if absent
   * @param kilobytes room on it
   * @return the disk; nothing where that is not allowed
   * @throws IOException if the directory cannot be made
   */
  public static Optional<SmallDisk> mount(Path directory, int kilobytes) throws IOException {
    Files.createDirectories(directory);
    String size = "size=" + kilobytes + "k";
    return run("mount", "-t", "tmpfs", "-o", size, "tmpfs", directory.toString()) == 0
        ? Optional.of(new SmallDisk(directory))
        : Optional.empty();
  }

  /**
   * Returns where it is.
   *
   * @return the directory
   */
  public Path directory() {
    return directory;
  }

  /** Unmounts it, lazily: what was mapped stays so until it is collected. */
  @Override
  public void close() {
    int code = run("umount", "-l", directory.toString());
    if (code != 0) {
      throw new IllegalStateException("umount of " + directory + " must end with 0, not " + code);
    }
  }

  private static int run(String... command) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1; // No such program.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("a test must not be interrupted", e);
    }
  }
}
