// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A data set that is damaged or not complete. The message begins with the file and, where there is
 * one, the line or the part: {@code /data/list.tsv:7: …}, {@code /data/gnd.pkl: gnd[3].easy: …}.
 */
public final class DataSetException extends IOException {
  private static final long serialVersionUID = 1L;

  DataSetException(Path file, String problem) {
    this(SourceLocation.of(file), problem, null);
  }

  DataSetException(Path file, long line, String problem) {
    this(SourceLocation.line(file, line), problem, null);
  }

  DataSetException(SourceLocation place, String problem, @Nullable Throwable cause) {
    super(place.text() + ": " + problem, cause);
  }
}
