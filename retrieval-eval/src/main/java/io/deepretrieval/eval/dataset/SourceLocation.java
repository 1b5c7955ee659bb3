// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.format.TextFormatException;
import java.nio.file.Path;

/**
 * Where in a ground-truth file something stands, for errors.
 *
 * @param text the file and the line or part of it
 */
record SourceLocation(String text) {
  static SourceLocation of(Path file) {
    return new SourceLocation(file.toString());
  }

  static SourceLocation line(Path file, long line) {
    return new SourceLocation(file + ":" + line);
  }

  /** A part by name, for instance {@code gnd[3].easy}. */
  static SourceLocation part(Path file, String part) {
    return new SourceLocation(file + ": " + part);
  }

  /** The same error as one of a data set. */
  static DataSetException error(TextFormatException e) {
    return new DataSetException(e.location(), e.problem(), e);
  }

  DataSetException error(String problem) {
    return new DataSetException(text, problem, null);
  }

  DataSetException error(String problem, Throwable cause) {
    return new DataSetException(text, problem, cause);
  }

  /** Reads a whole number. */
  int integer(String what, String text) throws DataSetException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw error(what + " must be a whole number but was '" + text + "'", e);
    }
  }

  /** Reads a number. */
  double number(String what, String text) throws DataSetException {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw error(what + " must be a number but was '" + text + "'", e);
    }
  }
}
