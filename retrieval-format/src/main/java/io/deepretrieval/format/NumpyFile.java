// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A matrix {@code [N,D]} that NumPy saved: {@code .npy} of versions 1 to 3, or {@code .npz} with
 * one array that is not compressed. Elements are floats or whole numbers of any width and byte
 * order, rows or columns one behind the other; they become float32, doubles and large whole numbers
 * rounded.
 *
 * <p>The header is checked against the size of the file before anything is allocated. Not
 * thread-safe.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">The
 *     format</a>
 */
public final class NumpyFile implements Closeable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MOST_HEADER = 1 << 20;
  private static final int CHUNK = 1 << 20;
  private static final int MOST_DIMENSION = 1 << 24;

  /** Names in single or double quotes; Python 2 wrote an L behind whole numbers. */
  private static final Pattern DESCRIPTION = Pattern.compile("['\"]descr['\"]\\s*:\\s*([^,}]*)");

  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile(
          "['\"]shape['\"]\\s*:\\s*\\(\\s*(\\d{1,18})L?\\s*,\\s*(\\d{1,9})L?\\s*,?\\s*\\)");
  private static final Pattern TYPE = Pattern.compile("['\"]([<>=|])([a-z]\\d+)['\"]\\s*");

  private final Path file;
  private final Closeable open;
  private final ByteSource values;
  private final ElementType type;
  private final ByteOrder order;
  private final boolean columns;
  private final long count;
  private final int dimension;

  private NumpyFile(Path file, Closeable open, ByteSource all) throws IOException {
    this.file = file;
    this.open = open;
    int prefix = prefix(all);
    ByteBuffer start = bytes(all, 0, prefix).order(ByteOrder.LITTLE_ENDIAN);
    long length = prefix == 10 ? Short.toUnsignedInt(start.getShort(8)) : start.getInt(8);
    if (length < 0 || length > MOST_HEADER) {
      throw failure("its header must have at most " + MOST_HEADER + " bytes but has " + length);
    }
    // Version 3 has UTF-8 for the names of fields, which a matrix of numbers does not have.
    String header =
        StandardCharsets.ISO_8859_1.decode(bytes(all, prefix, (int) length)).toString().strip();
    Matcher shape = SHAPE.matcher(header);
    if (!shape.find()) {
      throw failure("shape must be (N, D) but the header is " + header);
    }
    Matcher rowMajor = ORDER.matcher(header);
    if (!rowMajor.find()) {
      throw failure("fortran_order must be True or False but the header is " + header);
    }
    Matcher description = DESCRIPTION.matcher(header);
    Matcher code = TYPE.matcher(description.find() ? description.group(1) : "");
    if (!code.matches() || ElementType.ofNumpy(code.group(2)).isEmpty()) {
      throw failure("descr must be a type of plain numbers but the header is " + header);
    }
    this.type = ElementType.ofNumpy(code.group(2)).orElseThrow();
    this.order = code.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    this.columns = rowMajor.group(1).equals("True");
    this.count = Long.parseLong(shape.group(1));
    this.dimension = Integer.parseInt(shape.group(2));
    long size = all.size() - prefix - length;
    long row = (long) dimension * type.width();
    if (dimension < 1 || dimension > MOST_DIMENSION || size % row != 0 || size / row != count) {
      throw failure(
          "shape ("
              + count
              + ", "
              + dimension
              + ") of "
              + code.group(2)
              + " does not fit its "
              + size
              + " bytes of values");
    }
    this.values = all.slice(prefix + length, size);
  }

  /**
   * Opens a file and reads its header.
   *
   * @param file {@code .npy}, or {@code .npz} with one array
   * @return an open file
   * @throws IOException if it cannot be read or is no such matrix; the message names it
   */
  public static NumpyFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ByteBuffer start = ByteBuffer.allocate(2);
      channel.read(start, 0);
      if (start.get(0) == 'P' && start.get(1) == 'K') {
        channel.close();
        return ofArchive(file);
      }
      return new NumpyFile(file, channel, ByteSource.of(channel));
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  private static NumpyFile ofArchive(Path file) throws IOException {
    ZipFile zip = new ZipFile(file.toFile());
    try {
      List<? extends ZipEntry> entries = Collections.list(zip.entries());
      if (entries.size() != 1) {
        throw new IOException(
            "cannot read "
                + file
                + " (npz): it must have one array but has "
                + entries.stream().map(ZipEntry::getName).limit(9).toList());
      }
      ByteSource source;
      try {
        source = ByteSource.of(zip, entries.get(0));
      } catch (IOException e) {
        throw new IOException("cannot read " + file + " (npz): " + e.getMessage(), e);
      }
      return new NumpyFile(file, zip, source);
    } catch (Throwable e) {
      zip.close();
      throw e;
    }
  }

  /**
   * Returns N.
   *
   * @return number of rows, 0 or more
   */
  public long count() {
    return count;
  }

  /**
   * Returns D.
   *
   * @return number of columns, at least 1
   */
  public int dimension() {
    return dimension;
  }

  /**
   * Reads all rows. Columns one behind the other are gathered in blocks of rows, so that memory
   * stays at some megabytes.
   *
   * @param rows gets each row, a new array {@code [D]} of finite values
   * @throws IOException if the file cannot be read or a value is not finite; the message names
   *     file, row and column, from 0; rows before it were given
   */
  public void read(Consumer<float[]> rows) throws IOException {
    int block = Math.max(1, CHUNK / (dimension * type.width()));
    for (long from = 0; from < count; from += block) {
      int n = (int) Math.min(block, count - from);
      float[][] read = columns ? readColumns(from, n) : readRows(from, n);
      for (int i = 0; i < n; i++) {
        requireFinite(read[i], from + i);
        rows.accept(read[i]);
      }
    }
  }

  private float[][] readRows(long from, int n) throws IOException {
    ByteBuffer bytes = elements(from * dimension, n * dimension);
    float[][] out = new float[n][dimension];
    for (float[] row : out) {
      for (int d = 0; d < dimension; d++) {
        row[d] = type.next(bytes);
      }
    }
    return out;
  }

  private float[][] readColumns(long from, int n) throws IOException {
    float[][] out = new float[n][dimension];
    for (int d = 0; d < dimension; d++) {
      ByteBuffer bytes = elements(d * count + from, n);
      for (float[] row : out) {
        row[d] = type.next(bytes);
      }
    }
    return out;
  }

  private ByteBuffer elements(long from, int n) throws IOException {
    return bytes(values, from * type.width(), n * type.width()).order(order);
  }

  private void requireFinite(float[] row, long at) throws IOException {
    for (int d = 0; d < dimension; d++) {
      if (!Float.isFinite(row[d])) {
        throw failure(VecsFile.notFinite(at, d, row[d]));
      }
    }
  }

  /** Checks the first bytes; returns how many come before the header. */
  private int prefix(ByteSource all) throws IOException {
    ByteBuffer start = bytes(all, 0, 8);
    for (int i = 0; i < MAGIC.length; i++) {
      if (start.get(i) != MAGIC[i]) {
        throw failure("it must begin with \\x93NUMPY but does not");
      }
    }
    int version = start.get(6);
    if (version < 1 || version > 3) {
      throw failure("its version must be 1 to 3 but is " + version);
    }
    return version == 1 ? 10 : 12;
  }

  private ByteBuffer bytes(ByteSource source, long from, int length) throws IOException {
    if (length > source.size() - from) {
      throw failure("it ended at byte " + source.size());
    }
    byte[] out = new byte[length];
    source.read(from, out, length);
    return ByteBuffer.wrap(out);
  }

  private IOException failure(String problem) {
    return new IOException("cannot read " + file + " (npy): " + problem);
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}
