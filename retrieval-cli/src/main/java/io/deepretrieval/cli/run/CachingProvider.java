// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Box;
import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.ExtractionItem;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.ImageSource;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.eval.DataSetImage;
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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Describes no image twice: vectors are kept in a directory, in a store for each recipe, by path,
 * size and time of change of the file and by query box.
 *
 * <p>A run that was killed goes on where it was. An image that changed is described again and its
 * old vector removed; one that cannot be described is tried again each time. Data sets that share
 * images share vectors. Vectors are searched where they lie on disk, mapped; on the heap are about
 * 600 bytes an image.
 */
public final class CachingProvider implements DescriptorProvider {
  private static final int KEY_BYTES = 16;
  private static final int DIRECTORY_NAME = 16;

  private final Path cache;
  private final DescriptorExtractor extractor;
  private int described;
  private int kept;

  public CachingProvider(Path cache, DescriptorExtractor extractor) {
    this.cache = cache;
    this.extractor = extractor;
  }

  /** Where the vectors of a recipe are kept. */
  public static Path store(Path cache, Recipe recipe) {
    return cache.resolve(recipe.fingerprint().substring(0, DIRECTORY_NAME));
  }

  /** How many vectors the last run added. */
  public int described() {
    return described;
  }

  /** How many vectors the last run found in the cache. */
  public int kept() {
    return kept;
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
    Wanted wanted = new Wanted(dataSet.database(), questions);
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
          wanted.questionKeys,
          failures,
          Duration.ofNanos(extracted - start),
          Duration.ofNanos(System.nanoTime() - extracted));
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** Vectors of files that are there but are not what they were. */
  private static void removeChanged(Path store, Wanted wanted) throws IOException {
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

  /** What is noted beside a vector. */
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

  /** Identity of a vector of a recipe. */
  public static String key(Path file, Optional<Box> box) {
    String text =
        file.toAbsolutePath().normalize()
            + "\n"
            + stamp(file)
            + "\n"
            + box.map(CachingProvider::text).orElse("");
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, KEY_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have SHA-256", e);
    }
  }

  /** The images of a run and their keys. */
  private static final class Wanted {
    final List<String> questionKeys;
    private final List<DataSetImage> database;
    private final List<QueryImage> questions;
    private final Map<String, Integer> databasePlaces = new LinkedHashMap<>();
    private final Map<String, Integer> questionPlaces = new HashMap<>();

    Wanted(List<DataSetImage> database, List<QueryImage> questions) {
      this.database = database;
      this.questions = questions;
      for (int i = 0; i < database.size(); i++) {
        String key = key(database.get(i).file(), Optional.empty());
        String own = key;
        // One file under two ids is two rows.
        for (int n = 2; databasePlaces.putIfAbsent(own, i) != null; n++) {
          own = key + "#" + n;
        }
      }
      this.questionKeys =
          questions.stream().map(question -> key(question.image().file(), question.box())).toList();
      for (int i = 0; i < questions.size(); i++) {
        if (!databasePlaces.containsKey(questionKeys.get(i))) {
          questionPlaces.putIfAbsent(questionKeys.get(i), i);
        }
      }
    }

    int size() {
      return databasePlaces.size() + questionPlaces.size();
    }

    boolean has(String key) {
      return databasePlaces.containsKey(key) || questionPlaces.containsKey(key);
    }

    /** Made as they are drawn: a million of them would fill the memory. */
    Iterator<ExtractionItem> items() {
      Stream<ExtractionItem> searched =
          databasePlaces.entrySet().stream()
              .map(
                  entry ->
                      ExtractionItem.of(
                          entry.getKey(), ImageSource.of(database.get(entry.getValue()).file())));
      Stream<ExtractionItem> asked =
          IntStream.range(0, questions.size())
              .filter(i -> Integer.valueOf(i).equals(questionPlaces.get(questionKeys.get(i))))
              .mapToObj(
                  i ->
                      new ExtractionItem(
                          questionKeys.get(i),
                          ImageSource.of(questions.get(i).image().file()),
                          questions.get(i).box()));
      return Stream.concat(searched, asked).iterator();
    }

    /** Failures by what the data set calls the images. */
    List<ExtractionReport.Failure> named(List<ExtractionReport.Failure> failures) {
      return failures.stream()
          .map(failure -> new ExtractionReport.Failure(name(failure.id()), failure.reason()))
          .toList();
    }

    private String name(String key) {
      Integer place = databasePlaces.get(key);
      if (place != null) {
        return database.get(place).id();
      }
      Integer asked = questionPlaces.get(key);
      if (asked == null) {
        throw new NoSuchElementException("no image has the key " + key);
      }
      return questions.get(asked).label();
    }

    /** The ids of the database by key, those that could be described. */
    Map<String, String> database(StoreReader reader) {
      Set<String> present = new HashSet<>(reader.ids());
      Map<String, String> ids = new LinkedHashMap<>();
      databasePlaces.forEach(
          (key, place) -> {
            if (present.contains(key)) {
              ids.put(key, database.get(place).id());
            }
          });
      return ids;
    }
  }

  /** The vectors of a run, on disk. */
  private record Kept(
      Index index,
      StoreReader reader,
      List<String> questionKeys,
      List<ExtractionReport.Failure> failures,
      Duration extraction,
      Duration indexing)
      implements Described {
    @Override
    public Optional<Descriptor> query(int number) {
      return reader.descriptor(questionKeys.get(number));
    }

    @Override
    public void close() {
      index.close();
    }
  }
}
