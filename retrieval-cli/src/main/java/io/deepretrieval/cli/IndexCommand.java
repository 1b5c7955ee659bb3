// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.Similarity;
import io.deepretrieval.cli.run.ImageFiles;
import io.deepretrieval.index.ImageIndexer;
import io.deepretrieval.index.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code index}: images below a directory into a store. */
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description =
        "Describes the images below a directory and adds them to a store, which is made if there"
            + " is none. Images that the store has already are left out, and so are those that"
            + " could not be read before. Run again after an interruption, it goes on where it"
            + " was.")
final class IndexCommand implements Callable<Integer> {
  private static final int COMMIT_EVERY = 1000;

  private final Terminal terminal;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the images, searched with its folders.")
  private Path images = Path.of("");

  @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store.")
  private Path store = Path.of("");

  @Option(
      names = "--metadata",
      paramLabel = "FILE.tsv",
      description =
          "What to note beside the vectors: a line of column names of which the first stands for"
              + " the image's path below --images, then a line an image, with tabs between.")
  private @Nullable Path metadata;

  @Option(
      names = "--again",
      description = "Try the images again that could not be read in an earlier run.")
  private boolean again;

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  IndexCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    List<ExtractionItem> items = ImageFiles.below(images);
    Map<String, Map<String, String>> noted =
        metadata == null ? Map.of() : MetadataFile.read(metadata);
    warnOfStrangers(noted.keySet(), items);
    try (DescriptorExtractor extractor = extraction.open();
        Terminal.Progress bar = terminal.progress("extract", items.size())) {
      ImageIndexer indexer =
          ImageIndexer.builder(store, extractor)
              .similarity(Similarity.COSINE)
              .commitEvery(COMMIT_EVERY)
              .metadata(item -> noted.getOrDefault(item.id(), Map.of()))
              .listener(p -> bar.reach((int) (p.indexed() + p.skipped() + p.quarantined())))
              .build();
      if (again) {
        indexer.clearQuarantine();
      }
      ImageIndexer.Outcome outcome = indexer.run(items);
      outcome.failures().forEach(failure -> terminal.warn("skipped: " + failure.reason()));
      ImageIndexer.Progress done = outcome.progress();
      try (StoreReader reader = StoreReader.open(store)) {
        terminal.print(
            "%d added, %d there before, %d skipped; %s has %d descriptors",
            done.indexed() + outcome.recovered(),
            done.skipped() - outcome.recovered(),
            done.quarantined(),
            store,
            reader.size());
      }
      return 0;
    }
  }

  private void warnOfStrangers(Set<String> noted, List<ExtractionItem> items) {
    Set<String> ids = items.stream().map(ExtractionItem::id).collect(Collectors.toSet());
    List<String> strangers = noted.stream().filter(id -> !ids.contains(id)).toList();
    if (!strangers.isEmpty()) {
      terminal.warn(
          "metadata name "
              + strangers.size()
              + " images that are not below --images, for instance '"
              + strangers.get(0)
              + "'");
    }
  }
}
