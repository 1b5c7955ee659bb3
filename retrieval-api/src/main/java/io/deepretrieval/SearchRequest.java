// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * What a search shall return: the k best, all of at least some score, or both; from all vectors or
 * from those that pass a filter.
 *
 * <p>Immutable; the {@code with…} methods return changed copies.
 */
public final class SearchRequest {
  private final int k;
  private final OptionalDouble leastScore;
  private final double effort;
  private final Optional<Filter> where;
  private final Optional<Predicate<String>> filter;

  private SearchRequest(Builder builder) {
    this.k = builder.k;
    this.leastScore = builder.leastScore;
    this.effort = builder.effort;
    this.where = builder.where;
    this.filter = builder.filter;
  }

  /**
   * Asks for the k best.
   *
   * @param k at least 1
   * @return a request without filter, of effort 1
   * @throws IllegalArgumentException if k is less than 1
   */
  public static SearchRequest top(int k) {
    return builder().k(k).build();
  }

  /**
   * Asks for all vectors of at least some score, however many they are.
   *
   * @param score the least, as the {@link Similarity} of the index defines scores
   * @return a request without filter, of effort 1
   * @throws IllegalArgumentException if the score is not a number
   */
  public static SearchRequest atLeast(float score) {
    return builder().leastScore(score).build();
  }

  /**
   * Starts a request.
   *
   * @return a builder that is still to be given k or a least score
   */
  public static Builder builder() {
    return new Builder();
  }

  private Builder toBuilder() {
    Builder builder = new Builder();
    builder.k = k;
    builder.limited = true;
    builder.leastScore = leastScore;
    builder.effort = effort;
    builder.where = where;
    builder.filter = filter;
    return builder;
  }

  /**
   * Restricts the search to some ids. The filter holds exactly: the k best among the ids that pass.
   * A remote index cannot take it.
   *
   * @param allowed true for the ids to consider; called from any thread; what it throws, the search
   *     throws
   * @return a changed copy
   */
  public SearchRequest withFilter(Predicate<String> allowed) {
    return toBuilder().filter(allowed).build();
  }

  /**
   * Restricts the search to vectors of some metadata. The filter holds exactly: the k best among
   * the vectors that pass, also if it leaves few.
   *
   * @param metadata what must be noted beside a vector
   * @return a changed copy
   */
  public SearchRequest withWhere(Filter metadata) {
    return toBuilder().where(metadata).build();
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
    return toBuilder().effort(factor).build();
  }

  /**
   * Returns how many hits are wanted at most.
   *
   * @return at least 1; {@link Integer#MAX_VALUE} without a limit
   */
  public int k() {
    return k;
  }

  /**
   * Returns the score that a hit must have.
   *
   * @return a float; empty for any
   */
  public OptionalDouble leastScore() {
    return leastScore;
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
   * Returns which metadata are considered.
   *
   * @return empty for all
   */
  public Optional<Filter> where() {
    return where;
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
    return "SearchRequest["
        + (k == Integer.MAX_VALUE && leastScore.isPresent() ? "" : "k=" + k + ", ")
        + (leastScore.isPresent() ? "leastScore=" + (float) leastScore.getAsDouble() + ", " : "")
        + where.map(metadata -> "where=" + metadata + ", ").orElse("")
        + "filter="
        + (filter.isPresent() ? "yes" : "no")
        + ", effort="
        + effort
        + "]";
  }

  /** Collects the options of a request. For one thread. */
  public static final class Builder {
    private int k = Integer.MAX_VALUE;
    private OptionalDouble leastScore = OptionalDouble.empty();
    private double effort = 1;
    private Optional<Filter> where = Optional.empty();
    private Optional<Predicate<String>> filter = Optional.empty();
    private boolean limited;

    private Builder() {}

    /**
     * Limits the number of hits.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if the count is less than 1
     */
    public Builder k(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("k must be at least 1 but was " + count);
      }
      this.k = count;
      this.limited = true;
      return this;
    }

    /**
     * Leaves out hits below some score.
     *
     * @param score the least, as the {@link Similarity} of the index defines scores
     * @return this builder
     * @throws IllegalArgumentException if the score is not a number
     */
    public Builder leastScore(float score) {
      if (Float.isNaN(score)) {
        throw new IllegalArgumentException("least score must be a number but was " + score);
      }
      this.leastScore = OptionalDouble.of(score);
      return this;
    }

    /**
     * Sets the work asked of an approximate index.
     *
     * @param factor greater than 0; 1 by default, 2 is about twice the work
     * @return this builder
     * @throws IllegalArgumentException if the factor is not a positive number
     */
    public Builder effort(double factor) {
      if (!(factor > 0) || Double.isInfinite(factor)) {
        throw new IllegalArgumentException("effort must be > 0 but was " + factor);
      }
      this.effort = factor;
      return this;
    }

    /**
     * Restricts the search to vectors of some metadata.
     *
     * @param metadata what must be noted beside a vector
     * @return this builder
     */
    public Builder where(Filter metadata) {
      this.where = Optional.of(Objects.requireNonNull(metadata, "metadata"));
      return this;
    }

    /**
     * Restricts the search to some ids. A remote index cannot take it.
     *
     * @param allowed true for the ids to consider; called from any thread
     * @return this builder
     */
    public Builder filter(Predicate<String> allowed) {
      this.filter = Optional.of(Objects.requireNonNull(allowed, "allowed"));
      return this;
    }

    /**
     * Makes the request.
     *
     * @return a request
     * @throws IllegalStateException if neither k nor a least score was given
     */
    public SearchRequest build() {
      if (!limited && leastScore.isEmpty()) {
        throw new IllegalStateException("a request must have k or a least score but has neither");
      }
      return new SearchRequest(this);
    }
  }
}
