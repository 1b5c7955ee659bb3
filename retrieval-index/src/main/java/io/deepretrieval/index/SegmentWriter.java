// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes a segment row by row. */
final class SegmentWriter implements AutoCloseable {
  /** Bytes of vectors after which a segment is full. */
  static final int MAX_BYTES = 1 << 30;

  private static final int MAX_ROWS = 1 << 22;
  private static final int MAX_METADATA = 1 << 16;

  private final Path directory;
  private final String name;
  private final int dimension;
  private final CheckedFile.Writer rows;
  private final ByteArrayOutputStream norms = new ByteArrayOutputStream();
  private final ByteArrayOutputStream ids = new ByteArrayOutputStream();
  private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
  private int count;
  private boolean finished;

  SegmentWriter(Path directory, String name, int dimension) throws IOException {
    this.directory = directory;
    this.name = name;
    this.dimension = dimension;
    this.rows = new CheckedFile.Writer(directory.resolve(name + ".rows"));
  }

  /** UTF-8, which must give the same text back. */
  static byte[] utf8(String text, String what) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          what + " must be Unicode text but has half a surrogate pair", e);
    }
  }

  /** Checks that an entry can be written. */
  static void requireWritable(String id, Map<String, String> metadata) {
    utf8(id, "id");
    int bytes = encode(metadata).length;
    if (bytes > MAX_METADATA) {
      throw new IllegalArgumentException(
          "metadata must take at most "
              + MAX_METADATA
              + " bytes but takes "
              + bytes
              + " (id '"
              + id
              + "')");
    }
  }

  private static byte[] encode(Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    metadata.forEach(
        (key, value) -> {
          putText(out, utf8(key, "metadata"));
          putText(out, utf8(value, "metadata"));
        });
    return out.toByteArray();
  }

  static void putText(ByteArrayOutputStream out, byte[] utf8) {
    putInt(out, utf8.length);
    out.writeBytes(utf8);
  }

  /** Writes four bytes, little-endian. */
  static void putInt(ByteArrayOutputStream out, int value) {
    out.writeBytes(Ints.toByteArray(Integer.reverseBytes(value)));
  }

  boolean isFull() {
    return count == MAX_ROWS
        || rows.length() + 4L * dimension > MAX_BYTES
        || (long) ids.size() + metadata.size() > MAX_BYTES;
  }

  int count() {
    return count;
  }

  void add(String id, float[] values, double norm, Map<String, String> entries) throws IOException {
    rows.putFloats(values);
    long bits = Double.doubleToRawLongBits(norm);
    norms.writeBytes(Longs.toByteArray(Long.reverseBytes(bits)));
    putText(ids, utf8(id, "id"));
    putText(metadata, encode(entries));
    count++;
  }

  /** Ends both files and gives them their names. The caller forces the directory. */
  StoreManifest.Segment finish() throws IOException {
    int rowsSum = rows.finish();
    try (CheckedFile.Writer info = new CheckedFile.Writer(directory.resolve(name + ".info"))) {
      info.put(norms.toByteArray());
      info.put(ids.toByteArray());
      info.put(metadata.toByteArray());
      int infoSum = info.finish();
      finished = true;
      return new StoreManifest.Segment(
          name, false, count, count, rowsSum, infoSum, Optional.empty());
    }
  }

  /** Drops what was not finished. */
  @Override
  public void close() throws IOException {
    rows.close();
    if (!finished) {
      Files.deleteIfExists(directory.resolve(name + ".rows"));
    }
  }

  /**
   * Writes the marks of removed rows.
   *
   * @param rows that are removed now, beside those that are already
   * @param generation of the commit that removes them
   * @param written (modified) receives the file before it is whole
   * @return the segment without these rows
   */
  static StoreManifest.Segment markDead(
      Path directory, StoredSegment segment, List<Integer> rows, long generation, Set<Path> written)
      throws IOException {
    long[] marks = segment.dead();
    for (int row : rows) {
      marks[row >> 6] |= 1L << row;
    }
    String name = segment.segment().name() + ".dead-" + generation;
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
}
