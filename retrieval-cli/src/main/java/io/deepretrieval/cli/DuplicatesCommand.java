// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.index.NearDuplicates;
import io.deepretrieval.index.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code duplicates}: groups of images that are nearly the same. */
@Command(
    name = "duplicates",
    mixinStandardHelpOptions = true,
    description =
        "Prints groups of near duplicates in a store, one image a line, an empty line between"
            + " groups.")
final class DuplicatesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store.")
  private Path store = Path.of("");

  @Option(
      names = "--threshold",
      paramLabel = "SCORE",
      description = "Least score of a pair (default ${DEFAULT-VALUE}).")
  private float threshold = 0.95f;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads (default: one a processor).")
  private int threads = Runtime.getRuntime().availableProcessors();

  DuplicatesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (StoreReader reader = StoreReader.open(store, threads)) {
      String between = "";
      for (List<String> group : NearDuplicates.groups(reader, threshold, threads)) {
        terminal.print("%s", between + String.join("\n", group));
        between = "\n";
      }
    }
    return 0;
  }
}
