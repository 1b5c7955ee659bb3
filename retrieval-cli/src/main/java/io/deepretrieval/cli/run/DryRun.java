// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Box;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ImageDecodeException;
import io.deepretrieval.ImageSource;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.image.ImageHead;
import io.deepretrieval.image.ImageIoDecoder;
import io.deepretrieval.index.DescriptorStore;
import io.deepretrieval.index.StoreReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at everything that an evaluation would need, and describes only a few images. */
public final class DryRun {
  /** Images that are described to learn how long one takes. */
  private static final int TIMED = 8;

  /** Ids, places and paths of an image on the heap. */
  private static final int BYTES_A_PICTURE = 600;

  private static final double MEGABYTE = 1 << 20;

  private final Terminal terminal;
  private final ImageIoDecoder decoder = new ImageIoDecoder();
  private final Map<Path, ImageHead> readable = new LinkedHashMap<>();
  private int unreadable;

  public DryRun(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Prints what would go wrong and what it would cost.
   *
   * @param missing what is known to be missing
   * @param root where surplus images are looked for
   * @param cache where vectors are kept; none for no cache
   * @return true if every image is there and readable
   */
  public boolean run(
      DescriptorExtractor extractor,
      RetrievalDataSet data,
      List<String> missing,
      Path root,
      @Nullable Path cache)
      throws IOException {
    terminal.print(
        "%s: %d queries, %d database images",
        data.name(), data.queries().size(), data.database().size());
    missing.forEach(message -> terminal.print("missing: %s", message));
    Set<Path> used = used(data);
    inspect(used);
    int surplus = surplus(used, root);
    terminal.print("%d missing, %d unreadable, %d surplus", missing.size(), unreadable, surplus);
    if (!readable.isEmpty()) {
      expect(extractor, data, cache);
    }
    return missing.isEmpty() && unreadable == 0;
  }

  private static Set<Path> used(RetrievalDataSet data) {
    Set<Path> used = new HashSet<>();
    data.database().forEach(image -> used.add(path(image.file())));
    data.queries().forEach(query -> used.add(path(query.image().file())));
    return used;
  }

  private static Path path(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private void inspect(Set<Path> used) {
    List<Path> present = used.stream().filter(Files::exists).sorted().toList();
    try (Terminal.Progress progress = terminal.progress("inspect", present.size())) {
      for (Path file : present) {
        try {
          readable.put(file, decoder.inspect(ImageSource.of(file)));
        } catch (ImageDecodeException e) {
          unreadable++;
          terminal.print("unreadable: %s", String.valueOf(e.getMessage()));
        }
        progress.step();
      }
    }
  }

  private int surplus(Set<Path> used, Path root) throws IOException {
    int count = 0;
    for (ExtractionItem item : ImageFiles.list(root)) {
      Path file = Path.of(item.source().name());
      // A link may lead to what is used under its own name.
      if (!used.contains(path(file))
          && !(Files.exists(file) && used.contains(file.toRealPath()))) {
        terminal.print("surplus: %s", file);
        count++;
      }
    }
    return count;
  }

  private void expect(DescriptorExtractor extractor, RetrievalDataSet data, @Nullable Path cache)
      throws IOException {
    Map.Entry<Path, ImageHead> largest =
        readable.entrySet().stream()
            .max((a, b) -> Long.compare(a.getValue().pixels(), b.getValue().pixels()))
            .orElseThrow();
    double decoded = 3.0 * largest.getValue().pixels() / MEGABYTE;
    terminal.print(
        "largest image: %dx%d, %.1f MB decoded, %s",
        largest.getValue().width(), largest.getValue().height(), decoded, largest.getKey());
    List<ExtractionItem> items = items(data);
    List<ExtractionItem> ahead = cache == null ? items : notIn(cache, extractor, items);
    double vectors = 4.0 * extractor.dimension() * data.database().size() / MEGABYTE;
    double names = (double) BYTES_A_PICTURE * data.database().size() / MEGABYTE;
    terminal.print(
        "memory beside the network: vectors %.1f MB %s, names %.1f MB, a decoded image up to"
            + " %.1f MB",
        vectors, cache == null ? "on the heap" : "on disk, mapped", names, decoded);
    double seconds = ahead.isEmpty() ? 0 : secondsEach(extractor, ahead);
    terminal.print(
        "to describe: %d of %d, %.3f s each, %.0f s altogether",
        ahead.size(), items.size(), seconds, seconds * ahead.size());
  }

  /** What can be described, each once. */
  private List<ExtractionItem> items(RetrievalDataSet data) {
    Map<String, ExtractionItem> items = new LinkedHashMap<>();
    for (DataSetImage image : data.database()) {
      add(items, image, Optional.empty());
    }
    for (Query query : data.queries()) {
      add(items, query.image(), query.box());
    }
    return List.copyOf(items.values());
  }

  private void add(Map<String, ExtractionItem> items, DataSetImage image, Optional<Box> box) {
    if (readable.containsKey(path(image.file()))) {
      String key = CachingProvider.key(image.file(), box);
      items.putIfAbsent(key, new ExtractionItem(key, ImageSource.of(image.file()), box));
    }
  }

  private static List<ExtractionItem> notIn(
      Path cache, DescriptorExtractor extractor, List<ExtractionItem> items) throws IOException {
    Path store = CachingProvider.store(cache, extractor.recipe());
    if (!DescriptorStore.exists(store)) {
      return items;
    }
    try (StoreReader reader = StoreReader.open(store, 1)) {
      return items.stream().filter(item -> reader.metadata(item.id()).isEmpty()).toList();
    }
  }

  private static double secondsEach(DescriptorExtractor extractor, List<ExtractionItem> items) {
    List<ExtractionItem> timed = new ArrayList<>();
    int count = Math.min(TIMED, items.size());
    for (int i = 0; i < count; i++) {
      timed.add(items.get((int) ((long) i * items.size() / count)));
    }
    // The first images take longer than those after them.
    extractor.extractAll(timed, (item, descriptor) -> Objects.requireNonNull(descriptor));
    long start = System.nanoTime();
    extractor.extractAll(timed, (item, descriptor) -> Objects.requireNonNull(descriptor));
    return (System.nanoTime() - start) / 1e9 / count;
  }
}
