// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Similarity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Product quantization: a vector is cut into m parts, and each part replaced by the number of the
 * nearest of 256 centroids, learned from a sample by k-means. Sums over the components of a query
 * and a coded vector are m look-ups in a table made for the query.
 *
 * <p>The same sample and seed give the same centroids on every run.
 *
 * @see <a href="https://doi.org/10.1109/TPAMI.2010.57">H. Jégou, M. Douze, C. Schmid: Product
 *     quantization for nearest neighbor search, TPAMI 33(1), 2011</a>
 */
final class ProductQuantizer {
  static final int CENTROIDS = 256;

  /** More rows than this teach nothing that shows (39 a centroid is what FAISS asks for). */
  private static final int SAMPLE = 64 * CENTROIDS;

  private static final int ROUNDS = 12;
  private static final int BATCH = 1024;

  private final int dimension;
  private final int parts;
  private final int[] bounds;

  /** For each part 256 centroids one behind the other. */
  private final float[][] centroids;

  private ProductQuantizer(int dimension, int parts, float[][] centroids) {
    this.dimension = dimension;
    this.parts = parts;
    this.bounds = bounds(dimension, parts);
    this.centroids = centroids;
  }

  private static int[] bounds(int dimension, int parts) {
    return IntStream.rangeClosed(0, parts).map(p -> (int) ((long) p * dimension / parts)).toArray();
  }

  int parts() {
    return parts;
  }

  /** Learns from rows; parts at most the dimension. */
  static ProductQuantizer train(GraphRows rows, int parts, WorkerPool pool) {
    int[] bounds = bounds(rows.dimension, parts);
    int count = Math.min(SAMPLE, rows.size());
    int[] sample = sample(rows.size(), count);
    float[][] values = new float[count][];
    pool.run(count, () -> i -> values[i] = direction(rows, sample[i]));
    float[][] centroids = new float[parts][];
    Blas.enter();
    try {
      pool.run(
          parts, () -> p -> centroids[p] = kMeans(values, bounds[p], bounds[p + 1] - bounds[p], p));
    } finally {
      Blas.exit();
    }
    return new ProductQuantizer(rows.dimension, parts, centroids);
  }

  private static int[] sample(int n, int count) {
    if (n == count) {
      return IntStream.range(0, n).toArray();
    }
    Random random = new Random(n);
    return random.ints(0, n).distinct().limit(count).sorted().toArray();
  }

  /** What is coded: the vector, of length 1 for the cosine. */
  private static float[] direction(GraphRows rows, int node) {
    float[] row = rows.row(node);
    double norm = rows.norm(node);
    if (rows.similarity == Similarity.COSINE && norm > 0) {
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) (row[j] / norm);
      }
    }
    return row;
  }

  private static float[] kMeans(float[][] rows, int from, int width, int seed) {
    int n = rows.length;
    float[] means = new float[CENTROIDS * width];
    Random random = new Random(seed);
    for (int c = 0; c < CENTROIDS; c++) {
      System.arraycopy(rows[random.nextInt(n)], from, means, c * width, width);
    }
    float[] values = new float[n * width];
    for (int i = 0; i < n; i++) {
      System.arraycopy(rows[i], from, values, i * width, width);
    }
    int[] nearest = new int[n];
    try (Assigner assigner = new Assigner(width)) {
      for (int round = 0; round < ROUNDS; round++) {
        assigner.setCentroids(means);
        assigner.assign(values, n, nearest);
        double[] sums = new double[CENTROIDS * width];
        int[] counts = new int[CENTROIDS];
        for (int i = 0; i < n; i++) {
          counts[nearest[i]]++;
          for (int j = 0; j < width; j++) {
            sums[nearest[i] * width + j] += values[i * width + j];
          }
        }
        for (int c = 0; c < CENTROIDS; c++) {
          // A centroid that nobody is near to moves to a random row.
          int lone = random.nextInt(n);
          for (int j = 0; j < width; j++) {
            means[c * width + j] =
                counts[c] == 0
                    ? values[lone * width + j]
                    : (float) (sums[c * width + j] / counts[c]);
          }
        }
      }
    }
    return means;
  }

  /** Finds nearest centroids by matrix products. */
  private static final class Assigner implements AutoCloseable {
    private final int width;
    private final NativeFloats rows;
    private final NativeFloats means;
    private final NativeFloats products;
    private final float[] halves = new float[CENTROIDS];
    private final float[] line = new float[CENTROIDS];

    Assigner(int width) {
      this.width = width;
      this.rows = NativeFloats.allocate(BATCH * width);
      this.means = NativeFloats.allocate(CENTROIDS * width);
      this.products = NativeFloats.allocate(BATCH * CENTROIDS);
    }

    void setCentroids(float[] values) {
      means.floats().put(0, values);
      for (int c = 0; c < CENTROIDS; c++) {
        float sum = 0;
        for (int j = 0; j < width; j++) {
          sum += values[c * width + j] * values[c * width + j];
        }
        halves[c] = sum / 2;
      }
    }

    /** The nearest has the greatest x·c - ‖c‖²/2; the first of equals. */
    void assign(float[] values, int n, int[] nearest) {
      for (int from = 0; from < n; from += BATCH) {
        int count = Math.min(BATCH, n - from);
        rows.floats().put(0, values, from * width, count * width);
        Blas.products(rows.pointer(), count, means.pointer(), CENTROIDS, width, products.pointer());
        for (int i = 0; i < count; i++) {
          products.floats().get(i * CENTROIDS, line);
          int best = 0;
          float most = Float.NEGATIVE_INFINITY;
          for (int c = 0; c < CENTROIDS; c++) {
            float value = line[c] - halves[c];
            if (value > most) {
              most = value;
              best = c;
            }
          }
          nearest[from + i] = best;
        }
      }
    }

    @Override
    public void close() {
      rows.free();
      means.free();
      products.free();
    }
  }

  /** Int8Codes all rows: {@code [N,m]}, cut into arrays of {@link #CHUNK} rows. */
  byte[][] encode(GraphRows rows, WorkerPool pool) {
    byte[][] codes = new byte[(rows.size() + CHUNK - 1) / CHUNK][];
    Blas.enter();
    try {
      pool.run(codes.length, () -> new Encoder(rows, codes)).forEach(Encoder::close);
    } finally {
      Blas.exit();
    }
    return codes;
  }

  static final int CHUNK = 1 << 14;

  private final class Encoder implements WorkerPool.Worker {
    private final GraphRows rows;
    private final byte[][] codes;
    private final Assigner[] assigners = new Assigner[parts];
    private final int[] nearest = new int[BATCH];
    private final float[] part;

    Encoder(GraphRows rows, byte[][] codes) {
      this.rows = rows;
      this.codes = codes;
      int widest = 0;
      for (int p = 0; p < parts; p++) {
        int width = bounds[p + 1] - bounds[p];
        widest = Math.max(widest, width);
        assigners[p] = new Assigner(width);
        assigners[p].setCentroids(centroids[p]);
      }
      this.part = new float[BATCH * widest];
    }

    @Override
    public void run(int chunk) {
      int first = chunk * CHUNK;
      int count = Math.min(CHUNK, rows.size() - first);
      byte[] out = new byte[count * parts];
      float[][] some = new float[BATCH][];
      for (int from = 0; from < count; from += BATCH) {
        int n = Math.min(BATCH, count - from);
        for (int i = 0; i < n; i++) {
          some[i] = direction(rows, first + from + i);
        }
        for (int p = 0; p < parts; p++) {
          int width = bounds[p + 1] - bounds[p];
          for (int i = 0; i < n; i++) {
            System.arraycopy(some[i], bounds[p], part, i * width, width);
          }
          assigners[p].assign(part, n, nearest);
          for (int i = 0; i < n; i++) {
            out[(from + i) * parts + p] = (byte) nearest[i];
          }
        }
      }
      codes[chunk] = out;
    }

    @Override
    public void close() {
      for (Assigner assigner : assigners) {
        assigner.close();
      }
    }
  }

  /** For each part and centroid the sum over its components with a query. */
  float[] table(Similarity similarity, float[] query) {
    float[] table = new float[parts * CENTROIDS];
    for (int p = 0; p < parts; p++) {
      int width = bounds[p + 1] - bounds[p];
      for (int c = 0; c < CENTROIDS; c++) {
        float sum = 0;
        for (int j = 0; j < width; j++) {
          float q = query[bounds[p] + j];
          float x = centroids[p][c * width + j];
          sum +=
              switch (similarity) {
                case INNER_PRODUCT, COSINE -> q * x;
                case L2 -> (q - x) * (q - x);
                case L1 -> Math.abs(q - x);
              };
        }
        table[p * CENTROIDS + c] = sum;
      }
    }
    return table;
  }

  static float sum(float[] table, byte[] codes, int at, int parts) {
    float s0 = 0;
    float s1 = 0;
    int p = 0;
    for (; p + 2 <= parts; p += 2) {
      s0 += table[p * CENTROIDS + (codes[at + p] & 255)];
      s1 += table[(p + 1) * CENTROIDS + (codes[at + p + 1] & 255)];
    }
    return p < parts ? s0 + s1 + table[p * CENTROIDS + (codes[at + p] & 255)] : s0 + s1;
  }

  /** Writes parts, centroids and codes. */
  void write(CheckedFile.Writer out, byte[][] codes) throws IOException {
    out.putInt(dimension);
    out.putInt(parts);
    for (float[] part : centroids) {
      out.putFloats(part);
    }
    for (byte[] chunk : codes) {
      out.put(chunk);
    }
  }

  /** Reads what {@link #write} wrote, up to the codes. */
  static ProductQuantizer read(ByteBuffer in) {
    int dimension = in.getInt();
    int parts = in.getInt();
    int[] bounds = bounds(dimension, parts);
    float[][] centroids = new float[parts][];
    for (int p = 0; p < parts; p++) {
      centroids[p] = new float[CENTROIDS * (bounds[p + 1] - bounds[p])];
      in.asFloatBuffer().get(centroids[p]);
      in.position(in.position() + 4 * centroids[p].length);
    }
    return new ProductQuantizer(dimension, parts, centroids);
  }

  /** Reads the codes of n rows. */
  static byte[][] readCodes(ByteBuffer in, int n, int parts) {
    byte[][] codes = new byte[(n + CHUNK - 1) / CHUNK][];
    for (int chunk = 0; chunk < codes.length; chunk++) {
      codes[chunk] = new byte[Math.min(CHUNK, n - chunk * CHUNK) * parts];
      in.get(codes[chunk]);
    }
    return codes;
  }

  @Override
  public String toString() {
    return "ProductQuantizer[" + dimension + " in " + Arrays.toString(bounds) + "]";
  }
}
