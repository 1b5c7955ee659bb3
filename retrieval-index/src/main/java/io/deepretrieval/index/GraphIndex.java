// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.util.Bits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An approximate index: a hierarchical graph whose nodes are linked to near ones, built by JVector
 * and walked from a few entry points towards the query.
 *
 * <p>A search keeps a beam of {@code effort · max(beam, 2k)} nodes; more beam, more recall, more
 * time. What the walk finds is scored again by the definition of {@link ExactIndex}, so the scores
 * are those of an exact search and only the choice of hits is approximate. Small sets (fewer than
 * 1,000 vectors) and filters that leave few are searched exactly, and so is every request with a
 * least score, since a walk cannot tell that it has met all vectors that reach it: such a search
 * takes as long as that of an exact index. {@link #recall} measures.
 *
 * <p>With codes the walk reads a product-quantized copy of the vectors, some bytes each, and only
 * the beam's vectors themselves: for sets larger than memory.
 *
 * <p>The graph takes {@code 4 · (2·degree + 2)} bytes a vector outside the heap. Immutable and
 * thread-safe; searchers are pooled, one a thread.
 *
 * @see <a href="https://doi.org/10.1109/TPAMI.2018.2889473">Yu. Malkov, D. Yashunin: Efficient and
 *     robust approximate nearest neighbor search using hierarchical navigable small world graphs,
 *     TPAMI 42(4), 2020</a>
 */
public final class GraphIndex implements Index {
  private final Similarity similarity;
  private final int dimension;
  private final Recipe recipe;
  private final Index source;
  private final GraphRows rows;
  private final AutoCloseable hold;
  private final AdjacencyFile links;
  private final @Nullable GraphCodes codes;
  private final int beam;
  private final int exactBelow;
  private final WorkerPool pool;
  private final ExactSearch exact;
  private final Queue<GraphSearcher> searchers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  GraphIndex(
      Index source,
      AutoCloseable hold,
      GraphRows rows,
      AdjacencyFile links,
      @Nullable GraphCodes codes,
      int beam,
      int exactBelow,
      int threads) {
    this.similarity = source.similarity();
    this.dimension = source.dimension();
    this.recipe = source.recipe();
    this.source = source;
    this.hold = hold;
    this.rows = rows;
    this.links = links;
    this.codes = codes;
    this.beam = beam;
    this.exactBelow = exactBelow;
    this.pool = new WorkerPool(threads);
    this.exact = new ExactSearch(similarity, dimension, pool, RowKernels.best(), false);
  }

  /**
   * Starts an index.
   *
   * @param similarity how vectors are compared
   * @return a builder without vectors
   */
  public static Builder builder(Similarity similarity) {
    return new Builder(similarity);
  }

  /**
   * Opens a store and the graph that was built for it with {@link Builder#buildFor}. Links and
   * vectors are mapped, not read.
   *
   * @param store directory of the store
   * @param threads how many a search may use, its caller's included, at least 1
   * @return the index over the last committed state
   * @throws CorruptStoreException if a file is damaged
   * @throws IOException if there is no graph, or the store has changed since it was built
   * @throws IllegalArgumentException if there is no thread
   */
  public static GraphIndex open(Path store, int threads) throws IOException {
    return GraphFiles.open(store, threads);
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public long size() {
    return closed.get() ? 0 : rows.size();
  }

  @Override
  public Similarity similarity() {
    return similarity;
  }

  @Override
  public Recipe recipe() {
    return recipe;
  }

  /**
   * Returns what the graph takes outside the heap, without the vectors.
   *
   * @return bytes of links
   */
  public long graphBytes() {
    return links.bytes();
  }

  @Override
  public Optional<Descriptor> descriptor(String id) {
    Objects.requireNonNull(id, "id");
    requireOpen();
    return source.descriptor(id);
  }

  @Override
  public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
    Objects.requireNonNull(request, "request");
    List<Descriptor> asked = List.copyOf(queries);
    requireOpen();
    DimensionChecks.requireFit(dimension, recipe, asked);
    Bits allowed = Bits.ALL;
    int candidates = rows.size();
    Optional<Selection.RowFilter> filter = rowFilter(request);
    if (request.leastScore().isPresent()) {
      return exact.search(rows.rows, asked, request, filter);
    }
    if (filter.isPresent()) {
      NodeMask mask = new NodeMask(rows, links, filter.get());
      allowed = mask;
      candidates = mask.count();
    }
    int wide =
        (int)
            Math.min(rows.size(), Math.ceil(request.effort() * Math.max(beam, 2.0 * request.k())));
    // A walk meets about N / candidates nodes for each that is allowed.
    if (rows.size() < exactBelow
        || request.k() >= candidates
        || (double) wide * rows.size() > (double) candidates * candidates) {
      return exact.search(rows.rows, asked, request, filter);
    }
    SearchResult[] results = new SearchResult[asked.size()];
    Bits bits = allowed;
    pool.run(
            asked.size(),
            () -> {
              GraphSearcher pooled = searchers.poll();
              GraphSearcher searcher = pooled == null ? newSearcher() : pooled;
              return new GraphWalk(
                  rows,
                  links,
                  codes,
                  searcher,
                  searchers::add,
                  bits,
                  asked,
                  request.k(),
                  wide,
                  results);
            })
        .forEach(GraphWalk::close);
    return List.of(results);
  }

  private Optional<Selection.RowFilter> rowFilter(SearchRequest request) {
    return Selection.RowFilter.of(
        request, () -> source instanceof StoreReader store ? store.fields() : Set.of());
  }

  private GraphSearcher newSearcher() {
    return new GraphSearcher(links);
  }

  /**
   * Measures how much of an exact search this one finds.
   *
   * @param queries any number, at least one
   * @param request the search to measure
   * @return mean share of the exact hits' places that are filled as well: a hit counts if its score
   *     is at least the least exact one, so that ties are not held against it
   * @throws IllegalArgumentException if there is no query, or one does not fit
   * @throws IllegalStateException if the index is closed
   */
  public double recall(List<Descriptor> queries, SearchRequest request) {
    if (queries.isEmpty()) {
      throw new IllegalArgumentException("queries must be one or more but there is none");
    }
    List<SearchResult> found = search(queries, request);
    List<SearchResult> best =
        exact.search(rows.rows, List.copyOf(queries), request, rowFilter(request));
    return share(found, best);
  }

  /** The mean share of the best hits' scores that are reached. */
  private static double share(List<SearchResult> found, List<SearchResult> best) {
    double sum = 0;
    for (int q = 0; q < found.size(); q++) {
      List<SearchHit> wanted = best.get(q).hits();
      if (wanted.isEmpty()) {
        sum++;
        continue;
      }
      float least = wanted.get(wanted.size() - 1).score();
      Set<String> good = new HashSet<>();
      for (SearchHit hit : found.get(q).hits()) {
        if (hit.score() >= least) {
          good.add(hit.id());
        }
      }
      sum += (double) good.size() / wanted.size();
    }
    return sum / found.size();
  }

  GraphRows rows() {
    return rows;
  }

  AdjacencyFile links() {
    return links;
  }

  @Nullable GraphCodes codes() {
    return codes;
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new IllegalStateException("index must be open but is closed");
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      pool.shutdown();
      searchers.clear();
      try {
        hold.close();
      } catch (Exception e) {
        throw new IllegalStateException("rows must be released but could not be", e);
      }
      source.close();
    }
  }

  @Override
  public String toString() {
    return "GraphIndex[" + size() + " x " + dimension + ", " + similarity + "]";
  }

  /** Collects vectors for a {@link GraphIndex}. For one thread; builds once. */
  public static final class Builder implements IndexBuilder {
    private final Similarity similarity;
    private final ExactIndex.Builder vectors;
    private int degree = 16;
    private int construction = 100;
    private int beam = 64;
    private int codeBytes;
    private int threads = Runtime.getRuntime().availableProcessors();
    private boolean reproducible;
    private int exactBelow = 1000;
    private boolean built;

    private Builder(Similarity similarity) {
      this.similarity = Objects.requireNonNull(similarity, "similarity");
      this.vectors = ExactIndex.builder(similarity);
    }

    /**
     * Fixes the dimension, so that an index without vectors can be built.
     *
     * @param d at least 1, at most 2^20
     * @return this builder
     * @throws IllegalArgumentException if d is out of range
     * @throws IllegalStateException if it is fixed already
     */
    public Builder dimension(int d) {
      vectors.dimension(d);
      return this;
    }

    /**
     * Fixes the recipe. Otherwise the first vector does.
     *
     * @param of how every vector is made
     * @return this builder
     * @throws IllegalStateException if it is fixed already
     */
    public Builder recipe(Recipe of) {
      vectors.recipe(of);
      return this;
    }

    /**
     * Sets M: a node has up to 2M links on the lowest level and M above, as in hnswlib and FAISS.
     *
     * @param m between 2 and 256; 16 by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder degree(int m) {
      degree = require("degree", m, 2, 256);
      return this;
    }

    /**
     * Sets how many nodes are kept in view while a link is sought.
     *
     * @param nodes between 8 and 10,000; 100 by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder construction(int nodes) {
      construction = require("construction", nodes, 8, 10_000);
      return this;
    }

    /**
     * Sets the least beam of a search of effort 1.
     *
     * @param nodes between 1 and 100,000; 64 by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder beam(int nodes) {
      beam = require("beam", nodes, 1, 100_000);
      return this;
    }

    /**
     * Walks over product-quantized copies of the vectors.
     *
     * @param bytes a vector, at most D; 0, the default, for none. D / 8 loses little
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public Builder codes(int bytes) {
      codeBytes = require("codes", bytes, 0, 4096);
      return this;
    }

    /**
     * Sets how many threads build and search.
     *
     * @param count at least 1; the number of processors by default
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder threads(int count) {
      threads = require("threads", count, 1, 1024);
      return this;
    }

    /**
     * Builds on one thread, so that the same vectors in the same order give the same graph.
     *
     * @param wanted true for the same graph each time; false by default
     * @return this builder
     */
    public Builder reproducible(boolean wanted) {
      reproducible = wanted;
      return this;
    }

    /** Sets below how many vectors a search is exact. */
    Builder exactBelow(int count) {
      exactBelow = count;
      return this;
    }

    private static int require(String name, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            name + " must be between " + least + " and " + most + " but was " + value);
      }
      return value;
    }

    @Override
    public Builder add(String id, Descriptor descriptor) {
      vectors.add(id, descriptor);
      return this;
    }

    @Override
    public GraphIndex build() {
      ExactIndex index = vectors.build();
      built = true;
      RowTable.Pin pin = index.pin();
      return build(index, pin, pin.rows);
    }

    /**
     * Builds a graph over the last committed state of a store and writes it beside the store, in
     * {@code graph/}, for {@link GraphIndex#open}. The vectors stay where they are, so the store
     * may be larger than memory; with every change of the store the graph has to be rebuilt.
     *
     * @param store directory of a store of the similarity of this builder
     * @return the index
     * @throws IOException if the store cannot be read or the graph not be written
     * @throws IllegalArgumentException if the similarity differs
     * @throws IllegalStateException if this builder has built, or was given vectors
     */
    public GraphIndex buildFor(Path store) throws IOException {
      if (built || vectors.isStarted()) {
        throw new IllegalStateException("a builder for a store must be new but was used");
      }
      built = true;
      StoreReader reader = StoreReader.open(store, threads);
      try {
        if (reader.similarity() != similarity) {
          throw new IllegalArgumentException(
              "similarity must be " + reader.similarity() + " (the store) but was " + similarity);
        }
        Rows rows = reader.rows();
        for (int b = 0; b < rows.count(); b++) {
          rows.block(b).storage.memory.requireSound();
        }
        GraphIndex index = build(reader, () -> {}, rows);
        GraphFiles.write(store, reader, index, beam, exactBelow);
        return index;
      } catch (IOException | RuntimeException e) {
        reader.close();
        throw e;
      }
    }

    private GraphIndex build(Index source, AutoCloseable hold, Rows state) {
      int builders = reproducible ? 1 : threads;
      GraphRows rows = new GraphRows(state, similarity, source.dimension(), RowKernels.best());
      AdjacencyFile links = GraphBuilder.build(rows, degree, construction, builders);
      WorkerPool pool = new WorkerPool(threads);
      try {
        GraphCodes codes =
            codeBytes > 0 && rows.size() > 0
                ? GraphCodes.of(rows, Math.min(codeBytes, source.dimension()), pool)
                : null;
        return new GraphIndex(source, hold, rows, links, codes, beam, exactBelow, threads);
      } finally {
        pool.shutdown();
      }
    }
  }
}
