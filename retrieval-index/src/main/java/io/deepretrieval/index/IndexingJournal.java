// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was extracted since the last commit of a store, so that a killed indexer need not do it
 * again. Little-endian.
 *
 * <pre>
 * offset  size  content
 * 0       64    fingerprint of the recipe, ASCII
 * 64            records, each:
 *               int32 n; n bytes: id, int32 number of metadata, for each key and value, float32 [D],
 *               with texts as int32 length in bytes and UTF-8; int32 CRC32C of the n bytes
 * </pre>
 *
 * <p>A record that is cut short or has another checksum ends the journal: it was being written when
 * the process died.
 */
final class IndexingJournal implements AutoCloseable {
  static final String FILE = "indexing.journal";
  private static final int HEADER = 64;

  /** Takes what is read. */
  @FunctionalInterface
  interface Sink {
    void accept(String id, Descriptor descriptor, Map<String, String> metadata);
  }

  private final FileChannel channel;
  private final byte[] fingerprint;

  private IndexingJournal(FileChannel channel, byte[] fingerprint) {
    this.channel = channel;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens the journal of a store and replays it.
   *
   * @param dimension D
   * @param sink gets every whole record; none of a journal of another recipe, which is dropped
   */
  static IndexingJournal open(Path store, Recipe recipe, int dimension, Sink sink)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            store.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      byte[] fingerprint = recipe.fingerprint().getBytes(StandardCharsets.US_ASCII);
      IndexingJournal journal = new IndexingJournal(channel, fingerprint);
      ByteBuffer head = journal.read(0, HEADER);
      if (head.remaining() < HEADER || !head.equals(ByteBuffer.wrap(fingerprint))) {
        journal.clear();
        return journal;
      }
      long at = HEADER;
      for (ByteBuffer record = journal.record(at);
          record.hasRemaining();
          record = journal.record(at)) {
        long length = record.remaining() + 8L;
        if (!replay(record, recipe, dimension, sink)) {
          break;
        }
        at += length;
      }
      channel.truncate(at);
      channel.position(at);
      return journal;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean replay(ByteBuffer record, Recipe recipe, int dimension, Sink sink) {
    String id;
    Map<String, String> metadata = new LinkedHashMap<>();
    float[] values = new float[dimension];
    try {
      id = text(record);
      for (int entries = record.getInt(); entries > 0; entries--) {
        String key = text(record);
        metadata.put(key, text(record));
      }
      record.asFloatBuffer().get(values);
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      return false;
    }
    sink.accept(id, Descriptor.copyOf(values, recipe), metadata);
    return true;
  }

  private static String text(ByteBuffer bytes) {
    int length = bytes.getInt();
    if (length > bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] utf8 = new byte[length];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The record at an offset; empty if it is not whole. */
  private ByteBuffer record(long at) throws IOException {
    ByteBuffer nothing = ByteBuffer.allocate(0);
    ByteBuffer head = read(at, 4);
    if (head.remaining() < 4) {
      return nothing;
    }
    int length = head.getInt();
    if (length < 1 || length > channel.size() - at - 8) {
      return nothing;
    }
    ByteBuffer body = read(at + 4, length + 4);
    int crc = body.getInt(length);
    body.limit(length);
    return CheckedFile.crc(body) == crc ? body : nothing;
  }

  private ByteBuffer read(long at, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {}
    return buffer.flip();
  }

  /** Appends a record. It outlives the process when this returns, though not the machine. */
  void append(String id, Descriptor descriptor, Map<String, String> metadata) throws IOException {
    ByteArrayOutputStream texts = new ByteArrayOutputStream();
    SegmentWriter.putText(texts, SegmentWriter.utf8(id, "id"));
    SegmentWriter.putInt(texts, metadata.size());
    metadata.forEach(
        (key, value) -> {
          SegmentWriter.putText(texts, SegmentWriter.utf8(key, "metadata"));
          SegmentWriter.putText(texts, SegmentWriter.utf8(value, "metadata"));
        });
    float[] values = descriptor.toArray();
    int length = texts.size() + 4 * values.length;
    ByteBuffer record = ByteBuffer.allocate(length + 8).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(length).put(texts.toByteArray());
    record.asFloatBuffer().put(values);
    record.putInt(length + 4, CheckedFile.crc(record.slice(4, length)));
    record.rewind();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  /** Empties the journal: all of it is committed. */
  void clear() throws IOException {
    channel.truncate(0);
    channel.position(0);
    ByteBuffer head = ByteBuffer.wrap(fingerprint);
    while (head.hasRemaining()) {
      channel.write(head);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
