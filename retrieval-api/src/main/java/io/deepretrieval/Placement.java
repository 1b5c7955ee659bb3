// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;

/**
 * Where a vector stands in the whole ranking of a query.
 *
 * @param id the caller's id
 * @param score raw, as {@link Similarity} defines it
 * @param place how many vectors stand before it, at least 0
 */
public record Placement(String id, float score, int place) {
  /**
   * Checks id and place.
   *
   * @param id the caller's id
   * @param score raw, as {@link Similarity} defines it
   * @param place how many vectors stand before it, at least 0
   * @throws IllegalArgumentException if the place is negative
   */
  public Placement {
    Objects.requireNonNull(id, "id");
    if (place < 0) {
      throw new IllegalArgumentException("place of '" + id + "' must be >= 0 but was " + place);
    }
  }
}
