// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The live rows of one state as nodes 0 to N - 1, in order of insertion, and how alike they are for
 * a graph: a number in [0, 1] that grows with the score.
 *
 * <p>Inner product: (1 + q·x / (‖q‖·max ‖x‖)) / 2. Cosine: (1 + cos) / 2. Distances: 1 / (1 + d /
 * t) with t the mean distance of some pairs, so that the scale of the vectors does not matter.
 */
final class GraphRows {
  private static final int PAIRS = 512;

  final Rows rows;
  final Similarity similarity;
  final int dimension;
  private final RowKernels kernels;
  private final int size;
  private final int shift;
  private final int[] blockOf;
  private final int[] rowOf;
  private final FloatBuffer[] floats;
  private final float scale;

  GraphRows(Rows rows, Similarity similarity, int dimension, RowKernels kernels) {
    this.rows = rows;
    this.similarity = similarity;
    this.dimension = dimension;
    this.kernels = kernels;
    this.size = rows.live();
    this.floats = new FloatBuffer[rows.count()];
    int capacity = RowBlock.capacity(dimension);
    boolean dense = true;
    double maxNorm = 0;
    for (int b = 0; b < floats.length; b++) {
      RowBlock block = rows.block(b);
      floats[b] = block.floats();
      maxNorm = Math.max(maxNorm, block.maxNorm);
      dense &= block.live == block.rows && (block.rows == capacity || b == floats.length - 1);
    }
    // Whole blocks of a power of two need no table.
    dense &= Integer.bitCount(capacity) == 1;
    this.shift = dense ? Integer.numberOfTrailingZeros(capacity) : -1;
    this.blockOf = new int[dense ? 0 : size];
    this.rowOf = new int[dense ? 0 : size];
    int node = 0;
    for (int b = 0; b < floats.length && !dense; b++) {
      RowBlock block = rows.block(b);
      for (int row = 0; row < block.rows; row++) {
        if (block.isLive(row)) {
          blockOf[node] = b;
          rowOf[node++] = row;
        }
      }
    }
    this.scale =
        switch (similarity) {
          case INNER_PRODUCT, COSINE -> maxNorm == 0 ? 0 : (float) (1 / maxNorm);
          case L2, L1 -> (float) (1 / Math.max(1e-30, meanDistance()));
        };
  }

  private double meanDistance() {
    if (size < 2) {
      return 1;
    }
    double sum = 0;
    long at = 0;
    for (int i = 0; i < PAIRS; i++) {
      // A full-period walk over the nodes with a fixed step: the same pairs each time.
      at += 0x9E3779B1L;
      int a = (int) (at % size);
      int b = (int) ((at / size + i + 1) % size);
      sum += ExactScore.one(similarity, row(a), row(b), dimension);
    }
    return sum / PAIRS;
  }

  int size() {
    return size;
  }

  int block(int node) {
    return shift >= 0 ? node >> shift : blockOf[node];
  }

  int row(int node, int block) {
    return shift >= 0 ? node - (block << shift) : rowOf[node];
  }

  String id(int node) {
    int b = block(node);
    return rows.block(b).storage.ids[row(node, b)];
  }

  double norm(int node) {
    int b = block(node);
    return rows.block(b).storage.norms[row(node, b)];
  }

  void copy(int node, float[] target, int at) {
    int b = block(node);
    floats[b].get(row(node, b) * dimension, target, at, dimension);
  }

  float[] row(int node) {
    float[] values = new float[dimension];
    copy(node, values, 0);
    return values;
  }

  /**
   * Chains equal vectors: a graph of many copies falls apart into islands, so only the first of
   * them becomes part of it.
   *
   * @return for each node the next one of the same vector, -1 for none
   */
  int[] chains() {
    int[] next = new int[size];
    Arrays.fill(next, -1);
    int[] table = new int[Integer.highestOneBit(Math.max(1, size)) * 4];
    Arrays.fill(table, -1);
    int[] hashes = new int[size];
    int[] last = new int[size];
    float[] row = new float[dimension];
    float[] other = new float[dimension];
    for (int node = 0; node < size; node++) {
      copy(node, row, 0);
      hashes[node] = Arrays.hashCode(row) * 0x9E3779B1;
      last[node] = node;
      int slot = (hashes[node] >>> 1) & (table.length - 1);
      while (table[slot] >= 0) {
        int first = table[slot];
        if (hashes[first] == hashes[node]) {
          copy(first, other, 0);
          if (Arrays.equals(row, other)) {
            next[last[first]] = node;
            last[first] = node;
            break;
          }
        }
        slot = (slot + 1) & (table.length - 1);
      }
      if (table[slot] < 0) {
        table[slot] = node;
      }
    }
    return next;
  }

  /** How alike a query is to nodes; for one thread. */
  final class Comparer {
    private final float[] query;
    private final float[] scratch = new float[dimension];
    private final float factor;

    Comparer(float[] query, double norm) {
      this.query = query;
      this.factor =
          switch (similarity) {
            case INNER_PRODUCT -> norm == 0 ? 0 : (float) (scale / norm);
            case COSINE -> norm == 0 ? 0 : (float) (1 / norm);
            case L2, L1 -> scale;
          };
    }

    float likeness(int node) {
      int b = block(node);
      int row = row(node, b);
      floats[b].get(row * dimension, scratch, 0, dimension);
      return switch (similarity) {
        case INNER_PRODUCT -> ofProduct(kernels.dot(query, 0, scratch, 0, dimension) * factor);
        case COSINE ->
            ofProduct(
                kernels.dot(query, 0, scratch, 0, dimension)
                    * factor
                    * rows.block(b).storage.inverseNorms[row]);
        case L2 -> ofDistance(kernels.squares(query, 0, scratch, 0, dimension) * factor);
        case L1 -> ofDistance(kernels.distance(query, 0, scratch, 0, dimension) * factor);
      };
    }
  }

  Comparer comparer(int node) {
    return new Comparer(row(node), norm(node));
  }

  /** The likeness of a product of vectors of length at most 1; never negative by rounding. */
  static float ofProduct(float product) {
    return Math.max(0, (1 + product) / 2);
  }

  static float ofDistance(float distance) {
    return 1 / (1 + distance);
  }

  /** What a sum over the components of a query and a node is multiplied with. */
  float factor(double queryNorm) {
    return new Comparer(new float[0], queryNorm).factor;
  }
}
