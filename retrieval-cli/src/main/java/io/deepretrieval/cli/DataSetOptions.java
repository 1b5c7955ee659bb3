// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which data set a command works on. */
final class DataSetOptions {
  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "NAME[:OPTION=VALUE]",
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
    return DataSets.read(name(spec), root, options(spec));
  }

  /** Tells of images that are not there instead of failing. */
  RetrievalDataSet readDespiteMissing(CommandSpec spec, Consumer<String> missing)
      throws IOException {
    return DataSets.readDespiteMissing(name(spec), root, options(spec), missing);
  }

  private DataSetProvider provider(CommandSpec spec) {
    try {
      return DataSets.providers().get(parts().get(0));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Options options(CommandSpec spec) {
    Options options = Options.NONE;
    List<String> parts = parts();
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new ParameterException(
            spec.commandLine(),
            "option of a data set must be name=value but was '" + part + "' in '" + text + "'");
      }
      options = options.with(part.substring(0, equals), part.substring(equals + 1));
    }
    return options;
  }

  private List<String> parts() {
    return List.of(text.split(":", -1));
  }
}
