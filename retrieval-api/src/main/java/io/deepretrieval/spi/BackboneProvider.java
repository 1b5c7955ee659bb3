// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import io.deepretrieval.Backbone;
import java.io.IOException;

/** Makes a backbone from options, for callers that know only its name. */
public interface BackboneProvider extends NamedProvider {
  /**
   * Makes a backbone.
   *
   * @param options what the caller asks for; an unknown option is refused
   * @return a new object, which the caller closes
   * @throws IllegalArgumentException if an option is unknown, missing or out of range
   * @throws IOException if a file that the options name cannot be read
   */
  Backbone create(Options options) throws IOException;
}
