// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some consecutive rows as one state of an index sees them: at most {@link #capacity} rows, of
 * which the marked ones are removed.
 *
 * <p>Immutable, except that the storage behind it grows beyond {@link #rows}: {@link #append}
 * returns the next state over the same storage.
 */
final class RowBlock {
  private static final int MAX_ROWS = 1024;
  private static final int MAX_FLOATS = 1 << 28;
  private static final long[] NONE = {};

  /** What successive states of a block share. */
  static final class Storage {
    final RowMemory memory;
    final String[] ids;
    final double[] norms;

    /** 1 / norm; 0 for a zero row. */
    final float[] inverseNorms;

    /** norm². */
    final float[] squaredNorms;

    /** Where the block is in the table; kept by the one writer. */
    int ordinal;

    private @Nullable Int8Codes codes;
    private @Nullable StoredSegment segment;
    private int firstRow;

    Storage(RowMemory memory, int capacity) {
      this.memory = memory;
      this.ids = new String[capacity];
      this.norms = new double[capacity];
      this.inverseNorms = new float[capacity];
      this.squaredNorms = new float[capacity];
    }

    private void put(int row, String id, double norm) {
      ids[row] = id;
      norms[row] = norm;
      inverseNorms[row] = norm == 0 ? 0 : (float) (1 / norm);
      squaredNorms[row] = (float) (norm * norm);
    }

    /** The codes of a full block, made when first asked for. */
    private synchronized Int8Codes codes(int dimension) {
      Int8Codes result = codes;
      if (result == null) {
        memory.requireSound();
        result = Int8Codes.of(memory.floats(), ids.length, dimension, norms);
        codes = result;
      }
      return result;
    }

    /** What is known of a row beside its vector; nothing for a row that is not of a store. */
    Map<String, String> metadata(int row) {
      return segment == null ? Map.of() : segment.metadata(firstRow + row);
    }
  }

  final Storage storage;
  final int dimension;
  final int rows;
  final int live;

  /** The least length of a row that is not zero. */
  final double minNorm;

  final double maxNorm;
  private final long[] dead;

  private RowBlock(
      Storage storage,
      int dimension,
      int rows,
      int live,
      double minNorm,
      double maxNorm,
      long[] dead) {
    this.storage = storage;
    this.dimension = dimension;
    this.rows = rows;
    this.live = live;
    this.minNorm = minNorm;
    this.maxNorm = maxNorm;
    this.dead = dead;
  }

  /** Rows a full block has, so that it takes no more than 1 GiB. */
  static int capacity(int dimension) {
    return Math.max(1, Math.min(MAX_ROWS, MAX_FLOATS / dimension));
  }

  static RowBlock empty(int dimension) {
    int capacity = capacity(dimension);
    Storage storage = new Storage(NativeFloats.allocate(capacity * dimension), capacity);
    return new RowBlock(storage, dimension, 0, 0, Double.POSITIVE_INFINITY, 0, NONE);
  }

  /** Makes a full block of some rows of a segment. */
  static RowBlock of(RowMemory memory, int dimension, StoredSegment segment, int from, int rows) {
    Storage storage = new Storage(memory, rows);
    storage.segment = segment;
    storage.firstRow = from;
    double min = Double.POSITIVE_INFINITY;
    double max = 0;
    for (int row = 0; row < rows; row++) {
      double norm = segment.norm(from + row);
      storage.put(row, segment.id(from + row), norm);
      min = norm == 0 ? min : Math.min(min, norm);
      max = Math.max(max, norm);
    }
    long[] dead = segment.dead(from, rows);
    int live = rows;
    for (long word : dead) {
      live -= Long.bitCount(word);
    }
    return new RowBlock(storage, dimension, rows, live, min, max, dead);
  }

  /** The state after one more row; only on the latest state, by the one writer. */
  RowBlock append(String id, float[] values, double norm) {
    storage.memory.floats().put(rows * dimension, values, 0, dimension);
    return grown(id, norm);
  }

  private RowBlock grown(String id, double norm) {
    storage.put(rows, id, norm);
    return new RowBlock(
        storage,
        dimension,
        rows + 1,
        live + 1,
        norm == 0 ? minNorm : Math.min(minNorm, norm),
        Math.max(maxNorm, norm),
        dead.length == 0 || dead.length > rows >> 6 ? dead : Arrays.copyOf(dead, (rows >> 6) + 1));
  }

  /** The state without a row that is live. */
  RowBlock without(int row) {
    long[] marked = Arrays.copyOf(dead, ((rows - 1) >> 6) + 1);
    marked[row >> 6] |= 1L << row;
    return new RowBlock(storage, dimension, rows, live - 1, minNorm, maxNorm, marked);
  }

  /** The codes of a full block. */
  Int8Codes codes() {
    return storage.codes(dimension);
  }

  boolean isFull() {
    return rows == storage.ids.length;
  }

  boolean isLive(int row) {
    return dead.length == 0 || (dead[row >> 6] & 1L << row) == 0;
  }

  FloatBuffer floats() {
    return storage.memory.floats();
  }

  float[] row(int row) {
    float[] values = new float[dimension];
    floats().get(row * dimension, values);
    return values;
  }
}
