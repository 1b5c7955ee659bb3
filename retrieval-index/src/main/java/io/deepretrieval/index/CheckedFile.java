// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.internal.AtomicFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A file of up to 2 GB that carries the checksums of its blocks of 4,096 bytes, so that damage is
 * found where it is and before a part is used. All numbers are little-endian.
 *
 * <pre>
 * offset       size  content
 * 0            n     payload
 * n            4b    CRC32C of each block of 4,096 bytes of the payload, b = ceil(n / 4096)
 * n + 4b       8     n
 * n + 4b + 8   4     CRC32C of the 4b + 8 bytes before: the sum of the file, which the manifest repeats
 * </pre>
 */
final class CheckedFile {
  static final int BLOCK = 4096;
  private static final int TRAILER = 12;

  private final Path file;
  private final MappedByteBuffer payload;
  private final int[] sums;

  private CheckedFile(Path file, MappedByteBuffer payload, int[] sums) {
    this.file = file;
    this.payload = payload;
    this.sums = sums;
  }

  /**
   * Maps a file and checks its end, not its payload.
   *
   * @param sum what the manifest says
   * @throws NoSuchFileException if it is missing
   * @throws CorruptStoreException if it is not whole
   */
  static CheckedFile map(Path file, int sum) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long n = size < TRAILER ? -1 : read(channel, size - TRAILER, TRAILER).getLong(0);
      long blocks = (n + BLOCK - 1) / BLOCK;
      if (n < 0 || n > Integer.MAX_VALUE || n + 4 * blocks + TRAILER != size) {
        throw new CorruptStoreException(
            file, Math.max(0, size - TRAILER), "its length of " + size + " bytes does not fit");
      }
      ByteBuffer end = read(channel, n, (int) (size - n));
      int found = crc(end.slice(0, end.capacity() - 4));
      if (found != sum || end.getInt(end.capacity() - 4) != sum) {
        throw new CorruptStoreException(
            file,
            n,
            String.format(
                Locale.ROOT,
                "its checksums must have the sum %08x but have %08x, noted as %08x",
                sum,
                found,
                end.getInt(end.capacity() - 4)));
      }
      int[] sums = new int[(int) blocks];
      end.asIntBuffer().get(sums);
      MappedByteBuffer payload = channel.map(FileChannel.MapMode.READ_ONLY, 0, n);
      payload.order(ByteOrder.LITTLE_ENDIAN);
      return new CheckedFile(file, payload, sums);
    }
  }

  private static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {}
    if (buffer.hasRemaining()) {
      throw new IOException("file became shorter while it was read at byte " + from);
    }
    return buffer.flip();
  }

  Path file() {
    return file;
  }

  int length() {
    return payload.capacity();
  }

  /** A part of the payload, little-endian, unchecked. */
  ByteBuffer slice(int from, int length) {
    return payload.slice(from, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Checks every block that has a byte of a part.
   *
   * @throws CorruptStoreException if one is damaged; it names file and offset
   */
  void check(int from, int length) throws IOException {
    for (int b = from / BLOCK; b < sums.length && (long) b * BLOCK < (long) from + length; b++) {
      int at = b * BLOCK;
      int found = crc(payload.slice(at, Math.min(BLOCK, payload.capacity() - at)));
      if (found != sums[b]) {
        throw new CorruptStoreException(
            file,
            at,
            String.format(
                Locale.ROOT,
                "the block of %d bytes there must have the checksum %08x but has %08x",
                BLOCK,
                sums[b],
                found));
      }
    }
  }

  /** The whole payload, checked. */
  ByteBuffer checked() throws IOException {
    check(0, length());
    return slice(0, length());
  }

  static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** Writes a file under a temporary name; it appears when it is whole and on disk. */
  static final class Writer implements AutoCloseable {
    private final Path file;
    private final Path temporary;
    private final FileChannel channel;
    private final ByteBuffer buffer =
        ByteBuffer.allocateDirect(64 * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteArrayOutputStream sums = new ByteArrayOutputStream();
    private long length;
    private boolean finished;

    Writer(Path file) throws IOException {
      this.file = file;
      this.temporary = temporary(file);
      this.channel = create(temporary);
    }

    void put(byte[] bytes) throws IOException {
      for (int at = 0; at < bytes.length; ) {
        int n = Math.min(room(1), bytes.length - at);
        buffer.put(bytes, at, n);
        at += n;
      }
    }

    void putFloats(float[] values) throws IOException {
      for (int at = 0; at < values.length; ) {
        int n = Math.min(room(4) / 4, values.length - at);
        buffer.asFloatBuffer().put(values, at, n);
        buffer.position(buffer.position() + 4 * n);
        at += n;
      }
    }

    void putDouble(double value) throws IOException {
      room(8);
      buffer.putDouble(value);
    }

    void putInt(int value) throws IOException {
      room(4);
      buffer.putInt(value);
    }

    /** Writes all whole blocks if fewer bytes than needed are free. */
    private int room(int needed) throws IOException {
      if (buffer.remaining() < needed) {
        int whole = buffer.position() / BLOCK * BLOCK;
        ByteBuffer rest = buffer.slice(whole, buffer.position() - whole);
        write(whole);
        buffer.put(rest);
      }
      return buffer.remaining();
    }

    private void write(int bytes) throws IOException {
      for (int at = 0; at < bytes; at += BLOCK) {
        SegmentWriter.putInt(sums, crc(buffer.slice(at, Math.min(BLOCK, bytes - at))));
      }
      length += bytes;
      AtomicFiles.writeFully(channel, buffer.slice(0, bytes));
      buffer.clear();
    }

    /** Bytes of payload so far. */
    long length() {
      return length + buffer.position();
    }

    /**
     * Ends the file and gives it its name. The caller forces the directory.
     *
     * @return the sum of the file
     */
    int finish() throws IOException {
      write(buffer.position());
      ByteBuffer end =
          ByteBuffer.allocate(sums.size() + TRAILER)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(sums.toByteArray())
              .putLong(length);
      int sum = crc(end.slice(0, end.position()));
      AtomicFiles.writeFully(channel, end.putInt(sum).flip());
      publish(channel, temporary, file);
      finished = true;
      return sum;
    }

    /** Drops what was not finished. */
    @Override
    public void close() throws IOException {
      if (!finished) {
        channel.close();
        Files.deleteIfExists(temporary);
      }
    }
  }

  /** Writes some bytes, with no checksum of their own, under a temporary name, forced, renamed. */
  static void replace(Path file, byte[] bytes) throws IOException {
    Path temporary = temporary(file);
    try (FileChannel channel = create(temporary)) {
      AtomicFiles.writeFully(channel, ByteBuffer.wrap(bytes));
      publish(channel, temporary, file);
    } catch (IOException | RuntimeException | Error e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Copies a file as it is, forced, under a temporary name first. */
  static void copy(Path from, Path to) throws IOException {
    Path temporary = temporary(to);
    try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel out = create(temporary)) {
      long size = in.size();
      for (long at = 0; at < size; ) {
        at += in.transferTo(at, size - at, out);
      }
      publish(out, temporary, to);
    }
  }

  // Not a name of its own as elsewhere: the next writer must find what a dead one left.
  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + ".tmp");
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static void publish(FileChannel channel, Path temporary, Path file) throws IOException {
    channel.force(true);
    channel.close();
    AtomicFiles.rename(temporary, file);
  }
}
