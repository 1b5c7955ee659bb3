// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What a library refuses of the arguments it gets is wrong usage of the command. */
final class Usage {
  private Usage() {}

  /** Makes something of what the user typed. */
  interface Asked<T, E extends Exception> {
    T get() throws E;
  }

  /** Makes it; an {@link IllegalArgumentException} becomes the command's error of usage. */
  static <T, E extends Exception> T of(CommandSpec spec, Asked<T, E> asked) throws E {
    try {
      return asked.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
