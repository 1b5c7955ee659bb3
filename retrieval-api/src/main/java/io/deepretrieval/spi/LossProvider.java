// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import io.deepretrieval.Loss;

/** Makes a loss from options, for callers that know only its name. */
public interface LossProvider extends NamedProvider {
  /**
   * Makes a loss.
   *
   * @param options what the caller asks for; an unknown option is refused
   * @param context what the training is like; an option that says otherwise goes before it
   * @return a new object
   * @throws IllegalArgumentException if an option is unknown, missing or out of range
   */
  Loss create(Options options, LossContext context);
}
