// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;

/**
 * Where a vector stands in the whole ranking of a query.
 *
 * @param id the caller's id
 * @param score raw, as {@link Similarity} defines it
 * @param rank how many vectors stand before it, at least 0
 */
public record RankedHit(String id, float score, int rank) {
  /**
   * Checks id and rank.
   *
   * @param id the caller's id
   * @param score raw, as {@link Similarity} defines it
   * @param rank how many vectors stand before it, at least 0
   * @throws IllegalArgumentException if the rank is negative
   */
  public RankedHit {
    Objects.requireNonNull(id, "id");
    if (rank < 0) {
      throw new IllegalArgumentException("rank of '" + id + "' must be >= 0 but was " + rank);
    }
  }
}
