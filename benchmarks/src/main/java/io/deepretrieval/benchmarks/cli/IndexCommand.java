// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks.cli;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Similarity;
import io.deepretrieval.index.DescriptorStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code index}: pictures below a directory into a store. */
@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description =
        "Describes the pictures below a directory and adds them to a store, which is made if there"
            + " is none. Pictures that the store has already are left out.")
final class IndexCommand implements Callable<Integer> {
  private static final int COMMIT_EVERY = 1000;

  private final Terminal terminal;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the pictures, searched with its folders.")
  private Path images = Path.of("");

  @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store.")
  private Path store = Path.of("");

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  IndexCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    List<ExtractionItem> items = ImageFiles.below(images);
    try (DescriptorExtractor extractor = extraction.open();
        DescriptorStore open = open(extractor)) {
      List<ExtractionItem> fresh = items.stream().filter(i -> !open.contains(i.id())).toList();
      ExtractionReport report =
          new BulkRun(terminal)
              .run(
                  extractor,
                  fresh,
                  (item, descriptor) -> {
                    open.add(item.id(), descriptor);
                    if (open.size() % COMMIT_EVERY == 0) {
                      open.commit();
                    }
                  });
      open.commit();
      terminal.print(
          "%d added, %d there before, %d skipped; %s has %d descriptors",
          report.extracted(),
          items.size() - fresh.size(),
          report.failures().size(),
          store,
          open.size());
      return 0;
    }
  }

  private DescriptorStore open(DescriptorExtractor extractor) throws IOException {
    if (!DescriptorStore.exists(store)) {
      return DescriptorStore.create(
          store, extractor.recipe(), Similarity.COSINE, extractor.dimension());
    }
    DescriptorStore open = DescriptorStore.open(store);
    try {
      open.recipe().requireSame(extractor.recipe(), "what goes into store " + store);
      return open;
    } catch (IllegalArgumentException e) {
      open.close();
      throw e;
    }
  }
}
