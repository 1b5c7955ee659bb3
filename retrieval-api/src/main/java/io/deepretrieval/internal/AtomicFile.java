// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that is written step by step and gets its name when it is whole.
 *
 * <p>Until {@link #commit} it lies beside its target under a hidden name of its own. What is closed
 * without a commit leaves no trace.
 */
public final class AtomicFile implements AutoCloseable {
  /** Longer names would make the temporary one longer than file systems allow. */
  private static final int LONGEST_NAME = 60;

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private boolean committed;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Starts a file with the permissions that the umask gives.
   *
   * @param file the target, in a directory that exists; replaced by the commit if it exists
   * @return the file, empty
   * @throws IOException if the file cannot be made
   */
  public static AtomicFile create(Path file) throws IOException {
    Path target = file.toAbsolutePath();
    if (target.getParent() == null) {
      throw new IOException(file + " must be a file but is a root directory");
    }
    while (true) {
      Path temporary = target.resolveSibling(temporaryName(target));
      try {
        // Files.createTempFile would give permissions to the owner only.
        FileChannel channel =
            FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new AtomicFile(target, temporary, channel);
      } catch (FileAlreadyExistsException e) {
        // Another name, then.
      }
    }
  }

  private static String temporaryName(Path target) {
    String name = String.valueOf(target.getFileName());
    String start = name.length() <= LONGEST_NAME ? "." + name : "";
    return start + "." + UUID.randomUUID() + ".part";
  }

  /**
   * Returns where to write, from the first byte on.
   *
   * @return the channel, which {@link #commit} and {@link #close} close
   */
  public FileChannel channel() {
    return channel;
  }

  /**
   * Writes all that remains of some bytes at the position of the channel.
   *
   * @param bytes are consumed
   * @throws IOException if they cannot be written
   */
  public void write(ByteBuffer bytes) throws IOException {
    AtomicFiles.writeFully(channel, bytes);
  }

  /**
   * Forces the file to disk, gives it its name in one step and forces the directory.
   *
   * @throws IOException if that fails; an earlier file of that name is then intact, unless only the
   *     directory could not be forced
   */
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    AtomicFiles.rename(temporary, target);
    committed = true;
    AtomicFiles.forceDirectoryOf(target);
  }

  /**
   * Drops what was not committed.
   *
   * @throws IOException if the temporary file cannot be removed
   */
  @Override
  public void close() throws IOException {
    if (!committed) {
      try {
        channel.close();
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
  }
}
