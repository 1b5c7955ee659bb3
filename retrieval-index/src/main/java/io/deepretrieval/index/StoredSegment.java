// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of one segment, opened: ids, norms and metadata in memory, vectors mapped. */
final class StoredSegment {
  private static final long[] NONE = {};
  private static final int[] NO_OFFSETS = {};

  /** What never changes about a segment, whichever of its rows are removed. */
  private static final class Content {
    final String[] ids;
    final double[] norms;
    final List<RowMemory> blocks;
    final ByteBuffer metadata;
    final int[] metadataOffsets;
    final RankTable places;

    Content(
        String[] ids,
        double[] norms,
        List<RowMemory> blocks,
        ByteBuffer metadata,
        int[] metadataOffsets) {
      this.ids = ids;
      this.norms = norms;
      this.blocks = blocks;
      this.metadata = metadata;
      this.metadataOffsets = metadataOffsets;
      this.places = new RankTable(ids);
    }
  }

  /** Row numbers by id, made when first asked for. */
  private static final class RankTable {
    private final String[] ids;
    private @Nullable Map<String, Integer> rows;

    RankTable(String[] ids) {
      this.ids = ids;
    }

    synchronized Map<String, Integer> rows() {
      Map<String, Integer> result = rows;
      if (result == null) {
        result = new HashMap<>(ids.length * 4 / 3 + 1);
        for (int row = 0; row < ids.length; row++) {
          result.put(ids[row], row);
        }
        rows = result;
      }
      return result;
    }
  }

  private final StoreManifest.Segment segment;
  private final int dimension;
  private final Content content;
  private final long[] dead;
  private final List<RowBlock> blocks;
  private @Nullable Set<String> fields;

  private StoredSegment(
      StoreManifest.Segment segment, int dimension, Content content, long[] dead) {
    this.segment = segment;
    this.dimension = dimension;
    this.content = content;
    this.dead = dead;
    this.blocks = new ArrayList<>();
    int capacity = RowBlock.capacity(dimension);
    for (int from = 0; from < segment.rows(); from += capacity) {
      int rows = Math.min(capacity, segment.rows() - from);
      blocks.add(RowBlock.of(content.blocks.get(from / capacity), dimension, this, from, rows));
    }
  }

  /**
   * Opens a segment. Reads and checks all but the vectors of version 2, which are checked at their
   * first use.
   *
   * @param known the same segment as it was opened before, whose content is used again
   * @throws NoSuchFileException if a file is missing
   * @throws CorruptStoreException if a file is damaged
   */
  static StoredSegment open(
      Path directory, StoreManifest.Segment segment, int dimension, @Nullable StoredSegment known)
      throws IOException {
    if (known != null && known.segment.equals(segment)) {
      return known;
    }
    Content content =
        known != null && sameContent(known.segment, segment)
            ? known.content
            : segment.old()
                ? readOld(directory, segment, dimension)
                : read(directory, segment, dimension);
    long[] dead = NONE;
    if (segment.dead().isPresent()) {
      StoreManifest.Dead marks = segment.dead().get();
      Path file = directory.resolve(marks.file());
      ByteBuffer words = CheckedFile.map(file, marks.sum()).checked();
      dead = new long[(segment.rows() + 63) >> 6];
      if (words.remaining() != 8 * dead.length) {
        throw new CorruptStoreException(
            file, words.remaining(), "it must have a mark for each of " + segment.rows() + " rows");
      }
      words.asLongBuffer().get(dead);
    }
    return new StoredSegment(segment, dimension, content, dead);
  }

  private static boolean sameContent(StoreManifest.Segment a, StoreManifest.Segment b) {
    return a.name().equals(b.name())
        && a.old() == b.old()
        && a.rowsSum() == b.rowsSum()
        && a.infoSum() == b.infoSum();
  }

  private static Content read(Path directory, StoreManifest.Segment segment, int dimension)
      throws IOException {
    Path infoFile = directory.resolve(segment.infoFile());
    ByteBuffer info = CheckedFile.map(infoFile, segment.infoSum()).checked();
    double[] norms = new double[segment.rows()];
    String[] ids = new String[segment.rows()];
    int[] offsets = new int[segment.rows() + 1];
    try {
      for (int row = 0; row < norms.length; row++) {
        norms[row] = info.getDouble();
      }
      for (int row = 0; row < ids.length; row++) {
        ids[row] = text(info);
      }
      for (int row = 0; row < ids.length; row++) {
        offsets[row] = info.position();
        info.position(info.position() + 4 + info.getInt(info.position()));
      }
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new CorruptStoreException(
          infoFile, info.position(), "it must describe " + segment.rows() + " rows");
    }
    offsets[ids.length] = info.position();
    CheckedFile rows = CheckedFile.map(directory.resolve(segment.rowsFile()), segment.rowsSum());
    if (rows.length() != 4L * dimension * segment.rows()) {
      throw wrongLength(rows.file(), segment, dimension, rows.length());
    }
    List<RowMemory> blocks = new ArrayList<>();
    int capacity = RowBlock.capacity(dimension);
    for (int from = 0; from < segment.rows(); from += capacity) {
      int offset = 4 * dimension * from;
      int length = 4 * dimension * Math.min(capacity, segment.rows() - from);
      blocks.add(
          new MappedRows(
              rows.slice(offset, length).asFloatBuffer(), () -> rows.check(offset, length)));
    }
    return new Content(ids, norms, blocks, info.rewind(), offsets);
  }

  /** Version 1 has one checksum a file, no norms and no metadata. */
  private static Content readOld(Path directory, StoreManifest.Segment segment, int dimension)
      throws IOException {
    Path rowsFile = directory.resolve(segment.rowsFile());
    Path idsFile = directory.resolve(segment.infoFile());
    ByteBuffer rows = mapWhole(rowsFile, segment.rowsSum());
    ByteBuffer idBytes = mapWhole(idsFile, segment.infoSum());
    if (rows.remaining() != 4L * dimension * segment.rows()) {
      throw wrongLength(rowsFile, segment, dimension, rows.remaining());
    }
    String[] ids = new String[segment.rows()];
    double[] norms = new double[segment.rows()];
    List<RowMemory> blocks = new ArrayList<>();
    int capacity = RowBlock.capacity(dimension);
    for (int row = 0; row < ids.length; row++) {
      if (row % capacity == 0) {
        int length = 4 * dimension * Math.min(capacity, ids.length - row);
        ByteBuffer window = rows.slice(4 * dimension * row, length).order(ByteOrder.LITTLE_ENDIAN);
        blocks.add(new MappedRows(window.asFloatBuffer(), () -> {}));
      }
      try {
        ids[row] = text(idBytes);
      } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
        throw new CorruptStoreException(
            idsFile, idBytes.position(), "it must have " + segment.rows() + " ids");
      }
      double sum = 0;
      for (int j = 0; j < dimension; j++) {
        double value = rows.getFloat(4 * (dimension * row + j));
        sum += value * value;
      }
      norms[row] = Math.sqrt(sum);
    }
    ByteBuffer noMetadata = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    return new Content(ids, norms, blocks, noMetadata, NO_OFFSETS);
  }

  private static ByteBuffer mapWhole(Path file, int crc) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new CorruptStoreException(file, Integer.MAX_VALUE, "it must end before");
      }
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      int found = CheckedFile.crc(bytes);
      if (found != crc) {
        throw new CorruptStoreException(
            file,
            0,
            String.format(Locale.ROOT, "it must have the checksum %08x but has %08x", crc, found));
      }
      return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static CorruptStoreException wrongLength(
      Path file, StoreManifest.Segment segment, int dimension, long length) {
    return new CorruptStoreException(
        file, length, "it must have " + segment.rows() + " rows of " + 4 * dimension + " bytes");
  }

  private static String text(ByteBuffer bytes) {
    byte[] utf8 = new byte[bytes.getInt(bytes.position())];
    bytes.position(bytes.position() + 4);
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  StoreManifest.Segment segment() {
    return segment;
  }

  int rows() {
    return segment.rows();
  }

  boolean isLive(int row) {
    return dead.length == 0 || (dead[row >> 6] & 1L << row) == 0;
  }

  /** The marks of some rows, shifted to bit 0; no array if none is removed. */
  long[] dead(int from, int count) {
    if (dead.length == 0) {
      return NONE;
    }
    long[] part = new long[(count + 63) >> 6];
    boolean any = false;
    for (int i = 0; i < count; i++) {
      if (!isLive(from + i)) {
        part[i >> 6] |= 1L << i;
        any = true;
      }
    }
    return any ? part : NONE;
  }

  /** The marks of all rows, copied. */
  long[] dead() {
    return dead.length == 0 ? new long[(rows() + 63) >> 6] : dead.clone();
  }

  String id(int row) {
    return content.ids[row];
  }

  double norm(int row) {
    return content.norms[row];
  }

  /** Returns the row of an id, removed or not; -1 if there is none. */
  int find(String id) {
    return content.places.rows().getOrDefault(id, -1);
  }

  Map<String, String> metadata(int row) {
    if (content.metadataOffsets.length == 0) {
      return Map.of();
    }
    ByteBuffer bytes = content.metadata.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(content.metadataOffsets[row] + 4).limit(content.metadataOffsets[row + 1]);
    if (!bytes.hasRemaining()) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    while (bytes.hasRemaining()) {
      map.put(text(bytes), text(bytes));
    }
    return Collections.unmodifiableMap(map);
  }

  /** The metadata fields of its live rows, collected when first asked for. */
  synchronized Set<String> fields() {
    Set<String> result = fields;
    if (result == null) {
      result = new HashSet<>();
      for (int row = 0; row < rows(); row++) {
        if (isLive(row)) {
          result.addAll(metadata(row).keySet());
        }
      }
      fields = result;
    }
    return result;
  }

  List<RowBlock> blocks() {
    return blocks;
  }

  /** Copies a vector, after a check of what it lies in. */
  float[] vector(int row) {
    int capacity = RowBlock.capacity(dimension);
    RowBlock block = blocks.get(row / capacity);
    block.storage.memory.requireSound();
    return block.row(row % capacity);
  }

  /**
   * Checks all vectors.
   *
   * @throws java.io.UncheckedIOException if a file is damaged
   */
  void requireSound() {
    blocks.forEach(block -> block.storage.memory.requireSound());
  }

  /** How many bytes its files take. */
  static long size(Path directory, StoreManifest.Segment segment) throws IOException {
    long bytes = 0;
    for (String file : segment.files()) {
      bytes += Files.size(directory.resolve(file));
    }
    return bytes;
  }
}
