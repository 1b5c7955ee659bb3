// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemv;
import static org.bytedeco.openblas.presets.openblas_nolapack.blas_set_num_threads;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Inner products by OpenBLAS, on the calling thread.
 *
 * <p>The thread count of OpenBLAS belongs to the whole process. The first of the overlapping {@link
 * #enter} sets it to 1, the last {@link #exit} restores what was found; the counter has to be as
 * global as the thing it guards.
 */
final class Blas {
  private static final Object LOCK = new Object();
  private static int users;
  private static int threadsBefore;

  static {
    Loader.load(org.bytedeco.openblas.global.openblas_nolapack.class);
  }

  private Blas() {}

  /** Makes sure that the library is loaded, which brings JavaCPP's own native methods along. */
  static void load() {}

  /** Starts a stretch of calls; paired with {@link #exit}. */
  static void enter() {
    synchronized (LOCK) {
      if (users++ == 0) {
        threadsBefore = threads();
        if (threadsBefore > 1) {
          blas_set_num_threads(1);
        }
      }
    }
  }

  /** Ends a stretch of calls. */
  static void exit() {
    synchronized (LOCK) {
      // A count that is no longer 1 was set by somebody else meanwhile and is theirs.
      if (--users == 0 && threadsBefore > 1 && threads() == 1) {
        blas_set_num_threads(threadsBefore);
      }
    }
  }

  /** The thread count of OpenBLAS; 0 if another BLAS is loaded, whose count is left alone. */
  static int threads() {
    Pointer count = Loader.addressof("blas_cpu_number");
    return count == null ? 0 : new IntPointer(count).capacity(1).get();
  }

  /** out[q][r] = queries[q] · rows[r], all row-major. */
  static void products(
      FloatPointer queries,
      int queryCount,
      FloatPointer rows,
      int rowCount,
      int dimension,
      FloatPointer out) {
    cblas_sgemm(
        CblasRowMajor,
        CblasNoTrans,
        CblasTrans,
        queryCount,
        rowCount,
        dimension,
        1,
        queries,
        dimension,
        rows,
        dimension,
        0,
        out,
        rowCount);
  }

  /** out[r] = query · rows[r], which reads the rows at the speed of memory. */
  static void products(
      FloatPointer query, FloatPointer rows, int rowCount, int dimension, FloatPointer out) {
    cblas_sgemv(
        CblasRowMajor, CblasNoTrans, rowCount, dimension, 1, rows, dimension, query, 1, 0, out, 1);
  }
}
