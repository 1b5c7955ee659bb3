// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.dl4j.weights.WeightsCatalog;
import io.deepretrieval.dl4j.weights.WeightsCatalog.Entry;
import io.deepretrieval.dl4j.weights.WeightsDownload;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weights}: the published weights, listed or brought here. */
@Command(
    name = "weights",
    mixinStandardHelpOptions = true,
    description = {
      "Without NAME lists the weights that torchvision publishes: name, file, and whether it is in"
          + " the cache, separated by tabs. With NAME brings them into the cache if they are not"
          + " there, and prints the path of the file.",
      "They may have terms of their own, derived from ImageNet; whether a use is allowed is for its"
          + " user to find out."
    })
final class WeightsCommand implements Callable<Integer> {
  private static final long MIB = 1L << 20;

  private final Terminal terminal;
  private final List<Entry> entries;
  private final Function<String, Entry> byName;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Weights of the list; resnet50 means resnet50-v1.")
  private @Nullable String name;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where files are kept. Default: deepretrieval/weights in $$XDG_CACHE_HOME or ~/.cache.")
  private Path cache = WeightsDownload.defaultCache();

  @Option(
      names = "--offline",
      description = "Ask no server; what is not there is an error that says where to get it.")
  private boolean offline;

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = "Directory to load from. Default: https://download.pytorch.org/models/.")
  private @Nullable URI source;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "Longest wait for an answer, and for each part of it. Default: ${DEFAULT-VALUE}.")
  private int timeout = 30;

  WeightsCommand(Terminal terminal) {
    this(terminal, WeightsCatalog.entries(), WeightsCatalog::get);
  }

  WeightsCommand(Terminal terminal, List<Entry> entries, Function<String, Entry> byName) {
    this.terminal = terminal;
    this.entries = entries;
    this.byName = byName;
  }

  @Override
  public Integer call() throws IOException {
    if (name == null) {
      for (Entry entry : entries) {
        boolean here = Files.isRegularFile(cache.resolve(entry.file()));
        terminal.print("%s\t%s\t%s", entry.name(), entry.file(), here ? "cached" : "not cached");
      }
      return 0;
    }
    Bar bar = new Bar();
    WeightsDownload download = download(name, bar);
    try {
      terminal.print("%s", download.fetch());
    } finally {
      bar.close();
    }
    return 0;
  }

  private WeightsDownload download(String wanted, WeightsDownload.Progress progress) {
    return Usage.of(
        spec,
        () -> {
          WeightsDownload.Builder builder =
              WeightsDownload.builder(byName.apply(wanted))
                  .cache(cache)
                  .offline(offline)
                  .timeout(Duration.ofSeconds(timeout))
                  .progress(progress);
          if (source != null) {
            builder.source(source);
          }
          return builder.build();
        });
  }

  /** Progress in MiB, begun when the size is known. */
  private final class Bar implements WeightsDownload.Progress, AutoCloseable {
    private Terminal.@Nullable Progress progress;

    @Override
    public void at(long done, long total) {
      if (total < 0) {
        terminal.live("download " + done / MIB + " MiB");
        return;
      }
      if (progress == null) {
        progress = terminal.progress("download, MiB", (int) ((total + MIB - 1) / MIB));
      }
      if (total > 0) {
        progress.reach((int) (done == total ? (total + MIB - 1) / MIB : done / MIB));
      }
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
