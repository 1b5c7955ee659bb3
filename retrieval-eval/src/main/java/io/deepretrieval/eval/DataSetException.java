// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A data set that is damaged or not complete. The message begins with the file and, where there is
 * one, the line: {@code /data/list.tsv:7: …}.
 */
public final class DataSetException extends IOException {
  private static final long serialVersionUID = 1L;

  DataSetException(Path file, String problem) {
    super(file + ": " + problem);
  }

  DataSetException(Path file, int line, String problem) {
    super(file + ":" + line + ": " + problem);
  }

  DataSetException(Path file, int line, String problem, Throwable cause) {
    super(file + ":" + line + ": " + problem, cause);
  }
}
