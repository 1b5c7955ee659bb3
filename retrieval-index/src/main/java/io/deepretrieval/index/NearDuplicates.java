// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Groups of vectors that are alike: two are in one group if their score reaches a threshold, or if
 * a chain of such pairs links them.
 *
 * <p>All pairs are compared, by matrix products, and those near the threshold once more by the
 * definition of {@link ExactIndex}, so the groups are exact and do not depend on the number of
 * threads. Costs N²·D/2 multiply-adds: about a minute a core for 100,000 vectors of 512 values.
 */
public final class NearDuplicates {
  private NearDuplicates() {}

  /**
   * Groups the vectors of a store.
   *
   * @param store the state that is shown when the search begins
   * @param threshold least score of a pair, as the similarity of the store has it: for instance
   *     0.95 for cosines, -0.1 for squared distances
   * @param threads at least 1
   * @return groups of two and more ids; ids in order of insertion, groups by their first
   * @throws java.io.UncheckedIOException if a vector is damaged
   * @throws IllegalArgumentException if the threshold is not a number or there is no thread
   * @throws IllegalStateException if the store is closed
   */
  public static List<List<String>> groups(StoreReader store, float threshold, int threads) {
    return groups(store.rows(), store.similarity(), store.dimension(), threshold, threads);
  }

  /**
   * Groups the vectors of an index.
   *
   * @param index the state in which the search begins
   * @param threshold least score of a pair
   * @param threads at least 1
   * @return groups of two and more ids; ids in order of insertion, groups by their first
   * @throws IllegalArgumentException if the threshold is not a number or there is no thread
   * @throws IllegalStateException if the index is closed
   */
  public static List<List<String>> groups(ExactIndex index, float threshold, int threads) {
    try (RowTable.Pin pin = index.pin()) {
      return groups(pin.rows, index.similarity(), index.dimension(), threshold, threads);
    }
  }

  private static List<List<String>> groups(
      Rows rows, Similarity similarity, int dimension, float threshold, int threads) {
    if (Float.isNaN(threshold)) {
      throw new IllegalArgumentException("threshold must be a number but was " + threshold);
    }
    WorkerPool pool = new WorkerPool(threads);
    Forest forest = new Forest(rows);
    Blas.enter();
    try {
      int blocks = rows.count();
      int pairs = Math.multiplyExact(blocks, blocks + 1) / 2;
      pool.run(pairs, () -> new Pairs(rows, similarity, dimension, threshold, forest))
          .forEach(Pairs::close);
    } finally {
      Blas.exit();
      pool.shutdown();
    }
    return forest.groups(rows);
  }

  /** Disjoint sets of rows; the least row of a set is its root. */
  private static final class Forest {
    private final int[] first;
    private final AtomicIntegerArray parents;

    Forest(Rows rows) {
      this.first = new int[rows.count() + 1];
      for (int b = 0; b < rows.count(); b++) {
        first[b + 1] = Math.addExact(first[b], rows.block(b).rows);
      }
      this.parents = new AtomicIntegerArray(first[rows.count()]);
      for (int i = 0; i < parents.length(); i++) {
        parents.setPlain(i, i);
      }
    }

    int position(int block, int row) {
      return first[block] + row;
    }

    int root(int position) {
      int at = position;
      for (int parent = parents.get(at); parent != at; parent = parents.get(at)) {
        int grandparent = parents.get(parent);
        parents.compareAndSet(at, parent, grandparent);
        at = grandparent;
      }
      return at;
    }

    void join(int a, int b) {
      while (true) {
        int low = root(a);
        int high = root(b);
        if (low == high) {
          return;
        }
        if (low > high) {
          int swap = low;
          low = high;
          high = swap;
        }
        if (parents.compareAndSet(high, high, low)) {
          return;
        }
      }
    }

    List<List<String>> groups(Rows rows) {
      Map<Integer, List<String>> sets = new LinkedHashMap<>();
      for (int b = 0; b < rows.count(); b++) {
        RowBlock block = rows.block(b);
        for (int row = 0; row < block.rows; row++) {
          if (block.isLive(row)) {
            sets.computeIfAbsent(root(position(b, row)), root -> new ArrayList<>())
                .add(block.storage.ids[row]);
          }
        }
      }
      return sets.values().stream().filter(set -> set.size() > 1).map(List::copyOf).toList();
    }
  }

  /** Compares the rows of two blocks, one thread's share of all pairs of blocks. */
  private static final class Pairs implements WorkerPool.Worker {
    private final Rows rows;
    private final Similarity similarity;
    private final int dimension;
    private final float threshold;
    private final Forest forest;
    private final NativeFloats products;
    private final float[] line;
    private final float[] row;

    Pairs(Rows rows, Similarity similarity, int dimension, float threshold, Forest forest) {
      this.rows = rows;
      this.similarity = similarity;
      this.dimension = dimension;
      this.threshold = threshold;
      this.forest = forest;
      int capacity = RowBlock.capacity(dimension);
      this.products = NativeFloats.allocate(capacity * capacity);
      this.line = new float[capacity];
      this.row = new float[dimension];
    }

    @Override
    public void run(int pair) {
      // Pair p is row b, column a of a triangle.
      int b = (int) ((Math.sqrt(8.0 * pair + 1) - 1) / 2);
      while ((b + 1) * (b + 2) / 2 <= pair) {
        b++;
      }
      while (b * (b + 1) / 2 > pair) {
        b--;
      }
      compare(pair - b * (b + 1) / 2, b);
    }

    private void compare(int a, int b) {
      RowBlock low = rows.block(a);
      RowBlock high = rows.block(b);
      low.storage.memory.requireSound();
      high.storage.memory.requireSound();
      boolean coarse =
          similarity != Similarity.L1
              && ErrorBound.isRegular(similarity, low)
              && ErrorBound.isRegular(similarity, high)
              && low.maxNorm + high.maxNorm <= 0x1p60;
      if (coarse) {
        Blas.products(
            low.storage.memory.pointer(),
            low.rows,
            high.storage.memory.pointer(),
            high.rows,
            dimension,
            products.pointer());
      }
      double margin =
          ErrorBound.margin(similarity, dimension, low.maxNorm, high.maxNorm, 0)
              // The other side is not made a unit vector first, and the threshold is a float.
              + 8 * 0x1p-24 * (1 + Math.abs(threshold));
      for (int i = 0; i < low.rows; i++) {
        if (!low.isLive(i)) {
          continue;
        }
        if (coarse) {
          products.floats().get(i * high.rows, line, 0, high.rows);
        }
        float[] query = low.row(i);
        double norm = low.storage.norms[i];
        for (int j = a == b ? i + 1 : 0; j < high.rows; j++) {
          if (!high.isLive(j) || (coarse && approximate(low, i, high, j) < threshold - margin)) {
            continue;
          }
          int p = forest.position(a, i);
          int q = forest.position(b, j);
          if (forest.root(p) == forest.root(q)) {
            continue;
          }
          high.floats().get(j * dimension, row, 0, dimension);
          double sum = ExactScore.one(similarity, query, row, dimension);
          if (ExactScore.score(similarity, sum, norm, high.storage.norms[j]) >= threshold) {
            forest.join(p, q);
          }
        }
      }
    }

    private double approximate(RowBlock low, int i, RowBlock high, int j) {
      double product = line[j];
      return switch (similarity) {
        case COSINE -> product * low.storage.inverseNorms[i] * high.storage.inverseNorms[j];
        case L2 -> 2 * product - low.storage.squaredNorms[i] - high.storage.squaredNorms[j];
        case INNER_PRODUCT, L1 -> product;
      };
    }

    @Override
    public void close() {
      products.free();
    }
  }
}
