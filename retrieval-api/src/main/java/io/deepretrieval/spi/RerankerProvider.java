// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import io.deepretrieval.Reranker;

/** Makes a re-ranker from options, for callers that know only its name. */
public interface RerankerProvider extends NamedProvider {
  /**
   * Makes a re-ranker. Each option has a default, so that a name alone gives one.
   *
   * @param options what the caller asks for; an unknown option is refused
   * @return a new object
   * @throws IllegalArgumentException if an option is unknown or out of range
   */
  Reranker create(Options options);
}
