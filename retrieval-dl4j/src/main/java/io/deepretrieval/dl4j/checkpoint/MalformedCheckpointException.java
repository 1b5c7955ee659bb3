// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.format.TorchFile;
import java.io.IOException;

/** What is wrong with a checkpoint, not saying yet with which. */
final class MalformedCheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Work on the content of a file. */
  interface Work<T> {
    T run() throws IOException;
  }

  MalformedCheckpointException(String message) {
    super(message);
  }

  MalformedCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Runs work on a file, whose faults then name the file, also those that show as a value that an
   * object of ours refuses.
   */
  static <T> T named(TorchFile file, Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (MalformedCheckpointException e) {
      throw TorchFile.broken(file.file(), e);
    } catch (RuntimeException e) {
      throw TorchFile.broken(file.file(), new IOException(e.getMessage(), e));
    }
  }
}
