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
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at everything that an evaluation would need, and describes only a few images to learn how
 * long one takes.
 *
 * <p>Immutable; runs any number of times.
 */
public final class DryRun {
  /** Images that are described to learn how long one takes. */
  private static final int TIMED = 8;

  /** Ids, positions and paths of an image on the heap. */
  private static final long BYTES_AN_IMAGE = 600;

  private final DescriptorExtractor extractor;
  private final RetrievalDataSet data;
  private final List<String> missing;
  private final @Nullable Path root;
  private final @Nullable Path cache;
  private final RunListener listener;
  private final ImageIoDecoder decoder = new ImageIoDecoder();

  private DryRun(Builder builder) {
    extractor = builder.extractor;
    data = builder.data;
    missing = builder.missing;
    root = builder.root;
    cache = builder.cache;
    listener = builder.listener;
  }

  /**
   * Starts a dry run.
   *
   * @param extractor what the evaluation would describe with (not owned: not closed)
   * @param data what it would search in and for
   * @return a builder
   */
  public static Builder builder(DescriptorExtractor extractor, RetrievalDataSet data) {
    return new Builder(extractor, data);
  }

  /**
   * Looks at every image.
   *
   * @return what is missing, unreadable or surplus, and what the rest would cost
   * @throws IOException if the directory or the cache cannot be read
   */
  public DryRunReport run() throws IOException {
    Set<Path> used = used();
    List<String> unreadable = new ArrayList<>();
    Map<Path, ImageHead> readable = inspect(used, unreadable);
    List<Path> surplus = surplus(used);
    return new DryRunReport(
        data.name(),
        data.queries().size(),
        data.database().size(),
        missing,
        unreadable,
        surplus,
        readable.isEmpty() ? Optional.empty() : Optional.of(cost(readable)));
  }

  private Set<Path> used() {
    Set<Path> used = new HashSet<>();
    data.database().forEach(image -> used.add(path(image.file())));
    data.queries().forEach(query -> used.add(path(query.image().file())));
    return used;
  }

  private static Path path(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private Map<Path, ImageHead> inspect(Set<Path> used, List<String> unreadable) {
    Map<Path, ImageHead> readable = new LinkedHashMap<>();
    List<Path> present = used.stream().filter(Files::exists).sorted().toList();
    listener.progress("inspect", 0, present.size());
    int done = 0;
    for (Path file : present) {
      try {
        readable.put(file, decoder.inspect(ImageSource.of(file)));
      } catch (ImageDecodeException e) {
        unreadable.add(String.valueOf(e.getMessage()));
      }
      done++;
      listener.progress("inspect", done, present.size());
    }
    return readable;
  }

  private List<Path> surplus(Set<Path> used) throws IOException {
    List<Path> surplus = new ArrayList<>();
    if (root != null) {
      for (ExtractionItem item : ImageFiles.list(root)) {
        Path file = Path.of(item.source().name());
        // A link may lead to what is used under its own name.
        if (!used.contains(path(file))
            && !(Files.exists(file) && used.contains(file.toRealPath()))) {
          surplus.add(file);
        }
      }
    }
    return surplus;
  }

  private DryRunReport.Cost cost(Map<Path, ImageHead> readable) throws IOException {
    Map.Entry<Path, ImageHead> largest =
        readable.entrySet().stream()
            .max((a, b) -> Long.compare(a.getValue().pixels(), b.getValue().pixels()))
            .orElseThrow();
    List<ExtractionItem> items = items(readable.keySet());
    List<ExtractionItem> ahead = cache == null ? items : notIn(cache, items);
    long images = data.database().size();
    return new DryRunReport.Cost(
        largest.getKey(),
        largest.getValue().width(),
        largest.getValue().height(),
        3L * largest.getValue().pixels(),
        4L * extractor.dimension() * images,
        BYTES_AN_IMAGE * images,
        items.size(),
        ahead.size(),
        ahead.isEmpty() ? 0 : secondsEach(ahead));
  }

  /** What can be described, each once. */
  private List<ExtractionItem> items(Set<Path> readable) {
    Map<String, ExtractionItem> items = new LinkedHashMap<>();
    for (DataSetImage image : data.database()) {
      add(items, readable, image, Optional.empty());
    }
    for (Query query : data.queries()) {
      add(items, readable, query.image(), query.box());
    }
    return List.copyOf(items.values());
  }

  private static void add(
      Map<String, ExtractionItem> items,
      Set<Path> readable,
      DataSetImage image,
      Optional<Box> box) {
    if (readable.contains(path(image.file()))) {
      String key = CachingProvider.key(image.file(), box);
      items.putIfAbsent(key, new ExtractionItem(key, ImageSource.of(image.file()), box));
    }
  }

  private List<ExtractionItem> notIn(Path kept, List<ExtractionItem> items) throws IOException {
    Path store = CachingProvider.store(kept, extractor.recipe());
    if (!DescriptorStore.exists(store)) {
      return items;
    }
    try (StoreReader reader = StoreReader.open(store, 1)) {
      return items.stream().filter(item -> reader.metadata(item.id()).isEmpty()).toList();
    }
  }

  private double secondsEach(List<ExtractionItem> items) {
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

  /** Options of a dry run. For one thread; builds any number of times. */
  public static final class Builder {
    private final DescriptorExtractor extractor;
    private final RetrievalDataSet data;
    private List<String> missing = List.of();
    private @Nullable Path root;
    private @Nullable Path cache;
    private RunListener listener = RunListener.NONE;

    private Builder(DescriptorExtractor extractor, RetrievalDataSet data) {
      this.extractor = Objects.requireNonNull(extractor, "extractor");
      this.data = Objects.requireNonNull(data, "data");
    }

    /**
     * Says what is known to be missing, as the reader of a data set told it.
     *
     * @param lines one an image (copied); none by default
     * @return this builder
     */
    public Builder missing(Collection<String> lines) {
      missing = List.copyOf(lines);
      return this;
    }

    /**
     * Sets where surplus images are looked for. By default they are not.
     *
     * @param directory of the data set
     * @return this builder
     */
    public Builder root(Path directory) {
      root = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Counts what a cache has already. By default there is none.
     *
     * @param directory need not be there; nothing is written to it
     * @return this builder
     */
    public Builder cache(Path directory) {
      cache = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Sets who learns of progress. By default nobody does.
     *
     * @param progress called on the thread of the run
     * @return this builder
     */
    public Builder listener(RunListener progress) {
      listener = Objects.requireNonNull(progress, "progress");
      return this;
    }

    /**
     * Makes the dry run.
     *
     * @return an immutable run
     */
    public DryRun build() {
      return new DryRun(this);
    }
  }
}
