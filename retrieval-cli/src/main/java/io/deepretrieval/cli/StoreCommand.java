// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.index.DescriptorStore;
import io.deepretrieval.index.StoreReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code store}: what concerns a store as a whole. */
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = "Checks or rewrites a store.")
final class StoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command must be given: verify or compact");
  }

  /** {@code store verify}. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description =
          "Checks every byte of a store and names what is damaged, with its offset. Exit code 1 if"
              + " anything is.")
  static final class Verify implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store.")
    private Path store = Path.of("");

    Verify(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
      StoreReport report = DescriptorStore.verify(store);
      report.damages().forEach(damage -> terminal.print("%s", damage));
      report.orphans().forEach(name -> terminal.print("orphan, to be removed: %s", name));
      terminal.print(
          "%s: %d descriptors, %d removed, %d segments, %d bytes; %s",
          store,
          report.vectors(),
          report.removed(),
          report.segments(),
          report.bytes(),
          report.isSound() ? "sound" : "DAMAGED");
      return report.isSound() ? 0 : 1;
    }
  }

  /** {@code store compact}. */
  @Command(
      name = "compact",
      mixinStandardHelpOptions = true,
      description = "Rewrites a store without removed descriptors, in as few segments as possible.")
  static final class Compact implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store.")
    private Path store = Path.of("");

    Compact(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
      try (DescriptorStore open = DescriptorStore.open(store)) {
        long freed = open.compact();
        terminal.print("%s: %d descriptors, %d bytes freed", store, open.size(), freed);
      }
      return 0;
    }
  }
}
