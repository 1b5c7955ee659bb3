// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.internal.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a store: descriptors of one recipe in a directory, by the caller's ids, each with a
 * small map of metadata.
 *
 * <p>{@link #add}, {@link #upsert} and {@link #remove} collect in memory; {@link #commit} writes a
 * new segment and then, as its last act, replaces the manifest. Whatever happens before that, the
 * next opening finds the last committed state and removes what belongs to nobody. Files are written
 * under a temporary name, forced, renamed, and the directory is forced; none is ever changed. Every
 * byte is under a checksum. {@link StoreReader}s search beside the writer.
 *
 * <p>One writer on one machine: the file {@code lock} says who, a second one is refused by that
 * name. Locks do not hold across network file systems.
 *
 * <p>Format, version 2. All numbers are little-endian.
 *
 * <pre>
 * manifest               UTF-8 text, line feeds:
 *   deep-retrieval store 2
 *   recipe TEXT          the recipe's one line
 *   similarity NAME      of {@link Similarity}
 *   dimension D
 *   generation G         number of commits
 *   next N               number of the next segment
 *   segment NAME ROWS LIVE ROWS-SUM INFO-SUM DEAD-FILE DEAD-SUM
 *                        one line a segment, in order of insertion; NAME is segment-NNNNNN; sums are
 *                        8 hexadecimal digits; "- -" in the place of the dead if no row is removed
 *   crc XXXXXXXX         CRC32C of all bytes above this line
 * NAME.rows              checked file of: float32 [ROWS,D]
 * NAME.info              checked file of: float64 [ROWS], the Euclidean length of each row;
 *                        for each row its id: int32 length in bytes, UTF-8;
 *                        for each row its metadata: int32 length in bytes of what follows, and for
 *                        each entry the key and the value: int32 length in bytes, UTF-8
 * NAME.dead-G            checked file of: int64 [ceil(ROWS/64)], bit r % 64 of word r / 64 is 1 if
 *                        row r is removed
 * lock                   UTF-8 text: pid, host and time of the writer; locked while it is open
 * checked file           payload of n bytes; CRC32C of each 4,096 bytes of it, int32 each; n as
 *                        int64; the sum: CRC32C as int32 of the bytes from n to here, which the
 *                        manifest repeats
 * </pre>
 *
 * <p>Version 1 is read too: its first line ends in 1, there are no lines {@code generation} and
 * {@code next}, and a segment is {@code segment NAME ROWS CRC-OF-ROWS CRC-OF-IDS} with plain files
 * {@code NAME.rows}, as above, and {@code NAME.ids}, for each row int32 length and UTF-8. In a
 * manifest of version 2 the line of such a segment begins with {@code old}.
 *
 * <p>A segment has at most 1 GiB of vectors; {@link #commit} and {@link #compact} begin another.
 * Each commit makes a segment, so commit thousands of vectors at a time, or compact now and then.
 * For one thread.
 */
public final class DescriptorStore implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DescriptorStore.class.getName());

  /** A row that is not on disk yet. */
  private static final class Entry {
    final float[] values;
    final double norm;
    final Map<String, String> metadata;

    Entry(Descriptor descriptor, Map<String, String> metadata) {
      this.values = descriptor.toArray();
      this.norm = descriptor.norm();
      this.metadata = metadata;
    }
  }

  private record RowLocation(int segment, int row) {}

  private final Path directory;
  private final StoreLock lock;
  private StoreManifest manifest;
  private List<StoredSegment> segments = List.of();
  private final Map<String, RowLocation> committed = new HashMap<>();
  private final Set<String> removed = new LinkedHashSet<>();
  private final Map<String, Entry> pending = new LinkedHashMap<>();
  private boolean closed;
  private @Nullable IOException failure;

  private DescriptorStore(Path directory, StoreManifest manifest, StoreLock lock) {
    this.directory = directory;
    this.manifest = manifest;
    this.lock = lock;
  }

  /**
   * Makes an empty store and opens it for writing.
   *
   * @param directory where to; made if absent, else without a store
   * @param recipe how every descriptor is made
   * @param similarity how they will be compared
   * @param dimension D, at least 1 and at most 2^20
   * @return the store
   * @throws IOException if there is a store already, or it cannot be written
   * @throws IllegalArgumentException if the dimension is out of range
   */
  public static DescriptorStore create(
      Path directory, Recipe recipe, Similarity similarity, int dimension) throws IOException {
    DimensionChecks.requireDimension(dimension);
    Files.createDirectories(directory);
    requireNone(directory);
    StoreLock lock = StoreLock.take(directory);
    try {
      requireNone(directory);
      StoreManifest empty = new StoreManifest(recipe, similarity, dimension, 0, 1, List.of());
      DescriptorStore store = new DescriptorStore(directory, empty, lock);
      CheckedFile.replace(directory.resolve(StoreManifest.FILE), empty.bytes());
      AtomicFiles.forceDirectory(directory);
      store.removeOrphans();
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void requireNone(Path directory) throws IOException {
    if (exists(directory)) {
      throw new IOException("store must be new but there is one in " + directory);
    }
  }

  /**
   * Says whether a directory holds a store.
   *
   * @param directory any path
   * @return true if there is a manifest
   */
  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve(StoreManifest.FILE));
  }

  /**
   * Opens a store for writing: checks all but the vectors, which {@link #verify} and every reader
   * check, and removes what an interrupted change left.
   *
   * @param directory of the store
   * @return the store in its last committed state
   * @throws IOException if there is no store, another writer has it, or a file is damaged
   */
  public static DescriptorStore open(Path directory) throws IOException {
    if (!exists(directory)) {
      throw new NoSuchFileException(directory.resolve(StoreManifest.FILE).toString());
    }
    StoreLock lock = StoreLock.take(directory);
    try {
      DescriptorStore store = new DescriptorStore(directory, StoreManifest.read(directory), lock);
      try {
        store.segments = StoreReader.open(directory, store.manifest, List.of());
      } catch (NoSuchFileException e) {
        throw StoreReader.missing(e);
      }
      store.index(0);
      store.removeOrphans();
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Notes where the ids of the segments are. */
  private void index(int from) throws IOException {
    for (int s = from; s < segments.size(); s++) {
      StoredSegment segment = segments.get(s);
      for (int row = 0; row < segment.rows(); row++) {
        if (segment.isLive(row)
            && committed.put(segment.id(row), new RowLocation(s, row)) != null) {
          throw new IOException(
              "store "
                  + directory
                  + " must have each id once but has '"
                  + segment.id(row)
                  + "' twice");
        }
      }
    }
  }

  /**
   * Reads the last committed state into an exact index, which may change without changing the
   * store. Needs no lock. {@link StoreReader} searches without reading all.
   *
   * @param directory of the store
   * @return a new index, which the caller closes
   * @throws IOException if there is no store or a file is damaged; the message names it
   */
  public static MutableIndex load(Path directory) throws IOException {
    try (StoreReader reader = StoreReader.open(directory, 1)) {
      MutableIndex index =
          ExactIndex.builder(reader.similarity())
              .dimension(reader.dimension())
              .recipe(reader.recipe())
              .build();
      try {
        reader.forEach((id, descriptor, metadata) -> index.add(id, descriptor));
        return index;
      } catch (UncheckedIOException e) {
        index.close();
        throw Objects.requireNonNull(e.getCause());
      } catch (IOException | RuntimeException e) {
        index.close();
        throw e;
      }
    }
  }

  /**
   * Returns how the descriptors are made.
   *
   * @return the one recipe
   */
  public Recipe recipe() {
    return manifest.recipe();
  }

  /**
   * Returns how the descriptors will be compared.
   *
   * @return the similarity
   */
  public Similarity similarity() {
    return manifest.similarity();
  }

  /**
   * Returns D.
   *
   * @return at least 1
   */
  public int dimension() {
    return manifest.dimension();
  }

  /**
   * Returns N.
   *
   * @return how many descriptors a commit now would leave
   */
  public int size() {
    return committed.size() - removed.size() + pending.size();
  }

  /**
   * Says whether an id is present.
   *
   * @param id the caller's id
   * @return true if it would be after a commit
   */
  public boolean contains(String id) {
    return pending.containsKey(id) || (committed.containsKey(id) && !removed.contains(id));
  }

  /**
   * Adds a descriptor without metadata; it is on disk when {@link #commit} returns.
   *
   * @param id the caller's id, new to the store
   * @param descriptor of the dimension and recipe of the store
   * @throws IllegalArgumentException if the id is present, or dimension or recipe differ
   * @throws IllegalStateException if the store is closed
   */
  public void add(String id, Descriptor descriptor) {
    add(id, descriptor, Map.of());
  }

  /**
   * Adds a descriptor; it is on disk when {@link #commit} returns.
   *
   * @param id the caller's id, new to the store
   * @param descriptor of the dimension and recipe of the store
   * @param metadata what to note beside it, at most 65,536 bytes (copied)
   * @throws IllegalArgumentException if the id is present, dimension or recipe differ, or the
   *     metadata are too large
   * @throws IllegalStateException if the store is closed
   */
  public void add(String id, Descriptor descriptor, Map<String, String> metadata) {
    Map<String, String> noted = requireFit(id, descriptor, metadata);
    if (contains(id)) {
      throw new IllegalArgumentException("id must be new to the store but '" + id + "' is in it");
    }
    pending.put(id, new Entry(descriptor, noted));
  }

  /**
   * Adds a descriptor, in the place of the one of that id if there is one. In order of insertion it
   * is the last.
   *
   * @param id the caller's id
   * @param descriptor of the dimension and recipe of the store
   * @param metadata what to note beside it, at most 65,536 bytes (copied)
   * @return true if it replaces another
   * @throws IllegalArgumentException if dimension or recipe differ, or the metadata are too large
   * @throws IllegalStateException if the store is closed
   */
  public boolean upsert(String id, Descriptor descriptor, Map<String, String> metadata) {
    Map<String, String> noted = requireFit(id, descriptor, metadata);
    boolean replaced = remove(id);
    pending.put(id, new Entry(descriptor, noted));
    return replaced;
  }

  /**
   * Removes a descriptor; it is gone when {@link #commit} returns. Its space comes back with {@link
   * #compact}.
   *
   * @param id the caller's id
   * @return true if it was present
   * @throws IllegalStateException if the store is closed
   */
  public boolean remove(String id) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    if (pending.remove(id) != null) {
      return true;
    }
    return committed.containsKey(id) && removed.add(id);
  }

  private Map<String, String> requireFit(
      String id, Descriptor descriptor, Map<String, String> metadata) {
    requireOpen();
    Objects.requireNonNull(id, "id");
    DimensionChecks.requireFit(
        dimension(), recipe(), descriptor, "store", "descriptor '" + id + "'");
    Map<String, String> noted = new LinkedHashMap<>(metadata);
    SegmentWriter.requireWritable(id, noted);
    return noted;
  }

  /**
   * Makes all changes durable. When it returns, a crash loses none of them; if it fails, the last
   * committed state stands, and the changes are still there to be committed again.
   *
   * @throws IOException if a file cannot be written
   * @throws IllegalStateException if the store is closed
   */
  public void commit() throws IOException {
    requireOpen();
    if (pending.isEmpty() && removed.isEmpty()) {
      return;
    }
    List<StoreManifest.Segment> next = new ArrayList<>();
    Map<Integer, List<Integer>> gone = new HashMap<>();
    for (String id : removed) {
      RowLocation place = Objects.requireNonNull(committed.get(id));
      gone.computeIfAbsent(place.segment, s -> new ArrayList<>()).add(place.row);
    }
    Set<Path> written = new HashSet<>();
    try {
      for (int s = 0; s < segments.size(); s++) {
        StoreManifest.Segment old = segments.get(s).segment();
        List<Integer> rows = gone.getOrDefault(s, List.of());
        if (rows.size() == old.live()) {
          continue;
        }
        next.add(rows.isEmpty() ? old : markDead(segments.get(s), rows, written));
      }
      int number = manifest.next();
      try (SegmentSequence out = new SegmentSequence(number, written)) {
        for (Map.Entry<String, Entry> entry : pending.entrySet()) {
          Entry e = entry.getValue();
          out.add(entry.getKey(), e.values, e.norm, e.metadata);
        }
        next.addAll(out.finish());
        number = out.number;
      }
      publish(next, number);
    } catch (IOException | RuntimeException e) {
      cleanUp(written, e);
      throw e;
    }
    removed.clear();
    pending.clear();
  }

  private StoreManifest.Segment markDead(
      StoredSegment segment, List<Integer> rows, Set<Path> written) throws IOException {
    long[] marks = segment.dead();
    for (int row : rows) {
      marks[row >> 6] |= 1L << row;
    }
    String name = segment.segment().name() + ".dead-" + (manifest.generation() + 1);
    Path file = directory.resolve(name);
    try (CheckedFile.Writer out = new CheckedFile.Writer(file)) {
      written.add(file);
      for (long word : marks) {
        out.putInt((int) word);
        out.putInt((int) (word >> 32));
      }
      return segment
          .segment()
          .without(
              segment.segment().live() - rows.size(), new StoreManifest.Dead(name, out.finish()));
    }
  }

  /**
   * Commits, and rewrites the store without removed rows, in as few segments as possible. Takes as
   * much free space as the result; the old files go when the new ones are in place. If it fails,
   * the last committed state stands.
   *
   * @return how many bytes were freed, 0 if there was nothing to do
   * @throws CorruptStoreException if a vector is damaged; nothing is rewritten then
   * @throws IOException if a file cannot be written
   * @throws IllegalStateException if the store is closed
   */
  public long compact() throws IOException {
    commit();
    boolean whole = segments.size() < 2;
    for (StoredSegment segment : segments) {
      whole &= segment.segment().live() == segment.rows() && !segment.segment().old();
    }
    if (whole) {
      return 0;
    }
    long before = bytes();
    Set<Path> written = new HashSet<>();
    try (SegmentSequence out = new SegmentSequence(manifest.next(), written)) {
      for (StoredSegment segment : segments) {
        for (int row = 0; row < segment.rows(); row++) {
          if (segment.isLive(row)) {
            out.add(segment.id(row), segment.vector(row), segment.norm(row), segment.metadata(row));
          }
        }
      }
      publish(out.finish(), out.number);
    } catch (UncheckedIOException e) {
      cleanUp(written, e);
      throw Objects.requireNonNull(e.getCause());
    } catch (IOException | RuntimeException e) {
      cleanUp(written, e);
      throw e;
    }
    return before - bytes();
  }

  /** Writes rows to as many segments as they need. */
  private final class SegmentSequence implements AutoCloseable {
    private final Set<Path> written;
    private final List<StoreManifest.Segment> done = new ArrayList<>();
    private @Nullable SegmentWriter current;
    private int number;

    SegmentSequence(int number, Set<Path> written) {
      this.number = number;
      this.written = written;
    }

    void add(String id, float[] values, double norm, Map<String, String> metadata)
        throws IOException {
      if (current != null && current.isFull()) {
        end();
      }
      if (current == null) {
        String name = StoreManifest.segmentName(number++);
        written.add(directory.resolve(name + ".rows"));
        written.add(directory.resolve(name + ".info"));
        current = new SegmentWriter(directory, name, dimension());
      }
      current.add(id, values, norm, metadata);
    }

    private void end() throws IOException {
      if (current != null) {
        done.add(current.finish());
        current = null;
      }
    }

    List<StoreManifest.Segment> finish() throws IOException {
      end();
      return done;
    }

    @Override
    public void close() throws IOException {
      if (current != null) {
        current.close();
      }
    }
  }

  /** Makes a state the committed one. All files but the manifest are in place. */
  private void publish(List<StoreManifest.Segment> next, int number) throws IOException {
    StoreManifest after =
        new StoreManifest(
            recipe(), similarity(), dimension(), manifest.generation() + 1, number, next);
    AtomicFiles.forceDirectory(directory);
    List<StoredSegment> opened = StoreReader.open(directory, after, segments);
    CheckedFile.replace(directory.resolve(StoreManifest.FILE), after.bytes());
    // From here on the new state is what the next opening finds, whatever happens.
    Set<String> obsolete = new TreeSet<>(manifest.files());
    obsolete.removeAll(after.files());
    manifest = after;
    int kept = 0;
    while (kept < segments.size()
        && kept < opened.size()
        && segments.get(kept).segment().name().equals(opened.get(kept).segment().name())) {
      kept++;
    }
    if (kept == segments.size()) {
      removed.forEach(committed::remove);
    } else {
      committed.clear();
      kept = 0;
    }
    segments = opened;
    index(kept);
    try {
      AtomicFiles.forceDirectory(directory);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    obsolete.forEach(this::tryDelete);
  }

  /** A file that cannot go now, open in another process for instance, is an orphan of later. */
  private void tryDelete(String name) {
    try {
      Files.deleteIfExists(directory.resolve(name));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot delete obsolete " + name, e);
    }
  }

  private void cleanUp(Set<Path> written, Exception cause) {
    Set<String> needed = manifest.files();
    for (Path file : written) {
      if (!needed.contains(String.valueOf(file.getFileName()))) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          cause.addSuppressed(e);
        }
      }
    }
  }

  /**
   * Copies the last committed state to another directory, checking every byte. The copy is a store
   * of its own and shares nothing with this one.
   *
   * @param target where to; made if absent, else without a store
   * @throws CorruptStoreException if a file is damaged
   * @throws IOException if there is a store in the target, or it cannot be written
   * @throws IllegalStateException if this store is closed
   */
  public void snapshot(Path target) throws IOException {
    requireOpen();
    Files.createDirectories(target);
    requireNone(target);
    List<String> damages = damages(directory, manifest);
    if (!damages.isEmpty()) {
      throw new IOException("store must be sound for a snapshot but " + damages.get(0));
    }
    StoreLock held = StoreLock.take(target);
    try {
      requireNone(target);
      for (StoreManifest.Segment segment : manifest.segments()) {
        for (String file : segment.files()) {
          CheckedFile.copy(directory.resolve(file), target.resolve(file));
        }
      }
      AtomicFiles.forceDirectory(target);
      CheckedFile.replace(target.resolve(StoreManifest.FILE), manifest.bytes());
      AtomicFiles.forceDirectory(target);
    } finally {
      held.close();
    }
    List<String> copied = damages(target, manifest);
    if (!copied.isEmpty()) {
      throw new IOException("snapshot must be sound but " + copied.get(0));
    }
  }

  /**
   * Checks every byte of the last committed state, and removes what belongs to nobody.
   *
   * @return what was found, without orphans
   * @throws IOException if a file cannot be read
   * @throws IllegalStateException if the store is closed
   */
  public StoreReport verify() throws IOException {
    requireOpen();
    removeOrphans();
    return verify(directory);
  }

  /**
   * Checks every byte of the last committed state of a store. Changes nothing and needs no lock.
   *
   * @param directory of the store
   * @return what was found; beside a writer, the files of a commit that is under way are orphans
   * @throws NoSuchFileException if there is no store
   * @throws IOException if a file cannot be read, or the store changes too often to be checked
   */
  public static StoreReport verify(Path directory) throws IOException {
    for (int attempt = 0; attempt < 10; attempt++) {
      StoreManifest manifest;
      try {
        manifest = StoreManifest.read(directory);
      } catch (CorruptStoreException e) {
        return new StoreReport(0, 0, 0, 0, List.of(String.valueOf(e.getMessage())), List.of());
      }
      List<String> damages = damages(directory, manifest);
      Set<String> needed = manifest.files();
      List<String> orphans =
          ownFiles(directory).stream().filter(name -> !needed.contains(name)).toList();
      long bytes = 0;
      long rows = 0;
      for (StoreManifest.Segment segment : manifest.segments()) {
        rows += segment.rows();
        for (String file : segment.files()) {
          if (Files.exists(directory.resolve(file))) {
            bytes += Files.size(directory.resolve(file));
          }
        }
      }
      if (damages.isEmpty() || manifest.equals(StoreManifest.read(directory))) {
        return new StoreReport(
            manifest.rows(),
            rows - manifest.rows(),
            manifest.segments().size(),
            bytes,
            damages,
            orphans);
      }
    }
    throw new IOException("store " + directory + " must rest for a while but changes");
  }

  private static List<String> damages(Path directory, StoreManifest manifest) {
    List<String> damages = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (StoreManifest.Segment segment : manifest.segments()) {
      try {
        StoredSegment opened = StoredSegment.open(directory, segment, manifest.dimension(), null);
        opened.requireSound();
        int live = 0;
        for (int row = 0; row < opened.rows(); row++) {
          if (opened.isLive(row)) {
            live++;
            if (!ids.add(opened.id(row))) {
              damages.add("store " + directory + " has the id '" + opened.id(row) + "' twice");
            }
          }
        }
        if (live != segment.live()) {
          damages.add(
              "store "
                  + directory
                  + " must have "
                  + segment.live()
                  + " rows in "
                  + segment.name()
                  + " but has "
                  + live);
        }
      } catch (UncheckedIOException e) {
        damages.add(String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
      } catch (NoSuchFileException e) {
        damages.add(String.valueOf(StoreReader.missing(e).getMessage()));
      } catch (IOException e) {
        damages.add(String.valueOf(e.getMessage()));
      }
    }
    return damages;
  }

  private static List<String> ownFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(StoreManifest::isOwn)
          .sorted()
          .toList();
    }
  }

  private void removeOrphans() throws IOException {
    Set<String> needed = manifest.files();
    for (String name : ownFiles(directory)) {
      if (!needed.contains(name)) {
        Files.deleteIfExists(directory.resolve(name));
      }
    }
  }

  private long bytes() throws IOException {
    long bytes = 0;
    for (StoreManifest.Segment segment : manifest.segments()) {
      bytes += StoredSegment.size(directory, segment);
    }
    return bytes;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("store is closed: " + directory);
    }
    if (failure != null) {
      throw new IllegalStateException(
          "store must be opened again, because its directory could not be forced: " + directory,
          failure);
    }
  }

  /**
   * Releases the lock. What was not committed is dropped.
   *
   * @throws IOException if the lock cannot be released
   */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      lock.close();
    }
  }
}
