// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.format.NumpyFile;
import io.deepretrieval.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Matrices {@code [N,D]} in NumPy's {@code .npy} format. Written are float32, version 1.0,
 * little-endian, rows one behind the other:
 *
 * <pre>
 * offset  size  content
 * 0       6     0x93 'N' 'U' 'M' 'P' 'Y'
 * 6       2     version 1, 0
 * 8       2     length of the header, little-endian, here 118
 * 10      118   {'descr': '&lt;f4', 'fortran_order': False, 'shape': (N, D), }, blanks, line feed
 * 128     4ND   values
 * </pre>
 */
public final class NumpyFiles {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int HEADER = 128;

  private NumpyFiles() {}

  /**
   * Starts a file whose number of rows is not known yet.
   *
   * @param file where to; it appears when the writer is finished
   * @param dimension D, at least 1
   * @return a writer
   * @throws IOException if the file cannot be made
   * @throws IllegalArgumentException if the dimension is less than 1
   */
  public static Writer writer(Path file, int dimension) throws IOException {
    return new Writer(file, dimension);
  }

  /**
   * Reads a file row by row, as {@link NumpyFile} takes it: every type of plain numbers, byte order
   * and version, rows or columns first, {@code .npz} with one array.
   *
   * @param file a matrix {@code [N,D]}
   * @param rows gets each row, a new array {@code [D]} of finite values
   * @return D
   * @throws IOException if the file cannot be read, is no such matrix or has a value that is not
   *     finite; the message names it
   */
  public static int read(Path file, Consumer<float[]> rows) throws IOException {
    try (NumpyFile matrix = NumpyFile.open(file)) {
      matrix.read(rows);
      return matrix.dimension();
    }
  }

  /** Writes a matrix row by row. The file appears, complete, when {@link #finish} returns. */
  public static final class Writer implements AutoCloseable {
    private final AtomicFile file;
    private final ByteBuffer buffer;
    private final int dimension;
    private long count;

    private Writer(Path file, int dimension) throws IOException {
      if (dimension < 1) {
        throw new IllegalArgumentException("dimension must be at least 1 but was " + dimension);
      }
      this.file = AtomicFile.create(file);
      this.dimension = dimension;
      this.buffer = ByteBuffer.allocate(4 * dimension).order(ByteOrder.LITTLE_ENDIAN);
      this.file.write(ByteBuffer.allocate(HEADER));
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
      buffer.clear().asFloatBuffer().put(row);
      file.write(buffer);
      count++;
    }

    /**
     * Writes the header, forces the file to disk and gives it its name.
     *
     * @throws IOException if that fails; then no file of that name is new
     */
    public void finish() throws IOException {
      String text =
          String.format(
              Locale.ROOT,
              "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }",
              count,
              dimension);
      byte[] header = new byte[HEADER];
      Arrays.fill(header, (byte) ' ');
      System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
      header[8] = HEADER - 10;
      header[9] = 0;
      byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(ascii, 0, header, 10, ascii.length);
      header[HEADER - 1] = '\n';
      file.channel().position(0);
      file.write(ByteBuffer.wrap(header));
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
