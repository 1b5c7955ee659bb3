// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchResult;
import java.util.Arrays;

/**
 * Diffusion: the likeness to the query spreads from its nearest hits over the graph of neighbors,
 * so that an image can be found by way of others that lie between.
 *
 * <p>Over the first n hits d_1 … d_n:
 *
 * <ul>
 *   <li>A_ij = max(d_i·d_j, 0)^γ where i ≠ j are among the k nearest of each other within these n,
 *       else 0;
 *   <li>S = D^-1/2 A D^-1/2, D the diagonal of the row sums of A;
 *   <li>y_i = max(q·d_i, 0)^γ for the first k_q hits, else 0;
 *   <li>f solves (I - αS) f = y, by conjugate gradients from f = 0 until ‖y - (I - αS) f‖ ≤
 *       tolerance · ‖y‖ or the iterations are used up.
 * </ul>
 *
 * <p>Hits come in order of f, ties in their old order; f is the new score. Where f ≤ 0, no likeness
 * has arrived: these hits keep their old order behind the others, with score 0. Hits behind the
 * first n stay behind, with their old scores, which are not on the scale of f. If no likeness
 * starts out (y = 0) the result stays as it was.
 *
 * <p>The graph holds only the first n hits (truncated diffusion): what the index did not find is
 * not found. Expects vectors of length 1. Not of use where hits have hardly any neighbors, as with
 * one or two images of each thing. Cost a query: n² D / 2 multiplications for the graph, n k each
 * iteration; n D floats. Immutable and thread-safe.
 *
 * @see "Iscen, Tolias, Avrithis, Furon, Chum: Efficient diffusion on region manifolds: recovering
 *     small objects with compact CNN representations, CVPR 2017"
 */
public final class DiffusionReranker implements Reranker {
  private final int n;
  private final int k;
  private final int sources;
  private final double gamma;
  private final double alpha;
  private final int iterations;
  private final double tolerance;

  private DiffusionReranker(Builder builder) {
    n = builder.n;
    k = builder.k;
    sources = builder.sources;
    gamma = builder.gamma;
    alpha = builder.alpha;
    iterations = builder.iterations;
    tolerance = builder.tolerance;
  }

  /**
   * Starts with the usual options for one vector an image.
   *
   * @return options: n = 1000, k = 50, k_q = 10, γ = 3, α = 0.99, 20 iterations, tolerance 1e-6
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String recipe() {
    return "diffusion n="
        + n
        + " k="
        + k
        + " kq="
        + sources
        + " gamma="
        + gamma
        + " alpha="
        + alpha
        + " iterations="
        + iterations
        + " tolerance="
        + tolerance;
  }

  @Override
  public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
    float[][] rows = Hits.rows(query, index, result, n);
    if (rows.length < 2) {
      return result;
    }
    float[] q = query.toArray();
    double[] y = new double[rows.length];
    for (int i = 0; i < Math.min(sources, y.length); i++) {
      double similarity = RankedRows.dot(q, rows[i]);
      y[i] = similarity > 0 ? Math.pow(similarity, gamma) : 0;
    }
    if (Arrays.stream(y).allMatch(value -> value == 0)) {
      return result;
    }
    double[] f =
        DiffusionGraph.mutual(Neighbors.among(rows, k), gamma)
            .solve(y, alpha, iterations, tolerance);
    for (int i = 0; i < f.length; i++) {
      f[i] = Math.max(f[i], 0);
    }
    return Hits.reorder(result, f);
  }

  @Override
  public String toString() {
    return recipe();
  }

  /** Options of a diffusion. For one thread; builds any number of times. */
  public static final class Builder {
    private int n = 1000;
    private int k = 50;
    private int sources = 10;
    private double gamma = 3;
    private double alpha = 0.99;
    private int iterations = 20;
    private double tolerance = 1e-6;

    private Builder() {}

    /**
     * Sets how many hits are looked at.
     *
     * @param hits n, at least 1; 1000 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder top(int hits) {
      n = Hits.requireTop(hits);
      return this;
    }

    /**
     * Sets how many neighbors a hit may have.
     *
     * @param nearest k, at least 1; 50 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder neighbors(int nearest) {
      k = Hits.requireAtLeastOne("k", nearest);
      return this;
    }

    /**
     * Sets from how many hits the diffusion starts.
     *
     * @param first k_q, at least 1; 10 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder sources(int first) {
      sources = Hits.requireAtLeastOne("kq", first);
      return this;
    }

    /**
     * Sets the exponent of similarities.
     *
     * @param exponent γ, at least 0; 3 by default
     * @return this builder
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Builder gamma(double exponent) {
      gamma = Hits.requireNonNegative("gamma", exponent);
      return this;
    }

    /**
     * Sets how far likeness spreads.
     *
     * @param spread α, in [0, 1); 0 does not spread at all; 0.99 by default
     * @return this builder
     * @throws IllegalArgumentException if it is outside [0, 1)
     */
    public Builder alpha(double spread) {
      if (!(spread >= 0 && spread < 1)) {
        throw new IllegalArgumentException("alpha must be in [0, 1) but was " + spread);
      }
      alpha = spread;
      return this;
    }

    /**
     * Bounds the work of the solver.
     *
     * @param most iterations, at least 1; 20 by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder iterations(int most) {
      iterations = Hits.requireAtLeastOne("iterations", most);
      return this;
    }

    /**
     * Sets when the solution is good enough.
     *
     * @param residual relative to ‖y‖, in [0, 1); 1e-6 by default
     * @return this builder
     * @throws IllegalArgumentException if it is outside [0, 1)
     */
    public Builder tolerance(double residual) {
      if (!(residual >= 0 && residual < 1)) {
        throw new IllegalArgumentException("tolerance must be in [0, 1) but was " + residual);
      }
      tolerance = residual;
      return this;
    }

    /**
     * Makes the re-ranker.
     *
     * @return an immutable re-ranker
     */
    public DiffusionReranker build() {
      return new DiffusionReranker(this);
    }
  }
}
