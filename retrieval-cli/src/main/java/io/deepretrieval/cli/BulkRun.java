// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionListener;
import io.deepretrieval.ExtractionReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A bulk extraction with progress and a warning for each image that is skipped. */
final class BulkRun {
  private final Terminal terminal;

  BulkRun(Terminal terminal) {
    this.terminal = terminal;
  }

  ExtractionReport run(
      DescriptorExtractor extractor, List<ExtractionItem> items, ExtractCommand.Sink sink)
      throws IOException {
    try (Terminal.Progress progress = terminal.progress("extract", items.size())) {
      return extractor.extractAll(
          items,
          new ExtractionListener() {
            @Override
            public void extracted(ExtractionItem item, Descriptor descriptor) {
              try {
                sink.accept(item, descriptor);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              progress.step();
            }

            @Override
            public void skipped(ExtractionItem item, ExtractionReport.Failure failure) {
              terminal.warn("skipped: " + failure.reason());
              progress.step();
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
