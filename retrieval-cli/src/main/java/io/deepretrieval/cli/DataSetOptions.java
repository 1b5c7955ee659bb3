// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which data set a command works on. */
final class DataSetOptions {
  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "NAME[:OPTION=VALUE:...]",
      completionCandidates = KnownNames.DataSetNames.class,
      description = "One of ${COMPLETION-CANDIDATES}; layouts: Javadoc of DataSets.")
  private String text = "";

  @Option(
      names = "--root",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the data set.")
  private Path root = Path.of("");

  /** The name, which must be known. */
  String name(CommandSpec spec) {
    return provider(spec).name();
  }

  Path root() {
    return root;
  }

  RetrievalDataSet read(CommandSpec spec) throws IOException {
    NamedPart part = part(spec);
    provider(spec);
    try {
      return DataSets.read(part.name(), root, part.options());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** Tells of images that are not there instead of failing. */
  RetrievalDataSet readDespiteMissing(CommandSpec spec, Consumer<String> missing)
      throws IOException {
    NamedPart part = part(spec);
    provider(spec);
    try {
      return DataSets.readDespiteMissing(part.name(), root, part.options(), missing);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private DataSetProvider provider(CommandSpec spec) {
    try {
      return DataSets.providers().get(part(spec).name());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private NamedPart part(CommandSpec spec) {
    try {
      return NamedPart.parse("a data set", text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
