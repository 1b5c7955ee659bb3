// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchResult;
import java.util.Arrays;

/**
 * Re-ranking by global descriptors alone, as in SuperGlobal: the first m hits are refined by each
 * other and scored twice, by the query and by a query made of the best of them.
 *
 * <p>Over the first m hits d_1 … d_m:
 *
 * <ul>
 *   <li>g_i = (d_i + Σ_j w_ij d_j) / (1 + Σ_j w_ij), over the k nearest j ≠ i of d_i among these m,
 *       w_ij = β max(d_i·d_j, 0); g_i is not scaled to length 1;
 *   <li>s_i = q·g_i;
 *   <li>e = the greatest of each coordinate of g_i over the k + 1 hits of greatest s_i (ties: the
 *       earlier hit);
 *   <li>the new score is (s_i + e·g_i) / 2.
 * </ul>
 *
 * <p>This is what the published program computes, but for negative similarities, which count as 0
 * here, and for d_i itself, which is first among its own neighbors here even beside equal vectors.
 * β does not enter e. e is no mean and e·g_i may be far greater than 1.
 *
 * <p>Hits come in order of the new score, ties in their old order. Hits behind the first m stay
 * behind, with their old scores, which are not on the scale of the new ones. Expects vectors of
 * length 1; the greatest of a coordinate says most where coordinates are not centered. With one hit
 * nothing changes. Cost a query: m² D / 2 multiplications, 2 m D floats. Immutable and thread-safe.
 *
 * @see "Shao, Chen, Karpur, Cui, Araujo, Cao: Global features are all you need for image retrieval
 *     and reranking, ICCV 2023"
 */
public final class TopMAugmentation implements Reranker {
  private final int m;
  private final int k;
  private final double beta;

  private TopMAugmentation(Builder builder) {
    m = builder.m;
    k = builder.k;
    beta = builder.beta;
  }

  /**
   * Starts with the options of the paper.
   *
   * @return options: m = 400, k = 9, β = 0.15
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String recipe() {
    return "top-m-augmentation m=" + m + " k=" + k + " beta=" + beta;
  }

  @Override
  public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
    float[][] rows = Hits.rows(query, index, result, m);
    if (rows.length < 2) {
      return result;
    }
    float[][] refined = refine(rows);
    float[] q = query.toArray();
    double[] scores = new double[refined.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = RankedRows.dot(q, refined[i]);
    }
    float[] expanded = greatest(refined, scores);
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (scores[i] + RankedRows.dot(expanded, refined[i])) / 2;
    }
    return Hits.reorder(result, scores);
  }

  private float[][] refine(float[][] rows) {
    Neighbors neighbors = Neighbors.among(rows, k);
    float[][] refined = new float[rows.length][];
    double[] sum = new double[rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      Arrays.fill(sum, 0);
      RankedRows.add(sum, 1, rows[i]);
      double total = 1;
      for (int j = 0; j < neighbors.count(); j++) {
        double weight = beta * Math.max(neighbors.similarity(i, j), 0);
        RankedRows.add(sum, weight, rows[neighbors.row(i, j)]);
        total += weight;
      }
      refined[i] = Hits.scaled(sum, 1 / total);
    }
    return refined;
  }

  private float[] greatest(float[][] refined, double[] scores) {
    int[] order = Hits.order(scores);
    float[] out = refined[order[0]].clone();
    for (int i = 1; i < order.length && i <= k; i++) {
      float[] row = refined[order[i]];
      for (int d = 0; d < out.length; d++) {
        out[d] = Math.max(out[d], row[d]);
      }
    }
    return out;
  }

  @Override
  public String toString() {
    return recipe();
  }

  /** Options of a top-M augmentation. For one thread; builds any number of times. */
  public static final class Builder {
    private int m = 400;
    private int k = 9;
    private double beta = 0.15;

    private Builder() {}

    /**
     * Sets how many hits are looked at.
     *
     * @param hits m, at least 1; 400 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder top(int hits) {
      m = Hits.requireAtLeastOne("m", hits);
      return this;
    }

    /**
     * Sets how many neighbors refine a hit.
     *
     * @param nearest k, at least 1; 9 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder neighbors(int nearest) {
      k = Hits.requireAtLeastOne("k", nearest);
      return this;
    }

    /**
     * Sets how much neighbors count beside the hit itself.
     *
     * @param weight β, at least 0; 0 leaves the hits as they are; 0.15 by default
     * @return this builder
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Builder beta(double weight) {
      beta = Hits.requireNonNegative("beta", weight);
      return this;
    }

    /**
     * Makes the re-ranker.
     *
     * @return an immutable re-ranker
     */
    public TopMAugmentation build() {
      return new TopMAugmentation(this);
    }
  }
}
