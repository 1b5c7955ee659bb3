// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Database augmentation: every vector of a database becomes the weighted mean of itself and its k
 * nearest, d' = (d + Σ_{j &lt; k} w_j d_j) / (1 + Σ_j w_j), d_0 … d_{k-1} the nearest of d other
 * than itself, best first.
 *
 * <ul>
 *   <li>{@link #alphaWeighted}: w_j = max(d·d_j, 0)^α, then L2.
 *   <li>{@link #linear}: w_j = (k - j) / k, no L2: a vector amid near ones stays longer than one
 *       that stands alone, and inner products favor it.
 * </ul>
 *
 * <p>It is done once, before the database is indexed; queries stay as they are and so does the
 * recipe of the vectors, which lets both meet in one index. State it beside the results: {@link
 * #recipe}. For the head of a result only, see {@link DatabaseAugmentationReranker}.
 *
 * <p>Expects vectors of length 1. With fewer than k others all of them count. Equal vectors are
 * neighbors of each other; a vector is never its own neighbor. Where the mean would be the zero
 * vector d' = d. Immutable and thread-safe.
 *
 * @see "Arandjelović, Zisserman: Three things everyone should know to improve object retrieval,
 *     CVPR 2012"
 * @see "Gordo, Almazán, Revaud, Larlus: End-to-end learning of deep visual representations for
 *     image retrieval, IJCV 2017 (linear weights)"
 * @see "Radenović, Tolias, Chum: Fine-tuning CNN image retrieval with no human annotation, TPAMI
 *     2019 (α-weighted query expansion)"
 */
public final class DatabaseAugmentation {
  private static final int BATCH = 256;

  private final int k;
  private final boolean linear;
  private final double alpha;
  private final boolean normalized;

  private DatabaseAugmentation(int k, boolean linear, double alpha, boolean normalized) {
    this.k = Hits.requireAtLeastOne("k", k);
    this.linear = linear;
    this.alpha = Hits.requireNonNegative("alpha", alpha);
    this.normalized = normalized;
  }

  /**
   * Weighs neighbors by similarity: w_j = max(d·d_j, 0)^α. The result has length 1.
   *
   * @param k neighbors, at least 1; 10 to 20 is usual
   * @param alpha at least 0; 0 weighs all the same, 3 is usual
   * @return the augmentation
   * @throws IllegalArgumentException if k is less than 1 or alpha is negative or not finite
   */
  public static DatabaseAugmentation alphaWeighted(int k, double alpha) {
    return new DatabaseAugmentation(k, false, alpha, true);
  }

  /**
   * Weighs neighbors by rank: w_j = (k - j) / k, that is 1 for the nearest and 1/k for the last.
   * The result is the mean, not of length 1.
   *
   * @param k neighbors, at least 1; 20 is usual
   * @return the augmentation
   * @throws IllegalArgumentException if k is less than 1
   */
  public static DatabaseAugmentation linear(int k) {
    return new DatabaseAugmentation(k, true, 0, false);
  }

  /**
   * Sets whether the weighted mean is scaled to length 1.
   *
   * @param l2 true for length 1
   * @return a changed copy
   */
  public DatabaseAugmentation withNormalization(boolean l2) {
    return new DatabaseAugmentation(k, linear, alpha, l2);
  }

  /**
   * Returns the name and the parameters in one line.
   *
   * @return for instance {@code database-augmentation k=10 weights=alpha alpha=3.0 l2=true}
   */
  public String recipe() {
    return "database-augmentation k="
        + k
        + (linear ? " weights=linear" : " weights=alpha alpha=" + alpha)
        + " l2="
        + normalized;
  }

  /**
   * Augments a database that is compared with itself, N² D / 2 multiplications on one thread: for
   * some ten thousand vectors. Ties between neighbors go to the earlier one.
   *
   * @param database vectors of one dimension and recipe
   * @return new vectors in the same order
   * @throws IllegalArgumentException if dimensions or recipes differ
   */
  public List<Descriptor> augment(List<Descriptor> database) {
    float[][] rows = new float[database.size()][];
    for (int i = 0; i < rows.length; i++) {
      Descriptor first = database.get(0);
      Descriptor vector = database.get(i);
      first.recipe().requireSame(vector.recipe(), "vector " + i);
      if (vector.dimension() != first.dimension()) {
        throw new IllegalArgumentException(
            "descriptor dimension must be "
                + first.dimension()
                + " but was "
                + vector.dimension()
                + " (vector "
                + i
                + ")");
      }
      rows[i] = vector.toArray();
    }
    Neighbors neighbors = Neighbors.among(rows, k);
    List<Descriptor> out = new ArrayList<>(rows.length);
    for (int i = 0; i < rows.length; i++) {
      double[] sum = augmented(rows, neighbors, i);
      out.add(Descriptor.copyOf(Hits.scaled(sum, 1), database.get(i).recipe()));
    }
    return out;
  }

  /**
   * Augments vectors of an index by searching it: one search of k + 1 hits for each, {@value
   * #BATCH} of them at a time, so that no more than that is held in memory. An approximate index
   * gives approximate neighbors.
   *
   * @param index what is searched; it must not change meanwhile
   * @param ids vectors to augment
   * @param sink receives each id with its new vector, in order, on the calling thread; must not
   *     write to the same index
   * @throws IllegalArgumentException if an id is not in the index; those of earlier batches have
   *     been given to the sink
   * @throws IllegalStateException if the index is closed
   */
  public void augment(Index index, Iterable<String> ids, BiConsumer<String, Descriptor> sink) {
    Objects.requireNonNull(sink, "sink");
    List<String> batch = new ArrayList<>();
    for (String id : ids) {
      batch.add(Objects.requireNonNull(id, "id"));
      if (batch.size() == BATCH) {
        augmentBatch(index, batch, sink);
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      augmentBatch(index, batch, sink);
    }
  }

  private void augmentBatch(Index index, List<String> ids, BiConsumer<String, Descriptor> sink) {
    List<Descriptor> vectors = new ArrayList<>();
    for (String id : ids) {
      vectors.add(
          index
              .descriptor(id)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "id must be in the index but there is no vector of id '" + id + "'")));
    }
    // k may be as large as an int goes.
    int wanted = (int) Math.min(k + 1L, Math.max(1, index.size()));
    List<SearchResult> found = index.search(vectors, SearchRequest.top(wanted));
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      Descriptor vector = vectors.get(i);
      List<float[]> nearest =
          found.get(i).hits().stream()
              .filter(hit -> !hit.id().equals(id))
              .limit(k)
              .map(hit -> Hits.vector(index, hit).toArray())
              .toList();
      float[] own = vector.toArray();
      double[] sum = new double[own.length];
      double total = begin(sum, own);
      for (int j = 0; j < nearest.size(); j++) {
        double weight = weight(j, RankedRows.dot(own, nearest.get(j)));
        RankedRows.add(sum, weight, nearest.get(j));
        total += weight;
      }
      finish(sum, total, own);
      sink.accept(id, Descriptor.copyOf(Hits.scaled(sum, 1), vector.recipe()));
    }
  }

  /** The new vector of one row, in double. */
  double[] augmented(float[][] rows, Neighbors neighbors, int row) {
    double[] sum = new double[rows[row].length];
    double total = begin(sum, rows[row]);
    for (int j = 0; j < neighbors.count(); j++) {
      double weight = weight(j, neighbors.similarity(row, j));
      RankedRows.add(sum, weight, rows[neighbors.row(row, j)]);
      total += weight;
    }
    finish(sum, total, rows[row]);
    return sum;
  }

  int neighbors() {
    return k;
  }

  private static double begin(double[] sum, float[] own) {
    RankedRows.add(sum, 1, own);
    return 1;
  }

  private double weight(int rank, double similarity) {
    return linear ? (double) (k - rank) / k : Hits.power(similarity, alpha);
  }

  private void finish(double[] sum, double total, float[] own) {
    double squares = RankedRows.squares(sum);
    if (!(squares > 0)) {
      for (int d = 0; d < sum.length; d++) {
        sum[d] = own[d];
      }
      return;
    }
    double divisor = normalized ? Math.sqrt(squares) : total;
    for (int d = 0; d < sum.length; d++) {
      sum[d] /= divisor;
    }
  }

  @Override
  public String toString() {
    return recipe();
  }
}
