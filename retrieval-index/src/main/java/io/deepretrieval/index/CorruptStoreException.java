// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** A file of a store is not what was written. The message names the file and the offset. */
public final class CorruptStoreException extends IOException {
  private static final long serialVersionUID = 1;

  /** The damaged file, as text because a path cannot be serialized. */
  private final String file;

  /** Where the damage is. */
  private final long offset;

  /**
   * Makes the exception.
   *
   * @param file the damaged file
   * @param offset of the first byte that cannot be trusted
   * @param reason what is wrong there
   */
  public CorruptStoreException(Path file, long offset, String reason) {
    super("store file " + file + " is damaged at byte " + offset + ": " + reason);
    this.file = Objects.requireNonNull(file, "file").toString();
    this.offset = offset;
  }

  /**
   * Returns which file is damaged.
   *
   * @return its path
   */
  public Path file() {
    return Path.of(file);
  }

  /**
   * Returns where the damage is.
   *
   * @return offset of the first byte that cannot be trusted; blocks of 4,096 bytes have one
   *     checksum
   */
  public long offset() {
    return offset;
  }
}
