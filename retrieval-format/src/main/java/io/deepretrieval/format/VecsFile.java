// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Matrices in the formats of the TEXMEX corpora, little-endian.
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
public final class VecsFile {
  private static final int MAX_DIMENSION = 1 << 20;

  private VecsFile() {}

  /** What the rows of a file hold; its ending says so. */
  private enum Kind {
    FVECS(ElementType.FLOAT32),
    IVECS(ElementType.INT32),
    BVECS(ElementType.UINT8);

    private final ElementType type;

    Kind(ElementType type) {
      this.type = type;
    }

    static Kind of(Path file) {
      String name = file.toString();
      return name.endsWith(".bvecs") ? BVECS : name.endsWith(".ivecs") ? IVECS : FVECS;
    }
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
    ElementType type = Kind.of(file).type;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size == 0) {
        return 0;
      }
      int dimension = read(channel, 4, file).getInt();
      if (dimension < 1 || dimension > MAX_DIMENSION) {
        throw damaged(file, "its dimension must be between 1 and 2^20 but is " + dimension);
      }
      long rowBytes = (long) type.width() * dimension + 4;
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
          values[d] = type.next(row);
          if (!Float.isFinite(values[d])) {
            throw damaged(file, notFinite(i, d, values[d]));
          }
        }
        rows.accept(values);
      }
      return dimension;
    }
  }

  /** What is wrong with a value of a matrix. */
  static String notFinite(long row, int column, float value) {
    return "values must be finite but row " + row + ", column " + column + " has " + value;
  }

  private static IOException damaged(Path file, String reason) {
    String kind = Kind.of(file).name().toLowerCase(Locale.ROOT);
    return new IOException("cannot read " + file + " (" + kind + "): " + reason);
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
}
