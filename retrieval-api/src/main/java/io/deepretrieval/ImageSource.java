// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where the bytes of an image file come from. The name is what errors show; it need not be a path.
 *
 * <p>Immutable; thread-safe if the opener is.
 */
public final class ImageSource {
  /** Opens the bytes. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens a new stream, which the caller closes.
     *
     * @return the bytes from the beginning
     * @throws IOException if they cannot be read
     */
    InputStream open() throws IOException;
  }

  private final String name;
  private final Opener opener;

  private ImageSource(String name, Opener opener) {
    this.name = name;
    this.opener = opener;
  }

  /**
   * Reads a file.
   *
   * @param file its path, which is the name too
   * @return a source; the file is not touched before it is opened
   */
  public static ImageSource of(Path file) {
    Objects.requireNonNull(file, "file");
    return new ImageSource(file.toString(), () -> Files.newInputStream(file));
  }

  /**
   * Reads bytes in memory.
   *
   * @param name what errors show
   * @param bytes the file (copied)
   * @return a source
   */
  public static ImageSource of(String name, byte[] bytes) {
    byte[] copy = bytes.clone();
    return new ImageSource(
        Objects.requireNonNull(name, "name"), () -> new ByteArrayInputStream(copy));
  }

  /**
   * Reads from anywhere.
   *
   * @param name what errors show
   * @param opener opens a new stream at each call
   * @return a source
   */
  public static ImageSource of(String name, Opener opener) {
    return new ImageSource(
        Objects.requireNonNull(name, "name"), Objects.requireNonNull(opener, "opener"));
  }

  /**
   * Returns what errors show.
   *
   * @return a path or another name
   */
  public String name() {
    return name;
  }

  /**
   * Opens the bytes.
   *
   * @return a new stream from the beginning, which the caller closes
   * @throws IOException if they cannot be read
   */
  public InputStream open() throws IOException {
    return opener.open();
  }

  @Override
  public String toString() {
    return "ImageSource[" + name + "]";
  }
}
