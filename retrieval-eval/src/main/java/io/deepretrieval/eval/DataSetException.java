// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A data set that is damaged or not complete. The message begins with the file and, where there is
 * one, the line or the part: {@code /data/list.tsv:7: …}, {@code /data/gnd.pkl: gnd[3].easy: …}.
 */
public final class DataSetException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception about a file.
   *
   * @param file the file or directory
   * @param problem what must be and what is
   */
  public DataSetException(Path file, String problem) {
    this(file.toString(), problem, null);
  }

  /**
   * Makes an exception about a line.
   *
   * @param file the file
   * @param line the number of the line, from 1
   * @param problem what must be and what is
   */
  public DataSetException(Path file, long line, String problem) {
    this(file + ":" + line, problem, null);
  }

  /**
   * Makes an exception about any part of a file.
   *
   * @param location the file and the line or part of it
   * @param problem what must be and what is
   * @param cause why it is known, or null
   */
  public DataSetException(String location, String problem, @Nullable Throwable cause) {
    super(location + ": " + problem, cause);
  }
}
