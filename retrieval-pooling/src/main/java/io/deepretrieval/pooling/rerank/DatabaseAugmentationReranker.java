// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchResult;
import java.util.Objects;

/**
 * Database augmentation at query time: the vectors of the first n hits are augmented by their
 * neighbors among these n, then scored again: s_i = q·d'_i, d'_i as in {@link
 * DatabaseAugmentation}.
 *
 * <p>Nothing has to be prepared and nothing is stored. Ties keep their old order. Hits behind the
 * first n stay behind, in their order and with their scores, which are not on the scale of the new
 * ones. Expects vectors of length 1. With one hit nothing changes. Cost: n² D / 2 multiplications
 * and n D floats. Immutable and thread-safe.
 *
 * @see "Arandjelović, Zisserman: Three things everyone should know to improve object retrieval,
 *     CVPR 2012"
 */
public final class DatabaseAugmentationReranker implements Reranker {
  private final int n;
  private final DatabaseAugmentation augmentation;

  /**
   * Makes the re-ranker.
   *
   * @param n hits that are looked at, at least 1; some hundred is usual
   * @param augmentation neighbors and their weights
   * @throws IllegalArgumentException if n is less than 1
   */
  public DatabaseAugmentationReranker(int n, DatabaseAugmentation augmentation) {
    this.n = Hits.requireTop(n);
    this.augmentation = Objects.requireNonNull(augmentation, "augmentation");
  }

  @Override
  public String recipe() {
    return augmentation.recipe() + " n=" + n;
  }

  @Override
  public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
    float[][] rows = Hits.rows(query, index, result, n);
    if (rows.length < 2) {
      return result;
    }
    Neighbors neighbors = Neighbors.among(rows, augmentation.neighbors());
    float[] q = query.toArray();
    double[] scores = new double[rows.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = RankedRows.dot(augmentation.augmented(rows, neighbors, i), q);
    }
    return Hits.reorder(result, scores);
  }

  @Override
  public String toString() {
    return recipe();
  }
}
