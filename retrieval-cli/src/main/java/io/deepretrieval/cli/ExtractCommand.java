// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.cli.run.ImageFiles;
import io.deepretrieval.index.NumpyFiles;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code extract}: images below a directory to a NumPy matrix and a list of their names. */
@Command(
    name = "extract",
    mixinStandardHelpOptions = true,
    description =
        "Describes the images below a directory: float32 [N,D] in NAME.npy and one path a line in"
            + " NAME.txt. An image that cannot be read is listed and skipped.")
final class ExtractCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the images, searched with its folders.")
  private Path images = Path.of("");

  @Option(names = "--out", required = true, paramLabel = "NAME.npy", description = "The matrix.")
  private Path out = Path.of("");

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  ExtractCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    List<ExtractionItem> items = ImageFiles.below(images);
    List<String> names = new ArrayList<>();
    try (DescriptorExtractor extractor = extraction.open();
        NumpyFiles.Writer writer = NumpyFiles.writer(out, extractor.dimension())) {
      terminal.print("recipe: %s", extractor.recipe());
      ExtractionReport report =
          new BulkRun(terminal)
              .run(
                  extractor,
                  items,
                  (item, descriptor) -> {
                    writer.write(descriptor.toArray());
                    names.add(item.id());
                  });
      if (names.isEmpty()) {
        throw new IOException("no image of " + items.size() + " could be described");
      }
      writer.finish();
      Path list = list();
      AtomicFiles.writeLines(list, names);
      terminal.print(
          "%d descriptors of %d dimensions in %s, their names in %s; %d skipped",
          report.extracted(), extractor.dimension(), out, list, report.failures().size());
      return 0;
    }
  }

  private Path list() {
    String name = String.valueOf(out.getFileName());
    return out.resolveSibling(
        (name.endsWith(".npy") ? name.substring(0, name.length() - 4) : name) + ".txt");
  }

  /** Takes a descriptor. */
  interface Sink {
    void accept(ExtractionItem item, Descriptor descriptor) throws IOException;
  }
}
