// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.internal;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * The one way to write a file: under a temporary name of its own in the directory of the target,
 * forced to disk, renamed in one step, the directory forced.
 *
 * <p>The file is there whole or not at all and has the permissions that the umask gives. Whatever
 * is thrown on the way, an {@link Error} too, leaves an earlier file as it was and no temporary
 * one. If several write one file, the last to end wins.
 */
public final class AtomicFiles {
  private static final int BUFFER = 1 << 16;

  private AtomicFiles() {}

  /**
   * Writes the content of a file to where it is told.
   *
   * @param <T> where to
   */
  @FunctionalInterface
  public interface Content<T> {
    /**
     * Writes all; need not flush.
     *
     * @param out where to
     * @throws IOException if it cannot be written
     */
    void writeTo(T out) throws IOException;
  }

  /**
   * Writes bytes.
   *
   * @param file the target, in a directory that exists
   * @param bytes all of the file
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, byte[] bytes) throws IOException {
    writeChannel(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
  }

  /**
   * Writes a text in UTF-8.
   *
   * @param file the target, in a directory that exists
   * @param text all of the file
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, CharSequence text) throws IOException {
    writeText(file, out -> out.append(text));
  }

  /**
   * Writes lines in UTF-8, each with a line feed.
   *
   * @param file the target, in a directory that exists
   * @param lines all of the file
   * @throws IOException if the file cannot be written
   */
  public static void writeLines(Path file, Iterable<String> lines) throws IOException {
    writeText(
        file,
        out -> {
          for (String line : lines) {
            out.append(line).append('\n');
          }
        });
  }

  /**
   * Writes a text in UTF-8 as it comes.
   *
   * @param file the target, in a directory that exists
   * @param content gets a buffered writer, which refuses what UTF-8 cannot express and may be
   *     closed
   * @throws IOException if the file cannot be written
   */
  public static void writeText(Path file, Content<Writer> content) throws IOException {
    writeStream(
        file,
        stream -> {
          // Only closing tells that a text ended in half a character.
          try (Writer out =
              new BufferedWriter(
                  new OutputStreamWriter(stream, StandardCharsets.UTF_8.newEncoder()))) {
            content.writeTo(out);
          }
        });
  }

  /**
   * Writes bytes as they come.
   *
   * @param file the target, in a directory that exists
   * @param content gets a buffered stream, which may be closed
   * @throws IOException if the file cannot be written
   */
  public static void writeStream(Path file, Content<OutputStream> content) throws IOException {
    writeChannel(
        file,
        channel -> {
          OutputStream out = new OpenStream(Channels.newOutputStream(channel));
          content.writeTo(out);
          out.flush();
        });
  }

  /**
   * Writes to a channel, which can also go back.
   *
   * @param file the target, in a directory that exists
   * @param content gets the channel at byte 0
   * @throws IOException if the file cannot be written
   */
  public static void writeChannel(Path file, Content<FileChannel> content) throws IOException {
    try (AtomicFile atomic = AtomicFile.create(file)) {
      content.writeTo(atomic.channel());
      atomic.commit();
    }
  }

  /**
   * Makes the directory that a file is to lie in, and those above it.
   *
   * @param file what is to be written
   * @throws IOException if a directory cannot be made, or the file is a root directory
   */
  public static void createDirectoryOf(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " must be a file but is a root directory");
    }
    Files.createDirectories(directory);
  }

  /**
   * Gives a file another name in one step; an earlier file of that name is replaced. The directory
   * is not forced.
   *
   * @param from the file, already forced
   * @param to its name, in the same file system
   * @throws IOException if that fails; both names are then as they were
   */
  public static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Makes the names in a directory durable, where the platform has a way to do so.
   *
   * @param directory where a file was renamed
   * @throws IOException if the device fails
   */
  public static void forceDirectory(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (AccessDeniedException e) {
      // Windows opens no directory as a file, and one may be allowed to write without listing.
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /**
   * Makes the name of a file durable, where the platform has a way to do so.
   *
   * @param file what was renamed
   * @throws IOException if the device fails
   */
  public static void forceDirectoryOf(Path file) throws IOException {
    forceDirectory(Objects.requireNonNull(file.toAbsolutePath().getParent(), "directory"));
  }

  /**
   * Writes all that remains of some bytes.
   *
   * @param channel where to, in blocking mode
   * @param bytes are consumed
   * @throws IOException if they cannot be written
   */
  public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Leaves the channel open when it is closed: the file has yet to be forced. */
  private static final class OpenStream extends BufferedOutputStream {
    OpenStream(OutputStream out) {
      super(out, BUFFER);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
