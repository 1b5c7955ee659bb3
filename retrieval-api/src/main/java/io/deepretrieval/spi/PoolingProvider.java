// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import io.deepretrieval.Pooling;

/** Makes a pooling from options, for callers that know only its name. */
public interface PoolingProvider extends NamedProvider {
  /**
   * Makes a pooling.
   *
   * @param options what the caller asks for; an unknown option is refused
   * @return a new object
   * @throws IllegalArgumentException if an option is unknown, missing or out of range
   */
  Pooling create(Options options);
}
