// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.RankedHit;
import io.deepretrieval.RankingIndex;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Runs a data set: describes its images, indexes the database, searches each query, scores.
 *
 * <p>An image that is query and database at once and has no query box is described once. Database
 * vectors enter the index in the order of the data set, which decides ties. By default rankings go
 * as far as the metrics of the protocols look: the whole database for average precision. A question
 * that several protocols ask is described and searched once.
 *
 * <p><b>What fails.</b> An image that cannot be read or described is listed and skipped: a right
 * answer that fails counts as not found, a query that fails counts with average precision 0.
 * Queries without a right answer are listed and not scored; they are described only where {@link
 * Metric#globalAveragePrecision} asks for it.
 *
 * <p>Memory: the index, the query vectors as its {@link DescriptorProvider} holds them, and the
 * hits that are {@linkplain Builder#keep kept}. Where fewer are kept than a ranking has, nothing
 * re-ranks and the index is a {@link RankingIndex}, the ranking is never listed. Immutable; as
 * thread-safe as the supplier of indexes and the listener.
 */
public final class Evaluator {
  /** Hits in memory at once while searching: about 100 MB. */
  private static final long HITS_AT_ONCE = 4_000_000;

  /** Query vectors in memory at once. */
  private static final int QUESTIONS_AT_ONCE = 1024;

  private final DescriptorProvider provider;
  private final List<Reranker> rerankers;
  private final EvaluationListener listener;
  private final OptionalInt k;
  private final int keep;

  private Evaluator(Builder builder) {
    provider = builder.provider;
    rerankers = List.copyOf(builder.rerankers);
    listener = builder.listener;
    k = builder.k;
    keep = builder.keep;
  }

  /**
   * Starts an evaluator.
   *
   * @param extractor describes the images (not owned: not closed)
   * @param indexes gives a new builder at each run; the index is closed at the end of the run
   * @return a builder
   */
  public static Builder builder(DescriptorExtractor extractor, Supplier<IndexBuilder> indexes) {
    return new Builder(DescriptorProvider.of(extractor, indexes));
  }

  /**
   * Starts an evaluator whose vectors come from elsewhere.
   *
   * @param provider gives the vectors (not owned)
   * @return a builder
   */
  public static Builder builder(DescriptorProvider provider) {
    return new Builder(provider);
  }

  /**
   * Runs a data set.
   *
   * @param dataSet what to search in and for
   * @return the scores, the rankings and what went wrong
   * @throws IllegalArgumentException if no query has a right answer
   * @throws IllegalStateException if no image of the database could be described, or the extractor
   *     is closed
   * @throws java.io.UncheckedIOException if vectors that were kept cannot be read or written
   */
  public EvaluationResult run(RetrievalDataSet dataSet) {
    // Refuses a data set without any right answer before anything is described.
    Scorer scorer = new Scorer(dataSet, keep);

    try (DescriptorProvider.Described described =
        provider.describe(dataSet, scorer.questions(), listener)) {
      long start = System.nanoTime();
      Index index = described.index();
      int size = Math.toIntExact(index.size());
      int depth = Math.min(k.orElseGet(() -> scorer.depth(size)), size);
      search(described, depth, scorer);
      return new EvaluationResult(
          new EvaluationResult.Run(
              dataSet.name(),
              provider.recipe(),
              index.similarity(),
              rerankers.stream().map(Reranker::recipe).toList(),
              size,
              depth,
              scorer.results(),
              described.failures(),
              new EvaluationTimings(
                  described.extraction(),
                  described.indexing(),
                  Duration.ofNanos(System.nanoTime() - start))));
    }
  }

  private void search(DescriptorProvider.Described described, int depth, Scorer scorer) {
    Index index = described.index();
    List<QueryImage> questions = scorer.questions();
    int kept = Math.max(1, questions.stream().mapToInt(scorer::kept).max().orElse(1));
    // What no one looks at need not be listed.
    boolean places = rerankers.isEmpty() && kept < depth && index instanceof RankingIndex;
    int listed = places ? kept : depth;
    int chunk = (int) Math.max(1, Math.min(QUESTIONS_AT_ONCE, HITS_AT_ONCE / listed));
    listener.progress(EvaluationListener.Step.SEARCH, 0, questions.size());
    for (int from = 0; from < questions.size(); from += chunk) {
      int to = Math.min(from + chunk, questions.size());
      List<QueryImage> some = new ArrayList<>();
      List<Descriptor> vectors = new ArrayList<>();
      for (int i = from; i < to; i++) {
        Optional<Descriptor> vector = described.query(i);
        if (vector.isPresent()) {
          some.add(questions.get(i));
          vectors.add(vector.get());
        } else {
          scorer.found(questions.get(i), List.of());
        }
      }
      int done = to - vectors.size();
      if (!vectors.isEmpty()) {
        List<SearchResult> results = index.search(vectors, SearchRequest.top(listed));
        if (places) {
          place((RankingIndex) index, some, vectors, results, depth, scorer);
        } else {
          for (int i = 0; i < vectors.size(); i++) {
            scorer.found(some.get(i), rerank(vectors.get(i), results.get(i), index));
            // Each by itself: a re-ranker may take long.
            listener.progress(EvaluationListener.Step.SEARCH, ++done, questions.size());
          }
        }
      }
      if (done < to || vectors.isEmpty()) {
        listener.progress(EvaluationListener.Step.SEARCH, to, questions.size());
      }
    }
  }

  /** Scores rankings of which only the first hits and the places of judged images are known. */
  private static void place(
      RankingIndex index,
      List<QueryImage> questions,
      List<Descriptor> vectors,
      List<SearchResult> heads,
      int depth,
      Scorer scorer) {
    List<List<RankedHit>> placements =
        index.ranks(vectors, questions.stream().map(scorer::judged).toList());
    for (int i = 0; i < questions.size(); i++) {
      List<Ranks.Placed> placed =
          placements.get(i).stream()
              .filter(hit -> hit.rank() < depth)
              .map(hit -> new Ranks.Placed(hit.id(), hit.rank()))
              .toList();
      scorer.found(questions.get(i), heads.get(i).hits(), placed);
    }
  }

  private List<SearchHit> rerank(Descriptor query, SearchResult found, Index index) {
    SearchResult result = found;
    for (Reranker reranker : rerankers) {
      result = reranker.rerank(query, result, index);
    }
    return result.hits();
  }

  /** Options of an evaluator. For one thread; builds any number of times. */
  public static final class Builder {
    private final DescriptorProvider provider;
    private List<Reranker> rerankers = List.of();
    private EvaluationListener listener = (step, done, total) -> {};
    private OptionalInt k = OptionalInt.empty();
    private int keep = Integer.MAX_VALUE;

    private Builder(DescriptorProvider provider) {
      this.provider = Objects.requireNonNull(provider, "provider");
    }

    /**
     * Re-ranks every result. By default it stays as the index gave it.
     *
     * @param inOrder the result of one is the input of the next (copied)
     * @return this builder
     */
    public Builder rerankers(List<Reranker> inOrder) {
      rerankers = List.copyOf(inOrder);
      return this;
    }

    /**
     * Tells how far a run is.
     *
     * @param progress is called on the thread of the run
     * @return this builder
     */
    public Builder listener(EvaluationListener progress) {
      listener = Objects.requireNonNull(progress, "listener");
      return this;
    }

    /**
     * Cuts rankings off. By default they go as far as the metrics of the data set look. Right
     * answers beyond count as not found, so that average precision falls.
     *
     * @param hits at least 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder k(int hits) {
      if (hits < 1) {
        throw new IllegalArgumentException("k must be at least 1 but was " + hits);
      }
      k = OptionalInt.of(hits);
      return this;
    }

    /**
     * Bounds how many hits of each query the result holds. Scores are of the whole ranking all the
     * same. By default it holds all, 24 bytes each.
     *
     * @param hits at least 0
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder keep(int hits) {
      if (hits < 0) {
        throw new IllegalArgumentException("kept hits must be at least 0 but were " + hits);
      }
      keep = hits;
      return this;
    }

    /**
     * Makes the evaluator.
     *
     * @return an evaluator for any number of data sets
     */
    public Evaluator build() {
      return new Evaluator(this);
    }
  }
}
