// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import io.deepretrieval.IndexBuilder;

/** Makes an index builder from options, for callers that know only its name. */
public interface IndexProvider extends NamedProvider {
  /**
   * Makes an index builder.
   *
   * @param options what the caller asks for; an unknown option is refused
   * @return a new object
   * @throws IllegalArgumentException if an option is unknown, missing or out of range
   */
  IndexBuilder create(Options options);
}
