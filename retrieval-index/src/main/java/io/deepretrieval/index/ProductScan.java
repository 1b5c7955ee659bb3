// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import org.bytedeco.javacpp.FloatPointer;

/** Scores rows by products of OpenBLAS, or by codes. */
final class ProductScan<C extends Collector> extends BlockScan<C> {
  /** Fewer queries read the rows once each, which is faster than packing them for a product. */
  private static final int FEW_QUERIES = 8;

  private final FloatPointer matrix;
  private final FloatPointer[] vectors;
  private final NativeFloats products;
  private final float[][] lines;
  private final RowKernels kernels;
  private final int[] reached;

  /**
   * Starts a scan.
   *
   * @param matrix the queries, of unit length for the cosine
   * @param lines the same on the heap
   */
  ProductScan(SearchTile<C> tile, NativeFloats matrix, float[][] lines) {
    super(tile);
    this.kernels = tile.settings.kernels();
    this.reached = new int[line.length];
    this.matrix = matrix.pointer();
    this.lines = lines;
    boolean few = queries.length < (tile.useCodes ? SearchTile.FEW_CODED : FEW_QUERIES);
    this.vectors = new FloatPointer[few ? queries.length : 0];
    for (int q = 0; q < vectors.length; q++) {
      vectors[q] = new FloatPointer(this.matrix.getPointer((long) q * dimension));
    }
    this.products = NativeFloats.allocate(queries.length * RowBlock.capacity(dimension));
  }

  @Override
  void run(int b, RowBlock block) {
    // A row by definition costs about as much as this many rows by OpenBLAS.
    int price = vectors.length > 0 ? 4 : 24;
    if ((long) selection.count(b) * price <= block.rows || !isRegular(block)) {
      int[] which = selection.rowsOf(b);
      for (int q = 0; q < queries.length; q++) {
        score(q, b, block, which);
      }
      return;
    }
    boolean byCodes = tile.isCoded(block);
    FloatPointer floats = block.storage.memory.pointer();
    if (!byCodes && vectors.length == 0) {
      Blas.products(matrix, queries.length, floats, block.rows, dimension, products.pointer());
    }
    for (int q = 0; q < queries.length; q++) {
      if (isTooLarge(q, block)) {
        score(q, b, block, selection.rowsOf(b));
        continue;
      }
      if (byCodes) {
        Int8Codes codes = block.codes();
        kernels.dots(lines[q], codes.bytes, block.rows, dimension, line);
        for (int row = 0; row < block.rows; row++) {
          line[row] *= codes.scales[row];
        }
      } else {
        if (vectors.length > 0) {
          Blas.products(vectors[q], floats, block.rows, dimension, products.pointer());
        }
        products.floats().get(vectors.length > 0 ? 0 : q * block.rows, line, 0, block.rows);
      }
      if (similarity == Similarity.L2) {
        float[] squares = block.storage.squaredNorms;
        float square = (float) (norms[q] * norms[q]);
        for (int row = 0; row < block.rows; row++) {
          line[row] = 2 * line[row] - squares[row] - square;
        }
      }
      collect(best.get(q), b, block);
    }
  }

  private void collect(C candidates, int b, RowBlock block) {
    if (similarity == Similarity.COSINE) {
      float[] inverse = block.storage.inverseNorms;
      for (int row = 0; row < block.rows; row++) {
        line[row] *= inverse[row];
      }
    }
    int count = kernels.atLeast(line, block.rows, candidates.threshold(), reached);
    for (int i = 0; i < count; i++) {
      int row = reached[i];
      if (line[row] >= candidates.threshold() && selection.has(b, row)) {
        candidates.add(line[row], selection.position(b, row));
      }
    }
  }

  @Override
  public void close() {
    products.free();
  }
}
