// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.image;

import java.io.IOException;

/** A file whose structure says that it cannot or must not be decoded. */
final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  private final String reason;

  DamagedFileException(String reason) {
    super(reason);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  /** The file ends too early; {@code where} is what was being read, with its article. */
  static DamagedFileException truncated(int length, String where) {
    return new DamagedFileException(
        "file is truncated: it ends at byte " + length + " in " + where);
  }
}
