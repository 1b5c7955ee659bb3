// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.eval.dataset.DataSets;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which data set a command works on. */
final class DataSetOptions {
  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "NAME",
      description = "One of those that an unknown name lists; layouts: Javadoc of DataSets.")
  private String name = "";

  @Option(
      names = "--root",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the data set.")
  private Path root = Path.of("");

  /** The name, which must be known. */
  String name(CommandSpec spec) {
    if (!DataSets.names().contains(name)) {
      throw new ParameterException(
          spec.commandLine(),
          "unknown data set '" + name + "'; known: " + String.join(", ", DataSets.names()));
    }
    return name;
  }

  Path root() {
    return root;
  }
}
