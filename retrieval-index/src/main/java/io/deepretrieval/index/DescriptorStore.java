// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Descriptors of one recipe in a directory.
 *
 * <p>{@link #add} collects in memory, {@link #commit} makes a new segment and then, as its last
 * act, replaces the manifest. Whatever happens before that, the next opening finds the last
 * committed state and removes what belongs to nobody. Every file has a checksum, which opening
 * checks; damage is an error that names the file. A lock names the one writer; readers need none.
 *
 * <p>Format, version 1. All numbers are little-endian.
 *
 * <pre>
 * manifest             UTF-8 text, line feeds:
 *   deep-retrieval store 1
 *   recipe TEXT          the recipe's one line
 *   similarity NAME      INNER_PRODUCT or COSINE
 *   dimension D
 *   segment NAME ROWS CRC-OF-ROWS CRC-OF-IDS      one line a segment, CRC32C as 8 hexadecimal digits
 *   crc XXXXXXXX         CRC32C of all bytes above this line
 * NAME.rows            float32 [ROWS,D]
 * NAME.ids             for each row: int32 length in bytes, UTF-8
 * lock                 who writes: process id and start, as text; locked while open for writing
 * </pre>
 *
 * <p>For one thread. A segment has at most 2 GB of rows; {@link #commit} splits larger ones.
 */
public final class DescriptorStore implements AutoCloseable {
  private static final String FIRST_LINE = "deep-retrieval store 1";
  private static final String MANIFEST = "manifest";
  private static final String LOCK = "lock";
  private static final int MAX_SEGMENT = 1 << 30;

  private record Segment(String name, int rows, int rowsCrc, int idsCrc) {}

  private final Path directory;
  private final Recipe recipe;
  private final Similarity similarity;
  private final int dimension;
  private final FileChannel lock;
  private final List<Segment> segments = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private final Map<String, float[]> pending = new LinkedHashMap<>();
  private boolean closed;

  private DescriptorStore(
      Path directory, Recipe recipe, Similarity similarity, int dimension, FileChannel lock) {
    this.directory = directory;
    this.recipe = recipe;
    this.similarity = similarity;
    this.dimension = dimension;
    this.lock = lock;
  }

  /**
   * Makes an empty store and opens it for writing.
   *
   * @param directory where to; made if absent, else without a store
   * @param recipe how every descriptor is made
   * @param similarity how they will be compared
   * @param dimension D, at least 1
   * @return the store
   * @throws IOException if there is a store already, or it cannot be written
   * @throws IllegalArgumentException if the dimension is less than 1
   */
  public static DescriptorStore create(
      Path directory, Recipe recipe, Similarity similarity, int dimension) throws IOException {
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension must be at least 1 but was " + dimension);
    }
    Files.createDirectories(directory);
    if (exists(directory)) {
      throw new IOException("store must be new but there is one in " + directory);
    }
    FileChannel lock = lock(directory);
    try {
      DescriptorStore store = new DescriptorStore(directory, recipe, similarity, dimension, lock);
      store.writeManifest(List.of());
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
    return Files.exists(directory.resolve(MANIFEST));
  }

  /**
   * Opens a store for writing: checks every file and removes what an interrupted commit left.
   *
   * @param directory of the store
   * @return the store in its last committed state
   * @throws IOException if there is no store, another writer has it, or a file is damaged
   */
  public static DescriptorStore open(Path directory) throws IOException {
    if (!exists(directory)) {
      throw new NoSuchFileException(directory.resolve(MANIFEST).toString());
    }
    FileChannel lock = lock(directory);
    try {
      Manifest manifest = Manifest.read(directory);
      DescriptorStore store =
          new DescriptorStore(
              directory, manifest.recipe, manifest.similarity, manifest.dimension, lock);
      store.segments.addAll(manifest.segments);
      for (Segment segment : store.segments) {
        forEach(directory, segment, manifest.dimension, (id, row) -> store.ids.add(id));
      }
      store.removeOrphans();
      return store;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Reads the last committed state into an exact index. Needs no lock.
   *
   * @param directory of the store
   * @return a new index, which the caller closes
   * @throws IOException if there is no store or a file is damaged; the message names it
   */
  public static MutableIndex load(Path directory) throws IOException {
    Manifest manifest = Manifest.read(directory);
    MutableIndex index =
        ExactIndex.builder(manifest.similarity)
            .dimension(manifest.dimension)
            .recipe(manifest.recipe)
            .build();
    try {
      for (Segment segment : manifest.segments) {
        forEach(
            directory,
            segment,
            manifest.dimension,
            (id, row) -> index.add(id, Descriptor.copyOf(row, manifest.recipe)));
      }
      return index;
    } catch (IOException | RuntimeException e) {
      index.close();
      throw e;
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    Path file = directory.resolve(LOCK);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = null;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by this very process; the message below is the same.
    } finally {
      if (held == null) {
        channel.close();
      }
    }
    if (held == null) {
      throw new IOException(
          "store "
              + directory
              + " must have one writer but is open for writing by "
              + Files.readString(file).strip());
    }
    ProcessHandle self = ProcessHandle.current();
    ByteBuffer text =
        StandardCharsets.UTF_8.encode(
            "process "
                + self.pid()
                + self.info().startInstant().map(t -> " started " + t).orElse("")
                + "\n");
    channel.truncate(0);
    while (text.hasRemaining()) {
      channel.write(text);
    }
    return channel;
  }

  /**
   * Returns how the descriptors are made.
   *
   * @return the one recipe
   */
  public Recipe recipe() {
    return recipe;
  }

  /**
   * Returns N.
   *
   * @return committed and added descriptors
   */
  public int size() {
    return ids.size();
  }

  /**
   * Says whether an id is present.
   *
   * @param id the caller's id
   * @return true if it is committed or added
   */
  public boolean contains(String id) {
    return ids.contains(id);
  }

  /**
   * Adds a descriptor; it is on disk when {@link #commit} returns.
   *
   * @param id the caller's id, new to the store
   * @param descriptor of the dimension and recipe of the store
   * @throws IllegalArgumentException if the id is present, or dimension or recipe differ
   * @throws IllegalStateException if the store is closed
   */
  public void add(String id, Descriptor descriptor) {
    requireOpen();
    if (descriptor.dimension() != dimension) {
      throw new IllegalArgumentException(
          "descriptor dimension must be "
              + dimension
              + " (this store) but was "
              + descriptor.dimension()
              + " (descriptor '"
              + id
              + "')");
    }
    recipe.requireSame(descriptor.recipe(), "descriptor '" + id + "'");
    if (!ids.add(id)) {
      throw new IllegalArgumentException("id must be new to the store but '" + id + "' is in it");
    }
    pending.put(id, descriptor.toArray());
  }

  /**
   * Makes what was added durable. When it returns, a crash loses none of it; if it fails, the last
   * committed state stands and what was added can be committed again.
   *
   * @throws IOException if a file cannot be written
   * @throws IllegalStateException if the store is closed
   */
  public void commit() throws IOException {
    requireOpen();
    if (pending.isEmpty()) {
      return;
    }
    List<Segment> next = new ArrayList<>(segments);
    List<Map.Entry<String, float[]>> entries = new ArrayList<>(pending.entrySet());
    int most = Math.max(1, MAX_SEGMENT / (4 * dimension));
    for (int from = 0; from < entries.size(); from += most) {
      String name = String.format(Locale.ROOT, "segment-%06d", next.size() + 1);
      next.add(writeSegment(name, entries.subList(from, Math.min(entries.size(), from + most))));
    }
    writeManifest(next);
    segments.clear();
    segments.addAll(next);
    pending.clear();
  }

  private Segment writeSegment(String name, List<Map.Entry<String, float[]>> entries)
      throws IOException {
    ByteBuffer rows =
        ByteBuffer.allocate(4 * dimension * entries.size()).order(ByteOrder.LITTLE_ENDIAN);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream idBytes = new DataOutputStream(bytes)) {
      for (Map.Entry<String, float[]> entry : entries) {
        for (float value : entry.getValue()) {
          rows.putFloat(value);
        }
        byte[] id = entry.getKey().getBytes(StandardCharsets.UTF_8);
        idBytes.writeInt(Integer.reverseBytes(id.length));
        idBytes.write(id);
      }
    }
    byte[] idFile = bytes.toByteArray();
    write(name + ".rows", rows.flip());
    write(name + ".ids", ByteBuffer.wrap(idFile));
    return new Segment(name, entries.size(), crc(rows.array()), crc(idFile));
  }

  private void writeManifest(List<Segment> all) throws IOException {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    text.append("recipe ").append(recipe).append('\n');
    text.append("similarity ").append(similarity).append('\n');
    text.append("dimension ").append(dimension).append('\n');
    for (Segment s : all) {
      text.append(
          String.format(
              Locale.ROOT, "segment %s %d %08x %08x%n", s.name, s.rows, s.rowsCrc, s.idsCrc));
    }
    byte[] body = text.toString().replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8);
    byte[] last =
        String.format(Locale.ROOT, "crc %08x\n", crc(body)).getBytes(StandardCharsets.UTF_8);
    write(MANIFEST, ByteBuffer.allocate(body.length + last.length).put(body).put(last).flip());
  }

  /**
   * Under a temporary name, forced, renamed; then the directory is forced, as the rename lives
   * there.
   */
  private void write(String name, ByteBuffer bytes) throws IOException {
    Path temporary = directory.resolve(name + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
      self.force(true);
    }
  }

  private void removeOrphans() throws IOException {
    Set<String> known = new HashSet<>(Set.of(MANIFEST, LOCK));
    for (Segment segment : segments) {
      known.add(segment.name + ".rows");
      known.add(segment.name + ".ids");
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!known.contains(name)
            && name.matches("(segment-\\d+\\.(rows|ids)|manifest)(\\.tmp)?")) {
          Files.delete(file);
        }
      }
    }
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static byte[] readChecked(Path file, int expected) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("store file is missing: " + file, e);
    }
    if (crc(bytes) != expected) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "store file %s must have the checksum %08x but has %08x: it is damaged",
              file,
              expected,
              crc(bytes)));
    }
    return bytes;
  }

  private static void forEach(
      Path directory, Segment segment, int dimension, BiConsumer<String, float[]> each)
      throws IOException {
    Path rowFile = directory.resolve(segment.name + ".rows");
    Path idFile = directory.resolve(segment.name + ".ids");
    ByteBuffer rows =
        ByteBuffer.wrap(readChecked(rowFile, segment.rowsCrc)).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer ids =
        ByteBuffer.wrap(readChecked(idFile, segment.idsCrc)).order(ByteOrder.LITTLE_ENDIAN);
    if (rows.remaining() != 4L * dimension * segment.rows) {
      throw new IOException(
          "store file "
              + rowFile
              + " must have "
              + 4L * dimension * segment.rows
              + " bytes but has "
              + rows.remaining());
    }
    for (int i = 0; i < segment.rows; i++) {
      if (ids.remaining() < 4
          || ids.getInt(ids.position()) > ids.remaining() - 4
          || ids.getInt(ids.position()) < 0) {
        throw new IOException(
            "store file "
                + idFile
                + " must have "
                + segment.rows
                + " ids but ends at byte "
                + ids.position());
      }
      byte[] id = new byte[ids.getInt()];
      ids.get(id);
      float[] row = new float[dimension];
      for (int d = 0; d < dimension; d++) {
        row[d] = rows.getFloat();
      }
      each.accept(new String(id, StandardCharsets.UTF_8), row);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("store is closed: " + directory);
    }
  }

  /**
   * Releases the lock. What was added and not committed is dropped.
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

  /** The parsed manifest. */
  private record Manifest(
      Recipe recipe, Similarity similarity, int dimension, List<Segment> segments) {

    static Manifest read(Path directory) throws IOException {
      Path file = directory.resolve(MANIFEST);
      byte[] bytes = Files.readAllBytes(file);
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new IOException("store file " + file + " is damaged: it must be UTF-8", e);
      }
      int end = text.lastIndexOf("crc ");
      String body = end < 0 ? "" : text.substring(0, end);
      int crc = crc(body.getBytes(StandardCharsets.UTF_8));
      String last = String.format(Locale.ROOT, "crc %08x\n", crc);
      if (end < 0 || !text.substring(end).equals(last)) {
        throw new IOException(
            "store file " + file + " is damaged: its checksum must be " + last.strip());
      }
      String[] lines = body.split("\n", -1);
      if (!lines[0].equals(FIRST_LINE)) {
        throw new IOException(
            "store file "
                + file
                + " must begin with '"
                + FIRST_LINE
                + "' but begins with '"
                + lines[0]
                + "'");
      }
      List<Segment> segments = new ArrayList<>();
      for (int i = 4; i < lines.length - 1; i++) {
        String[] parts = lines[i].split(" ", -1);
        segments.add(
            new Segment(
                parts[1],
                Integer.parseInt(parts[2]),
                Integer.parseUnsignedInt(parts[3], 16),
                Integer.parseUnsignedInt(parts[4], 16)));
      }
      return new Manifest(
          Recipe.parse(value(lines[1], "recipe")),
          Similarity.valueOf(value(lines[2], "similarity")),
          Integer.parseInt(value(lines[3], "dimension")),
          segments);
    }

    private static String value(String line, String name) {
      return Objects.requireNonNull(line).substring(name.length() + 1);
    }
  }
}
