// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Training data that are damaged or not complete. The message begins with the file and, where there
 * is one, the line: {@code /data/train.csv:7: …}.
 */
public final class TrainingDataException extends IOException {
  private static final long serialVersionUID = 1L;

  TrainingDataException(String message) {
    super(message);
  }

  TrainingDataException(Path file, String problem) {
    super(file + ": " + problem);
  }

  TrainingDataException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }

  TrainingDataException(Path file, long line, String problem) {
    super(file + ":" + line + ": " + problem);
  }

  TrainingDataException(Path file, long line, String problem, Throwable cause) {
    super(file + ":" + line + ": " + problem, cause);
  }
}
