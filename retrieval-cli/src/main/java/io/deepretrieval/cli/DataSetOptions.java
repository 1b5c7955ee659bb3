// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.dataset.DataSets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

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
    return Usage.of(spec, () -> DataSets.providers().get(part().name()).name());
  }

  Path root() {
    return root;
  }

  RetrievalDataSet read(CommandSpec spec) throws IOException {
    return Usage.of(spec, () -> DataSets.read(part().name(), root, part().options()));
  }

  /** Tells of images that are not there instead of failing. */
  RetrievalDataSet readDespiteMissing(CommandSpec spec, Consumer<String> missing)
      throws IOException {
    return Usage.of(
        spec, () -> DataSets.readDespiteMissing(part().name(), root, part().options(), missing));
  }

  private NamedPart part() {
    return NamedPart.parse("a data set", text);
  }
}
