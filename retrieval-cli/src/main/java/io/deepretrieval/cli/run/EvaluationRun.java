// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Reranker;
import io.deepretrieval.Similarity;
import io.deepretrieval.eval.Evaluator;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.index.ExactIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation of an extractor on a data set that may keep its vectors: with a cache no image is
 * described twice, whatever the protocol, the re-rankers or the data set, and a run that was killed
 * goes on where it was.
 *
 * <p>Immutable; runs any number of times, one at a time.
 */
public final class EvaluationRun {
  /** Hits of a query in memory: reports show fewer, a database may have millions. */
  private static final int HITS_KEPT = 100;

  private final DescriptorExtractor extractor;
  private final RetrievalDataSet data;
  private final List<Reranker> rerankers;
  private final Supplier<? extends IndexBuilder> index;
  private final @Nullable Path cache;
  private final RunListener listener;

  private EvaluationRun(Builder builder) {
    extractor = builder.extractor;
    data = builder.data;
    rerankers = builder.rerankers;
    Supplier<? extends IndexBuilder> asked = builder.index;
    index = asked == null ? () -> ExactIndex.builder(Similarity.COSINE) : asked;
    cache = builder.cache;
    listener = builder.listener;
  }

  /**
   * Starts a run.
   *
   * @param extractor describes the images (not owned: not closed)
   * @param data what is searched in and for
   * @return a builder
   */
  public static Builder builder(DescriptorExtractor extractor, RetrievalDataSet data) {
    return new Builder(extractor, data);
  }

  /**
   * Describes, searches and scores. An image that cannot be described is listed and skipped.
   *
   * @return scores, rankings and failures
   * @throws IOException if the cache cannot be read or written
   * @throws IllegalArgumentException if no query has a right answer
   * @throws IllegalStateException if no image of the database could be described, or the extractor
   *     is closed
   */
  public EvaluationOutcome run() throws IOException {
    EvaluationOutcome outcome;
    try {
      if (cache == null) {
        Evaluator.Builder evaluator = Evaluator.builder(extractor, index::get);
        outcome = new EvaluationOutcome(build(evaluator).run(data), Optional.empty());
      } else {
        CachingProvider provider = new CachingProvider(cache, extractor);
        Evaluator evaluator = build(Evaluator.builder(provider));
        outcome = new EvaluationOutcome(evaluator.run(data), Optional.of(provider.use()));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    listener.evaluated(outcome);
    return outcome;
  }

  private Evaluator build(Evaluator.Builder evaluator) {
    return evaluator
        .rerankers(rerankers)
        .listener(new EvaluationSteps(listener))
        .keep(HITS_KEPT)
        .build();
  }

  /** Options of a run. For one thread; builds any number of times. */
  public static final class Builder {
    private final DescriptorExtractor extractor;
    private final RetrievalDataSet data;
    private List<Reranker> rerankers = List.of();
    private @Nullable Supplier<? extends IndexBuilder> index;
    private @Nullable Path cache;
    private RunListener listener = RunListener.NONE;

    private Builder(DescriptorExtractor extractor, RetrievalDataSet data) {
      this.extractor = Objects.requireNonNull(extractor, "extractor");
      this.data = Objects.requireNonNull(data, "data");
    }

    /**
     * Reorders each result. By default nothing does.
     *
     * @param inOrder the result of one is the input of the next (copied)
     * @return this builder
     */
    public Builder rerankers(List<Reranker> inOrder) {
      rerankers = List.copyOf(inOrder);
      return this;
    }

    /**
     * Sets what searches, without a cache. By default search is exact, by cosine.
     *
     * @param indexes gives a new builder at each run
     * @return this builder
     */
    public Builder index(Supplier<? extends IndexBuilder> indexes) {
      index = Objects.requireNonNull(indexes, "indexes");
      return this;
    }

    /**
     * Keeps the vectors, in a store for each recipe, where they are searched exactly. By default
     * nothing is kept.
     *
     * @param directory made if it is not there
     * @return this builder
     */
    public Builder cache(Path directory) {
      cache = Objects.requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Sets who learns of progress. By default nobody does.
     *
     * @param progress called on the thread of the run
     * @return this builder
     */
    public Builder listener(RunListener progress) {
      listener = Objects.requireNonNull(progress, "progress");
      return this;
    }

    /**
     * Makes the run.
     *
     * @return an immutable run
     * @throws IllegalArgumentException if there is a cache and an index too
     */
    public EvaluationRun build() {
      if (cache != null && index != null) {
        throw new IllegalArgumentException(
            "an index must not be given with a cache, whose vectors are searched exactly");
      }
      return new EvaluationRun(this);
    }
  }
}
