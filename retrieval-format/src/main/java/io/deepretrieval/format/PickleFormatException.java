// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;

/** A pickle that is damaged, too large or holds more than data; the file is not in the message. */
public final class PickleFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  PickleFormatException(String message) {
    super(message);
  }

  PickleFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
