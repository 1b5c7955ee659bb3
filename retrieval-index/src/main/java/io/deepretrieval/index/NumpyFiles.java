// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Matrices {@code [N,D]} of float32 in NumPy's {@code .npy} format, version 1.0, little-endian,
 * rows one behind the other.
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
  private static final Pattern DESCRIPTION = Pattern.compile("'descr':\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\((\\d+),\\s*(\\d+)\\s*,?\\)");

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
   * Reads a file row by row.
   *
   * @param file a float32 matrix
   * @param rows gets each row, a new array {@code [D]}
   * @return D
   * @throws IOException if the file cannot be read or is no such matrix; the message names it
   */
  public static int read(Path file, Consumer<float[]> rows) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = read(channel, 10, file);
      for (int i = 0; i < MAGIC.length; i++) {
        if (start.get(i) != MAGIC[i]) {
          throw new IOException(
              "cannot read " + file + " (npy): it must begin as version 1.0 does");
        }
      }
      int length = Short.toUnsignedInt(start.order(ByteOrder.LITTLE_ENDIAN).getShort(8));
      String header = StandardCharsets.ISO_8859_1.decode(read(channel, length, file)).toString();
      require(header, DESCRIPTION, "<f4", "descr", file);
      require(header, ORDER, "False", "fortran_order", file);
      Matcher shape = SHAPE.matcher(header);
      if (!shape.find() || shape.group(1).length() > 18 || shape.group(2).length() > 9) {
        throw new IOException(
            "cannot read "
                + file
                + " (npy): shape must be (N, D) but the header is "
                + header.strip());
      }
      long count = Long.parseLong(shape.group(1));
      int dimension = Integer.parseInt(shape.group(2));
      long bytes = channel.size() - channel.position();
      if (dimension < 1 || bytes % (4L * dimension) != 0 || bytes / (4L * dimension) != count) {
        throw new IOException(
            "cannot read "
                + file
                + " (npy): shape ("
                + count
                + ", "
                + dimension
                + ") does not fit its "
                + bytes
                + " bytes of values");
      }
      for (long i = 0; i < count; i++) {
        float[] row = new float[dimension];
        read(channel, 4 * dimension, file).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(row);
        rows.accept(row);
      }
      return dimension;
    }
  }

  private static void require(String header, Pattern pattern, String wanted, String name, Path file)
      throws IOException {
    Matcher found = pattern.matcher(header);
    if (!found.find() || !found.group(1).equals(wanted)) {
      throw new IOException(
          "cannot read "
              + file
              + " (npy): "
              + name
              + " must be "
              + wanted
              + " but the header is "
              + header.strip());
    }
  }

  private static ByteBuffer read(FileChannel channel, int length, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException(
            "cannot read " + file + " (npy): it ended at byte " + channel.position());
      }
    }
    return buffer.flip();
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
