// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.RankedHit;
import io.deepretrieval.RankingIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An index that compares every query with every vector.
 *
 * <p>A score is the inner product as {@link Descriptor#dot} computes it, in double and in the order
 * of the components; divided by both {@link Descriptor#norm}s for {@link Similarity#COSINE}, or 0
 * if one of them is 0; the negative sum of squared or absolute differences, just so, for {@link
 * Similarity#L2} and {@link Similarity#L1}; then rounded to float. Hits are ranked by that float,
 * ties in order of insertion. Neither the batch nor the number of threads changes a result by a
 * bit.
 *
 * <p>A search costs N·D multiply-adds a query: in batches of 64 and more at the speed of a matrix
 * product, alone at the speed at which memory is read. Asking for nearly all N vectors is slower,
 * since each score is then computed by its definition. Vectors take 4·D bytes outside the heap each
 * (a block of {@code min(1024, 2^28 / D)} rows at a time) and about 150 bytes of heap; what {@link
 * #remove} leaves is reclaimed in blocks, so that about half of the memory or more is in use.
 *
 * <p>Thread-safe. Searches run while the index changes and never wait for it.
 */
public final class ExactIndex implements MutableIndex, RankingIndex {
  private final Similarity similarity;
  private final int dimension;
  private final Recipe recipe;
  private final WorkerPool pool;
  private final RowTable table;
  private final ExactSearch search;

  private ExactIndex(
      Similarity similarity, int dimension, Recipe recipe, int threads, boolean codes) {
    this.similarity = similarity;
    this.dimension = dimension;
    this.recipe = recipe;
    this.pool = new WorkerPool(threads);
    this.table = new RowTable(dimension);
    this.search = new ExactSearch(similarity, dimension, pool, RowKernels.best(), codes);
  }

  /**
   * Starts an index.
   *
   * @param similarity how vectors are compared
   * @return a builder without vectors, that uses as many threads as there are processors
   */
  public static Builder builder(Similarity similarity) {
    return new Builder(similarity);
  }

  @Override
  public int dimension() {
    return dimension;
  }

  /**
   * Returns N.
   *
   * @return the number of vectors; 0 after {@link #close}
   */
  @Override
  public long size() {
    return table.size();
  }

  @Override
  public Similarity similarity() {
    return similarity;
  }

  @Override
  public Recipe recipe() {
    return recipe;
  }

  @Override
  public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
    Objects.requireNonNull(request, "request");
    List<Descriptor> asked = List.copyOf(queries);
    try (RowTable.Pin pin = table.pin()) {
      DimensionChecks.requireFit(dimension, recipe, asked);
      // Nothing is noted beside these vectors.
      return search.search(pin.rows, asked, request, Selection.RowFilter.of(request, Set::of));
    }
  }

  @Override
  public List<List<RankedHit>> ranks(List<Descriptor> queries, List<? extends Set<String>> wanted) {
    return ranks(queries, wanted, Optional.empty());
  }

  @Override
  public List<List<RankedHit>> ranks(
      List<Descriptor> queries, List<? extends Set<String>> wanted, ToIntFunction<String> order) {
    return ranks(queries, wanted, Optional.of(order));
  }

  private List<List<RankedHit>> ranks(
      List<Descriptor> queries,
      List<? extends Set<String>> wanted,
      Optional<ToIntFunction<String>> order) {
    List<Descriptor> asked = List.copyOf(queries);
    try (RowTable.Pin pin = table.pin()) {
      DimensionChecks.requireFit(dimension, recipe, asked);
      return search.ranks(pin.rows, asked, wanted, order);
    }
  }

  @Override
  public Optional<Descriptor> descriptor(String id) {
    Objects.requireNonNull(id, "id");
    return table.row(id).map(values -> Descriptor.copyOf(values, recipe));
  }

  @Override
  public void add(String id, Descriptor descriptor) {
    Objects.requireNonNull(id, "id");
    DimensionChecks.requireFit(dimension, recipe, descriptor, "index", "id '" + id + "'");
    if (!table.add(id, descriptor.toArray(), descriptor.norm())) {
      throw DimensionChecks.duplicate(id, "index");
    }
  }

  @Override
  public boolean remove(String id) {
    return table.remove(Objects.requireNonNull(id, "id"));
  }

  @Override
  public void close() {
    table.close();
    pool.shutdown();
  }

  /** Holds the current rows until the pin is closed. */
  RowTable.Pin pin() {
    return table.pin();
  }

  /** How many blocks of memory the rows take. */
  int blocks() {
    try (RowTable.Pin pin = table.pin()) {
      return pin.rows.count();
    }
  }

  @Override
  public String toString() {
    return "ExactIndex[" + size() + " x " + dimension + ", " + similarity + "]";
  }

  /** Collects vectors for an {@link ExactIndex}. For one thread; builds once. */
  public static final class Builder implements IndexBuilder {
    private final Similarity similarity;
    private int dimension;
    private @Nullable Recipe recipe;
    private int threads = Runtime.getRuntime().availableProcessors();
    private boolean codes;
    private @Nullable ExactIndex index;
    private boolean built;

    private Builder(Similarity similarity) {
      this.similarity = Objects.requireNonNull(similarity, "similarity");
    }

    /**
     * Fixes the dimension, so that an index without vectors can be built. Otherwise the first
     * vector does.
     *
     * @param d at least 1, at most 2^20
     * @return this builder
     * @throws IllegalArgumentException if d is out of range
     * @throws IllegalStateException if it is fixed already
     */
    public Builder dimension(int d) {
      DimensionChecks.requireDimension(d);
      if (dimension != 0) {
        throw new IllegalStateException("dimension must be set once but is " + dimension);
      }
      this.dimension = d;
      return this;
    }

    /**
     * Fixes the recipe. Otherwise the first vector does; without any it is {@link Recipe#NONE}.
     *
     * @param of how every vector is made
     * @return this builder
     * @throws IllegalStateException if it is fixed already
     */
    public Builder recipe(Recipe of) {
      Objects.requireNonNull(of, "recipe");
      if (recipe != null) {
        throw new IllegalStateException("recipe must be set once but is [" + recipe + "]");
      }
      this.recipe = of;
      return this;
    }

    /**
     * Sets how many threads a search may use, its caller's included.
     *
     * @param count at least 1
     * @return this builder
     * @throws IllegalArgumentException if the count is less than 1
     * @throws IllegalStateException if a vector was added before
     */
    public Builder threads(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("threads must be at least 1 but was " + count);
      }
      if (index != null || built) {
        throw new IllegalStateException("threads must be set before the first vector is added");
      }
      this.threads = count;
      return this;
    }

    /**
     * Says whether to keep each row a second time, in one byte a component, which the first search
     * makes. Searches of fewer than 16 queries then read a quarter of the memory, and of the floats
     * only the rows that may be among the best; the results are the same to the last bit. Has an
     * effect only where the JVM was started with {@code --add-modules jdk.incubator.vector}, and
     * not for {@link Similarity#L1}.
     *
     * @param keep true to spend D bytes of heap a vector; false by default
     * @return this builder
     * @throws IllegalStateException if a vector was added before
     */
    public Builder codes(boolean keep) {
      if (index != null || built) {
        throw new IllegalStateException("codes must be set before the first vector is added");
      }
      this.codes = keep;
      return this;
    }

    @Override
    public Builder add(String id, Descriptor descriptor) {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(descriptor, "descriptor");
      requireNotBuilt();
      if (dimension == 0) {
        dimension(descriptor.dimension());
      }
      if (recipe == null) {
        recipe(descriptor.recipe());
      }
      started().add(id, descriptor);
      return this;
    }

    @Override
    public ExactIndex build() {
      requireNotBuilt();
      if (dimension == 0) {
        throw new IllegalStateException(
            "an index without vectors must be given its dimension but has none");
      }
      ExactIndex result = started();
      built = true;
      index = null;
      return result;
    }

    /** Says whether a vector was added. */
    boolean isStarted() {
      return index != null;
    }

    private ExactIndex started() {
      if (index == null) {
        index =
            new ExactIndex(
                similarity, dimension, recipe == null ? Recipe.NONE : recipe, threads, codes);
      }
      return index;
    }

    private void requireNotBuilt() {
      if (built) {
        throw new IllegalStateException("a builder must build once but has built");
      }
    }
  }
}
