// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a search shall return.
 *
 * <p>Immutable; the {@code with…} methods return changed copies.
 */
public final class SearchRequest {
  private final int k;
  private final Optional<Predicate<String>> filter;
  private final double effort;

  private SearchRequest(int k, Optional<Predicate<String>> filter, double effort) {
    this.k = k;
    this.filter = filter;
    this.effort = effort;
  }

  /**
   * Asks for the k best.
   *
   * @param k at least 1
   * @return a request without filter, of effort 1
   * @throws IllegalArgumentException if k is less than 1
   */
  public static SearchRequest top(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1 but was " + k);
    }
    return new SearchRequest(k, Optional.empty(), 1);
  }

  /**
   * Restricts the search to some ids. The filter holds exactly: the k best among the ids that pass.
   *
   * @param allowed true for the ids to consider; called from any thread; what it throws, the search
   *     throws
   * @return a changed copy
   */
  public SearchRequest withFilter(Predicate<String> allowed) {
    return new SearchRequest(k, Optional.of(Objects.requireNonNull(allowed, "allowed")), effort);
  }

  /**
   * Asks an approximate index for more or less work than it does by default. An exact index ignores
   * it.
   *
   * @param factor greater than 0; 2 is about twice the work
   * @return a changed copy
   * @throws IllegalArgumentException if the factor is not a positive number
   */
  public SearchRequest withEffort(double factor) {
    if (!(factor > 0) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("effort must be > 0 but was " + factor);
    }
    return new SearchRequest(k, filter, factor);
  }

  /**
   * Returns how many hits are wanted.
   *
   * @return at least 1
   */
  public int k() {
    return k;
  }

  /**
   * Returns which ids are considered.
   *
   * @return empty for all
   */
  public Optional<Predicate<String>> filter() {
    return filter;
  }

  /**
   * Returns the work asked of an approximate index.
   *
   * @return a factor, 1 by default
   */
  public double effort() {
    return effort;
  }

  @Override
  public String toString() {
    return "SearchRequest[k="
        + k
        + ", filter="
        + (filter.isPresent() ? "yes" : "no")
        + ", effort="
        + effort
        + "]";
  }
}
