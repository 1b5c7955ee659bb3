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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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
 * <p>A segment has at most 1 GiB of vectors; {@link #commit} and {@link #compact} begin another.
 * Each commit makes a segment, so commit thousands of vectors at a time, or compact now and then.
 * For one thread.
 */
public final class DescriptorStore implements AutoCloseable {
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

  private final Path directory;
  private final StoreFiles files;
  private final StoreLock lock;
  private StoreManifest manifest;
  private List<StoredSegment> segments = List.of();
  private final CommittedIds committed;
  private final Set<String> removed = new LinkedHashSet<>();
  private final Map<String, Entry> pending = new LinkedHashMap<>();
  private boolean closed;
  private @Nullable IOException failure;

  private DescriptorStore(Path directory, StoreManifest manifest, StoreLock lock) {
    this.directory = directory;
    this.files = new StoreFiles(directory);
    this.committed = new CommittedIds(directory);
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
    StoreFiles.requireNone(directory);
    StoreLock lock = StoreLock.take(directory);
    try {
      StoreFiles.requireNone(directory);
      StoreManifest empty = new StoreManifest(recipe, similarity, dimension, 0, 1, List.of());
      DescriptorStore store = new DescriptorStore(directory, empty, lock);
      CheckedFile.replace(directory.resolve(StoreManifest.FILE), empty.bytes());
      AtomicFiles.forceDirectory(directory);
      store.files.removeOrphans(store.manifest);
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Says whether a directory holds a store.
   *
   * @param directory any path
   * @return true if there is a manifest
   */
  public static boolean exists(Path directory) {
    return StoreFiles.exists(directory);
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
      store.committed.add(store.segments, 0);
      store.files.removeOrphans(store.manifest);
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
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
    return pending.containsKey(id) || (committed.contains(id) && !removed.contains(id));
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
    return committed.contains(id) && removed.add(id);
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
    Map<Integer, List<Integer>> gone = committed.rowsOf(removed);
    Set<Path> written = new HashSet<>();
    try {
      for (int s = 0; s < segments.size(); s++) {
        StoreManifest.Segment old = segments.get(s).segment();
        List<Integer> rows = gone.getOrDefault(s, List.of());
        if (rows.size() == old.live()) {
          continue;
        }
        next.add(
            rows.isEmpty()
                ? old
                : SegmentWriter.markDead(
                    directory, segments.get(s), rows, manifest.generation() + 1, written));
      }
      int number = manifest.next();
      try (SegmentSequence out = new SegmentSequence(directory, dimension(), number, written)) {
        for (Map.Entry<String, Entry> entry : pending.entrySet()) {
          Entry e = entry.getValue();
          out.add(entry.getKey(), e.values, e.norm, e.metadata);
        }
        next.addAll(out.finish());
        number = out.number();
      }
      publish(next, number);
    } catch (IOException | RuntimeException e) {
      files.deleteUnneeded(written, manifest, e);
      throw e;
    }
    removed.clear();
    pending.clear();
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
    if (StoreCompaction.isCompact(segments)) {
      return 0;
    }
    long before = files.bytes(manifest);
    Set<Path> written = new HashSet<>();
    try (SegmentSequence out =
        new SegmentSequence(directory, dimension(), manifest.next(), written)) {
      StoreCompaction.copyLive(segments, out);
      publish(out.finish(), out.number());
    } catch (UncheckedIOException e) {
      files.deleteUnneeded(written, manifest, e);
      throw Objects.requireNonNull(e.getCause());
    } catch (IOException | RuntimeException e) {
      files.deleteUnneeded(written, manifest, e);
      throw e;
    }
    return before - files.bytes(manifest);
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
      committed.removeAll(removed);
    } else {
      committed.clear();
      kept = 0;
    }
    segments = opened;
    committed.add(segments, kept);
    try {
      AtomicFiles.forceDirectory(directory);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    obsolete.forEach(files::tryDelete);
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
    StoreSnapshot.write(directory, manifest, target);
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
    files.removeOrphans(manifest);
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
    return StoreCheck.verify(directory);
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
