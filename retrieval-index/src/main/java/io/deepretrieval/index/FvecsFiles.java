// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Matrices in the formats of the TEXMEX corpora, little-endian: {@code .fvecs}, and {@code .ivecs}
 * and {@code .bvecs}, which are only read.
 *
 * <pre>
 * for each row
 * offset  size  content
 * 0       4     D, int32
 * 4       4D    values: float32 (fvecs), int32 (ivecs), D unsigned bytes (bvecs)
 * </pre>
 *
 * @see <a href="http://corpus-texmex.irisa.fr/">Datasets for approximate nearest neighbor
 *     search</a>
 */
public final class FvecsFiles {
  private static final int MAX_DIMENSION = 1 << 20;

  private FvecsFiles() {}

  /**
   * Starts a file.
   *
   * @param file where to; it appears when the writer is finished
   * @param dimension D, at least 1 and at most 2^20
   * @return a writer
   * @throws IOException if the file cannot be made
   * @throws IllegalArgumentException if the dimension is out of range
   */
  public static Writer writer(Path file, int dimension) throws IOException {
    DimensionChecks.requireDimension(dimension);
    return new Writer(file, dimension);
  }

  /**
   * Reads a file row by row.
   *
   * @param file rows of one dimension; what they hold follows from its ending, {@code .fvecs} for
   *     any other
   * @param rows gets each row, a new array {@code [D]} of finite values; whole numbers beyond 2^24
   *     are rounded
   * @return D; 0 for an empty file
   * @throws IOException if the file cannot be read, is no such matrix or has a value that is not
   *     finite; the message names it
   */
  public static int read(Path file, Consumer<float[]> rows) throws IOException {
    Kind kind = Kind.of(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size == 0) {
        return 0;
      }
      int dimension = read(channel, 4, file).getInt();
      if (dimension < 1 || dimension > MAX_DIMENSION) {
        throw damaged(file, "its dimension must be between 1 and 2^20 but is " + dimension);
      }
      long rowBytes = (long) kind.width * dimension + 4;
      if (size % rowBytes != 0) {
        throw damaged(file, size + " bytes are no whole rows of dimension " + dimension);
      }
      channel.position(0);
      for (long i = 0; i < size / rowBytes; i++) {
        ByteBuffer row = read(channel, (int) rowBytes, file);
        int found = row.getInt();
        if (found != dimension) {
          throw damaged(
              file, "row " + i + " must have dimension " + dimension + " but has " + found);
        }
        float[] values = new float[dimension];
        for (int d = 0; d < dimension; d++) {
          values[d] = kind.next(row);
          if (!Float.isFinite(values[d])) {
            throw damaged(
                file, "values must be finite but row " + i + ", column " + d + " has " + values[d]);
          }
        }
        rows.accept(values);
      }
      return dimension;
    }
  }

  /** What the rows of a file hold. */
  private enum Kind {
    FVECS(4),
    IVECS(4),
    BVECS(1);

    private final int width;

    Kind(int width) {
      this.width = width;
    }

    static Kind of(Path file) {
      String name = file.toString();
      return name.endsWith(".bvecs") ? BVECS : name.endsWith(".ivecs") ? IVECS : FVECS;
    }

    float next(ByteBuffer row) {
      return switch (this) {
        case FVECS -> row.getFloat();
        case IVECS -> row.getInt();
        case BVECS -> row.get() & 0xFF;
      };
    }
  }

  private static IOException damaged(Path file, String reason) {
    return new IOException(
        "cannot read "
            + file
            + " ("
            + Kind.of(file).name().toLowerCase(Locale.ROOT)
            + "): "
            + reason);
  }

  private static ByteBuffer read(FileChannel channel, int length, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw damaged(file, "it ended at byte " + channel.position());
      }
    }
    return buffer.flip();
  }

  /** Writes a matrix row by row. The file appears, complete, when {@link #finish} returns. */
  public static final class Writer implements AutoCloseable {
    private final AtomicFile file;
    private final ByteBuffer buffer;
    private final int dimension;

    private Writer(Path file, int dimension) throws IOException {
      this.file = AtomicFile.create(file);
      this.dimension = dimension;
      this.buffer = ByteBuffer.allocate(4 * dimension + 4).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Adds a row.
     *
     * @param row D values (copied)
     * @throws IOException if it cannot be written
     * @throws IllegalArgumentException if it has another length
     */
    public void write(float[] row) throws IOException {
      if (row.length != dimension) {
        throw new IllegalArgumentException(
            "row must have " + dimension + " values but has " + row.length);
      }
      buffer.clear();
      buffer.putInt(dimension).asFloatBuffer().put(row);
      buffer.rewind();
      file.write(buffer);
    }

    /**
     * Forces the file to disk and gives it its name.
     *
     * @throws IOException if that fails; then no file of that name is new
     */
    public void finish() throws IOException {
      file.commit();
    }

    /**
     * Drops what was not finished.
     *
     * @throws IOException if the temporary file cannot be removed
     */
    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
