// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A text or table that cannot be read as such. The message begins with the file and, where there is
 * one, the line: {@code /data/list.csv:7: …}.
 */
public final class TextFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The file, or the file and the line. */
  private final String location;

  /** The message without the location. */
  private final String problem;

  private TextFormatException(String location, String problem, @Nullable Throwable cause) {
    super(location + ": " + problem, cause);
    this.location = location;
    this.problem = problem;
  }

  static TextFormatException in(Path file, String problem, @Nullable Throwable cause) {
    return new TextFormatException(file.toString(), problem, cause);
  }

  static TextFormatException at(Path file, long line, String problem, @Nullable Throwable cause) {
    return new TextFormatException(file + ":" + line, problem, cause);
  }

  /**
   * Where it stands.
   *
   * @return the file, or the file and the line
   */
  public String location() {
    return location;
  }

  /**
   * What is wrong there.
   *
   * @return the message without the location
   */
  public String problem() {
    return problem;
  }
}
