// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.RankedHit;
import io.deepretrieval.RankingIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Exact search in a store, straight from its files.
 *
 * <p>Vectors are mapped, not read, so that a store of many gigabytes opens at once and may be
 * larger than memory; ids and norms are on the heap, about 100 bytes a vector. A vector is checked
 * when a search first comes to it: damage is an {@link java.io.UncheckedIOException} whose cause is
 * a {@link CorruptStoreException}, never a wrong answer. Ranking and scores are those of {@link
 * ExactIndex}. What was mapped is unmapped when it is collected, some time after {@link #close}.
 *
 * <p>A reader shows one committed state, whatever a writer does meanwhile, in this process or
 * another, until {@link #refresh} moves it to the latest. Any number of readers may be open beside
 * one writer; they need no lock and no right to write.
 *
 * <p>Thread-safe. Searches that run during a refresh end in the state in which they began.
 */
public final class StoreReader implements RankingIndex {
  /** A writer that compacts faster than this many times while a reader opens files is not sane. */
  private static final int ATTEMPTS = 100;

  /** One committed state, opened. */
  private record State(StoreManifest manifest, List<StoredSegment> segments, Rows rows) {}

  private final Path directory;
  private final WorkerPool pool;
  private final Recipe recipe;
  private final Similarity similarity;
  private final int dimension;
  private final ExactSearch search;
  private volatile @Nullable State state;

  private StoreReader(Path directory, State state, int threads, boolean codes) {
    this.directory = directory;
    this.pool = new WorkerPool(threads);
    this.recipe = state.manifest.recipe();
    this.similarity = state.manifest.similarity();
    this.dimension = state.manifest.dimension();
    this.search = new ExactSearch(similarity, dimension, pool, RowKernels.best(), codes);
    this.state = state;
  }

  /**
   * Opens the last committed state of a store, for searches by as many threads as there are
   * processors.
   *
   * @param directory of the store
   * @return a reader
   * @throws NoSuchFileException if there is no store
   * @throws CorruptStoreException if a file is damaged
   * @throws IOException if a file cannot be read
   */
  public static StoreReader open(Path directory) throws IOException {
    return open(directory, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Opens the last committed state of a store.
   *
   * @param directory of the store
   * @param threads how many a search may use, its caller's included, at least 1
   * @return a reader
   * @throws NoSuchFileException if there is no store
   * @throws CorruptStoreException if a file is damaged
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if there is no thread
   */
  public static StoreReader open(Path directory, int threads) throws IOException {
    return open(directory, threads, false);
  }

  /**
   * Opens the last committed state of a store, with codes in memory if asked for.
   *
   * @param directory of the store
   * @param threads how many a search may use, its caller's included, at least 1
   * @param codes true to keep each row in one byte a component on the heap, so that searches of few
   *     queries read the files only where the best rows are; see {@link ExactIndex.Builder#codes}
   * @return a reader
   * @throws NoSuchFileException if there is no store
   * @throws CorruptStoreException if a file is damaged
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if there is no thread
   */
  public static StoreReader open(Path directory, int threads, boolean codes) throws IOException {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1 but was " + threads);
    }
    return new StoreReader(directory, read(directory, List.of()), threads, codes);
  }

  /** Opens the latest state; a commit meanwhile may delete files of the one before. */
  private static State read(Path directory, List<StoredSegment> known) throws IOException {
    StoreManifest manifest = StoreManifest.read(directory);
    for (int attempt = 1; ; attempt++) {
      try {
        List<StoredSegment> segments = open(directory, manifest, known);
        List<RowBlock> blocks = new ArrayList<>();
        segments.forEach(segment -> blocks.addAll(segment.blocks()));
        return new State(manifest, segments, Rows.of(blocks));
      } catch (NoSuchFileException e) {
        StoreManifest later = StoreManifest.read(directory);
        if (later.generation() == manifest.generation() || attempt == ATTEMPTS) {
          throw missing(e);
        }
        manifest = later;
      }
    }
  }

  static IOException missing(NoSuchFileException e) {
    return new IOException("store file is missing: " + e.getFile(), e);
  }

  /** Opens all segments of a state, those that are known from their content in memory. */
  static List<StoredSegment> open(Path directory, StoreManifest manifest, List<StoredSegment> known)
      throws IOException {
    Map<String, StoredSegment> byName = new HashMap<>();
    known.forEach(segment -> byName.put(segment.segment().name(), segment));
    List<StoredSegment> segments = new ArrayList<>();
    for (StoreManifest.Segment segment : manifest.segments()) {
      segments.add(
          StoredSegment.open(directory, segment, manifest.dimension(), byName.get(segment.name())));
    }
    return List.copyOf(segments);
  }

  /**
   * Moves to the latest committed state. Costs as much as what was committed since.
   *
   * @return true if there is a later one
   * @throws CorruptStoreException if a file is damaged; the reader stays where it is
   * @throws IOException if a file cannot be read, or the directory has another store now; the
   *     reader stays where it is
   * @throws IllegalStateException if the reader is closed
   */
  public synchronized boolean refresh() throws IOException {
    State before = requireOpen();
    StoreManifest latest = StoreManifest.read(directory);
    if (latest.equals(before.manifest)) {
      return false;
    }
    State after = read(directory, before.segments);
    if (!after.manifest.recipe().equals(recipe)
        || after.manifest.similarity() != similarity
        || after.manifest.dimension() != dimension
        || after.manifest.generation() < before.manifest.generation()) {
      throw new IOException("store " + directory + " must be the one that was opened but is new");
    }
    state = after;
    return true;
  }

  /**
   * Returns which commit is shown.
   *
   * @return the number of commits before it; it only grows
   * @throws IllegalStateException if the reader is closed
   */
  public long generation() {
    return requireOpen().manifest.generation();
  }

  @Override
  public int dimension() {
    return dimension;
  }

  /**
   * Returns N.
   *
   * @return the number of vectors; 0 after {@link #close}
   */
  @Override
  public long size() {
    State now = state;
    return now == null ? 0 : now.rows.live();
  }

  @Override
  public Similarity similarity() {
    return similarity;
  }

  @Override
  public Recipe recipe() {
    return recipe;
  }

  @Override
  public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
    return search(queries, request, Optional.empty());
  }

  /**
   * Finds the best vectors among those whose metadata pass a predicate, and the filters of the
   * request if it has any. All hold exactly, however few vectors they leave.
   *
   * @param queries any number, each of dimension D and of the recipe of the store
   * @param request how many hits, among which ids
   * @param metadata says which vectors to consider by what {@link #metadata} returns for them;
   *     called from any thread
   * @return one result a query, in the order of the queries
   * @throws IllegalArgumentException if a query has another dimension or recipe
   * @throws IllegalStateException if the reader is closed
   */
  public List<SearchResult> search(
      List<Descriptor> queries, SearchRequest request, Predicate<Map<String, String>> metadata) {
    Objects.requireNonNull(metadata, "metadata");
    return search(
        queries, request, Optional.of((storage, row) -> metadata.test(storage.metadata(row))));
  }

  private List<SearchResult> search(
      List<Descriptor> queries, SearchRequest request, Optional<Selection.RowFilter> more) {
    Objects.requireNonNull(request, "request");
    List<Descriptor> asked = List.copyOf(queries);
    State now = requireOpen();
    DimensionChecks.requireFit(dimension, recipe, asked);
    Optional<Selection.RowFilter> filter = Selection.RowFilter.of(request, () -> fields(now));
    if (filter.isPresent() && more.isPresent()) {
      filter = Optional.of(filter.get().and(more.get()));
    }
    return search.search(now.rows, asked, request, filter.or(() -> more));
  }

  @Override
  public List<List<RankedHit>> ranks(List<Descriptor> queries, List<? extends Set<String>> wanted) {
    return ranks(queries, wanted, Optional.empty());
  }

  @Override
  public List<List<RankedHit>> ranks(
      List<Descriptor> queries, List<? extends Set<String>> wanted, ToIntFunction<String> order) {
    return ranks(queries, wanted, Optional.of(order));
  }

  private List<List<RankedHit>> ranks(
      List<Descriptor> queries,
      List<? extends Set<String>> wanted,
      Optional<ToIntFunction<String>> order) {
    List<Descriptor> asked = List.copyOf(queries);
    State now = requireOpen();
    DimensionChecks.requireFit(dimension, recipe, asked);
    return search.ranks(now.rows, asked, wanted, order);
  }

  @Override
  public Optional<Descriptor> descriptor(String id) {
    return find(id, (segment, row) -> Descriptor.copyOf(segment.vector(row), recipe));
  }

  /**
   * Returns what was noted beside a vector.
   *
   * @param id the caller's id
   * @return an unmodifiable map in the order of its writing, empty if nothing was noted; no map if
   *     there is none of that id
   * @throws IllegalStateException if the reader is closed
   */
  public Optional<Map<String, String>> metadata(String id) {
    return find(id, StoredSegment::metadata);
  }

  /**
   * Returns the fields of which at least one vector has a value, and a {@link
   * io.deepretrieval.Filter} may ask about. The first call after a refresh reads the metadata of
   * what has changed.
   *
   * @return names, sorted
   * @throws IllegalStateException if the reader is closed
   */
  public Set<String> fields() {
    return fields(requireOpen());
  }

  private static Set<String> fields(State state) {
    Set<String> fields = new TreeSet<>();
    state.segments.forEach(segment -> fields.addAll(segment.fields()));
    return Collections.unmodifiableSet(fields);
  }

  private interface RowReader<T> {
    T read(StoredSegment segment, int row);
  }

  private <T> Optional<T> find(String id, RowReader<T> reader) {
    Objects.requireNonNull(id, "id");
    List<StoredSegment> segments = requireOpen().segments;
    for (int s = segments.size() - 1; s >= 0; s--) {
      int row = segments.get(s).find(id);
      if (row >= 0 && segments.get(s).isLive(row)) {
        return Optional.of(reader.read(segments.get(s), row));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns all ids.
   *
   * @return in order of insertion
   * @throws IllegalStateException if the reader is closed
   */
  public List<String> ids() {
    List<String> ids = new ArrayList<>();
    for (StoredSegment segment : requireOpen().segments) {
      for (int row = 0; row < segment.rows(); row++) {
        if (segment.isLive(row)) {
          ids.add(segment.id(row));
        }
      }
    }
    return ids;
  }

  /** Takes one row after the other. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Takes a row.
     *
     * @param id the caller's id
     * @param descriptor its vector
     * @param metadata what was noted beside it
     * @throws IOException to end the visit
     */
    void visit(String id, Descriptor descriptor, Map<String, String> metadata) throws IOException;
  }

  /**
   * Shows all vectors of one state, in order of insertion.
   *
   * @param visitor takes them
   * @throws IOException what the visitor throws
   * @throws IllegalStateException if the reader is closed
   */
  public void forEach(Visitor visitor) throws IOException {
    for (StoredSegment segment : requireOpen().segments) {
      for (int row = 0; row < segment.rows(); row++) {
        if (segment.isLive(row)) {
          visitor.visit(
              segment.id(row),
              Descriptor.copyOf(segment.vector(row), recipe),
              segment.metadata(row));
        }
      }
    }
  }

  /** The rows of the state that is shown. */
  Rows rows() {
    return requireOpen().rows;
  }

  /** A checksum of the state that is shown. */
  int state() {
    return CheckedFile.crc(ByteBuffer.wrap(requireOpen().manifest.bytes()));
  }

  private State requireOpen() {
    State now = state;
    if (now == null) {
      throw new IllegalStateException("index must be open but is closed");
    }
    return now;
  }

  /** Lets go of the files. Does nothing the second time. */
  @Override
  public synchronized void close() {
    state = null;
    pool.shutdown();
  }

  @Override
  public String toString() {
    return "StoreReader[" + directory + ", " + size() + " x " + dimension + ", " + similarity + "]";
  }
}
