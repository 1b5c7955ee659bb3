// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.spi.Options;

/**
 * A plug-in by what a user types: {@code NAME}, or {@code NAME:option=value:option=value}.
 *
 * @param name what it is looked up by
 * @param options what it is made with
 */
record NamedPart(String name, Options options) {
  /** Reads it; the kind, with its article, is for the message. */
  static NamedPart parse(String kind, String text) {
    String[] parts = text.strip().split(":", -1);
    Options options = Options.NONE;
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "option of "
                + kind
                + " must be name=value but was '"
                + parts[i]
                + "' in '"
                + text
                + "'");
      }
      options = options.with(parts[i].substring(0, equals), parts[i].substring(equals + 1));
    }
    return new NamedPart(parts[0], options);
  }
}
