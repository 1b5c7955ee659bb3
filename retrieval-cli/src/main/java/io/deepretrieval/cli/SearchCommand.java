// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli;

import io.deepretrieval.Box;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Filter;
import io.deepretrieval.ImageSource;
import io.deepretrieval.RgbImage;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.index.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code search}: the most similar images of a store. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = "Finds the images of a store that are most like an image or a part of it.")
final class SearchCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--store", required = true, paramLabel = "DIR", description = "The store.")
  private Path store = Path.of("");

  @Option(names = "--query", required = true, paramLabel = "IMAGE", description = "The image.")
  private Path query = Path.of("");

  @Option(
      names = "--box",
      paramLabel = "x1,y1,x2,y2",
      description = "The part of the image, in pixels: two corners.")
  private @Nullable String box;

  @Option(
      names = "-k",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many are shown. Default: ${DEFAULT-VALUE}.")
  private int k = 10;

  @Option(
      names = "--where",
      paramLabel = "NAME=VALUE",
      description =
          "Only images with this beside them, as 'index --metadata' noted it; all, if repeated.")
  private List<String> where = List.of();

  @Mixin private ExtractionOptions extraction = new ExtractionOptions();

  SearchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    SearchRequest request = Usage.of(spec, this::request);
    Optional<Box> part = Usage.of(spec, () -> Optional.ofNullable(box).map(Box::parse));
    try (StoreReader index = StoreReader.open(store);
        DescriptorExtractor extractor = extraction.open()) {
      requireFields(request, index);
      RgbImage image = new ImageIoDecoder().decode(ImageSource.of(query));
      Descriptor descriptor =
          part.isPresent() ? extractor.extract(image, part.get()) : extractor.extract(image);
      int rank = 0;
      for (SearchHit hit : index.search(descriptor, request).hits()) {
        rank++;
        terminal.print("%d\t%.4f\t%s", rank, hit.score(), hit.id());
      }
      return 0;
    }
  }

  private SearchRequest request() {
    SearchRequest.Builder wanted = SearchRequest.builder().k(k);
    if (!where.isEmpty()) {
      wanted.where(Filter.and(where.stream().map(SearchCommand::condition).toArray(Filter[]::new)));
    }
    return wanted.build();
  }

  private static Filter condition(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("--where must be NAME=VALUE but was '" + text + "'");
    }
    return Filter.eq(text.substring(0, equals), text.substring(equals + 1));
  }

  /** A misspelled field is told before anything is extracted. */
  private void requireFields(SearchRequest request, StoreReader index) {
    Usage.of(
        spec,
        () -> {
          request.where().ifPresent(where -> where.requireFields(index.fields()));
          return request;
        });
  }
}
