// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.format.VecsFile;
import io.deepretrieval.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Matrices in the formats of the TEXMEX corpora, as {@link VecsFile} has them: {@code .fvecs}, and
 * {@code .ivecs} and {@code .bvecs}, which are only read.
 *
 * @see <a href="http://corpus-texmex.irisa.fr/">Datasets for approximate nearest neighbor
 *     search</a>
 */
public final class FvecsFiles {
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
   * Reads a file row by row, as {@link VecsFile} takes it.
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
    return VecsFile.read(file, rows);
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
