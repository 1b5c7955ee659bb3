// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import com.google.common.hash.Hashing;
import io.deepretrieval.Box;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.eval.DescriptorProvider;
import io.deepretrieval.eval.EvaluationListener;
import io.deepretrieval.eval.QueryImage;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.index.DescriptorStore;
import io.deepretrieval.index.ImageIndexer;
import io.deepretrieval.index.StoreReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Describes no image twice: vectors are kept in a directory, in a store for each recipe, by path,
 * size and time of change of the file and by query box.
 *
 * <p>A run that was killed goes on where it was. An image that changed is described again and its
 * old vector removed; one that cannot be described is tried again each time. Data sets that share
 * images share vectors. Vectors are searched where they lie on disk, mapped; on the heap are about
 * 600 bytes an image. For one thread.
 */
public final class CachingProvider implements DescriptorProvider {
  private static final int KEY_BYTES = 16;
  private static final int DIRECTORY_NAME = 16;

  private final Path cache;
  private final DescriptorExtractor extractor;
  private int described;
  private int kept;

  /**
   * Makes a provider.
   *
   * @param cache directory of the stores; made if it is not there
   * @param extractor describes what the cache does not have (not owned: not closed)
   */
  public CachingProvider(Path cache, DescriptorExtractor extractor) {
    this.cache = Objects.requireNonNull(cache, "cache");
    this.extractor = Objects.requireNonNull(extractor, "extractor");
  }

  /**
   * Says where the vectors of a recipe are kept.
   *
   * @param cache directory of the stores
   * @param recipe the recipe
   * @return directory of its store, which need not be there
   */
  public static Path store(Path cache, Recipe recipe) {
    return cache.resolve(recipe.fingerprint().substring(0, DIRECTORY_NAME));
  }

  /**
   * Returns what the last run took from the cache and added to it.
   *
   * @return counts, of 0 before the first run
   */
  public CacheUse use() {
    return new CacheUse(store(cache, recipe()), kept, described);
  }

  @Override
  public Recipe recipe() {
    return extractor.recipe();
  }

  @Override
  public Described describe(
      RetrievalDataSet dataSet, List<QueryImage> questions, EvaluationListener listener) {
    try {
      return fill(dataSet, questions, listener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Described fill(
      RetrievalDataSet dataSet, List<QueryImage> questions, EvaluationListener listener)
      throws IOException {
    long start = System.nanoTime();
    Path store = store(cache, recipe());
    WantedImages wanted = new WantedImages(dataSet.database(), questions);
    listener.progress(EvaluationListener.Step.EXTRACTION, 0, wanted.size());
    ImageIndexer indexer =
        ImageIndexer.builder(store, extractor)
            .metadata(CachingProvider::metadata)
            .listener(
                p ->
                    listener.progress(
                        EvaluationListener.Step.EXTRACTION,
                        (int) (p.indexed() + p.skipped() + p.quarantined()),
                        wanted.size()))
            .build();
    indexer.clearQuarantine();
    ImageIndexer.Outcome outcome = indexer.run(wanted::items);
    List<ExtractionReport.Failure> failures = wanted.named(outcome.failures());
    failures.forEach(listener::failed);
    described = (int) outcome.progress().indexed();
    kept = (int) outcome.progress().skipped();
    long extracted = System.nanoTime();
    removeChanged(store, wanted);
    StoreReader reader = StoreReader.open(store);
    try {
      IndexView index = new IndexView(reader, wanted.database(reader));
      if (index.size() == 0) {
        throw new IllegalStateException(
            "no image of the database of '"
                + dataSet.name()
                + "' could be described; the first: "
                + failures.get(0).reason());
      }
      return new Kept(
          index,
          reader,
          wanted.queryKeys(),
          failures,
          Duration.ofNanos(extracted - start),
          Duration.ofNanos(System.nanoTime() - extracted));
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** Vectors of files that still exist but have changed. */
  private static void removeChanged(Path store, WantedImages wanted) throws IOException {
    List<String> changed = new ArrayList<>();
    try (StoreReader reader = StoreReader.open(store, 1)) {
      for (String key : reader.ids()) {
        if (!wanted.has(key)) {
          Map<String, String> noted = reader.metadata(key).orElse(Map.of());
          Path file = Path.of(noted.getOrDefault("file", ""));
          if (Files.exists(file) && !stamp(file).equals(noted.get("stamp"))) {
            changed.add(key);
          }
        }
      }
    }
    if (!changed.isEmpty()) {
      try (DescriptorStore writer = DescriptorStore.open(store)) {
        changed.forEach(writer::remove);
        writer.commit();
      }
    }
  }

  /**
   * Makes what is noted beside a vector.
   *
   * @param item an image, from a file
   * @return path, size and time of change of the file, and the box if there is one
   */
  public static Map<String, String> metadata(ExtractionItem item) {
    Map<String, String> noted = new LinkedHashMap<>();
    Path file = Path.of(item.source().name());
    noted.put("file", file.toAbsolutePath().normalize().toString());
    noted.put("stamp", stamp(file));
    item.box().ifPresent(box -> noted.put("box", text(box)));
    return noted;
  }

  private static String text(Box box) {
    return box.x1() + "," + box.y1() + "," + box.x2() + "," + box.y2();
  }

  private static String stamp(Path file) {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      return is.size() + " " + is.lastModifiedTime();
    } catch (IOException e) {
      // The extraction will say what is wrong with it.
      return "unreadable";
    }
  }

  /**
   * Makes the identity of a vector in the store of a recipe.
   *
   * @param file the image
   * @param box the part that is described; empty for all of it
   * @return another text for each path, size, time of change and box
   */
  public static String key(Path file, Optional<Box> box) {
    String text =
        file.toAbsolutePath().normalize()
            + "\n"
            + stamp(file)
            + "\n"
            + box.map(CachingProvider::text).orElse("");
    byte[] hash = Hashing.sha256().hashString(text, StandardCharsets.UTF_8).asBytes();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, KEY_BYTES));
  }

  /** The vectors of a run, on disk. */
  private record Kept(
      Index index,
      StoreReader reader,
      List<String> queryKeys,
      List<ExtractionReport.Failure> failures,
      Duration extraction,
      Duration indexing)
      implements Described {
    @Override
    public Optional<Descriptor> query(int number) {
      return reader.descriptor(queryKeys.get(number));
    }

    @Override
    public void close() {
      index.close();
    }
  }
}
