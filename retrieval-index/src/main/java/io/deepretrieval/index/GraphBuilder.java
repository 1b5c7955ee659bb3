// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.graph.similarity.ScoreFunction;
import io.github.jbellis.jvector.graph.similarity.SearchScoreProvider;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/**
 * Builds a graph with JVector, over our rows and with our loops: on JDK 17 JVector has only scalar
 * ones.
 */
final class GraphBuilder {
  /** JVector's own defaults: links beyond the degree until pruning, and how diverse they are. */
  private static final float OVERFLOW = 1.2f;

  private static final float ALPHA = 1.2f;

  private GraphBuilder() {}

  static AdjacencyFile build(GraphRows rows, int degree, int construction, int threads) {
    Scores scores = new Scores(rows);
    ForkJoinPool pool = new ForkJoinPool(threads);
    try (GraphIndexBuilder builder =
        GraphIndexBuilder.builder(scores, rows.dimension, List.of(2 * degree, degree))
            .withBeamWidth(construction)
            .withNeighborOverflow(OVERFLOW)
            .withAlpha(ALPHA)
            .withSimdExecutor(pool)
            .withParallelExecutor(pool)
            .build()) {
      int[] next = rows.chains();
      BitSet copies = new BitSet(rows.size());
      for (int node : next) {
        if (node >= 0) {
          copies.set(node);
        }
      }
      IntStream nodes = IntStream.range(0, rows.size()).filter(node -> !copies.get(node));
      if (threads == 1) {
        nodes.forEach(node -> builder.addGraphNode(node, scores.searchProviderFor(node)));
      } else {
        pool.submit(
                () ->
                    nodes
                        .parallel()
                        .forEach(
                            node -> builder.addGraphNode(node, scores.searchProviderFor(node))))
            .join();
      }
      builder.cleanup();
      return AdjacencyFile.copyOf(builder.getGraph(), next, copies);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      pool.shutdown();
    }
  }

  /** Likenesses between rows. */
  private record Scores(GraphRows rows) implements BuildScoreProvider {
    @Override
    public boolean isExact() {
      return true;
    }

    @Override
    public VectorFloat<?> approximateCentroid() {
      float[] mean = new float[rows.dimension];
      int step = Math.max(1, rows.size() / 1000);
      int count = 0;
      for (int node = 0; node < rows.size(); node += step) {
        float[] row = rows.row(node);
        for (int j = 0; j < mean.length; j++) {
          mean[j] += row[j];
        }
        count++;
      }
      for (int j = 0; j < mean.length && count > 0; j++) {
        mean[j] /= count;
      }
      return VectorizationProvider.getInstance().getVectorTypeSupport().createFloatVector(mean);
    }

    @Override
    public SearchScoreProvider searchProviderFor(VectorFloat<?> vector) {
      float[] query = new float[rows.dimension];
      double sum = 0;
      for (int j = 0; j < query.length; j++) {
        query[j] = vector.get(j);
        sum += (double) query[j] * query[j];
      }
      return provider(rows.new Comparer(query, Math.sqrt(sum)));
    }

    @Override
    public SearchScoreProvider searchProviderFor(int node) {
      return provider(rows.comparer(node));
    }

    @Override
    public SearchScoreProvider diversityProviderFor(int node) {
      return provider(rows.comparer(node));
    }

    private static SearchScoreProvider provider(GraphRows.Comparer comparer) {
      ScoreFunction.ExactScoreFunction scores = comparer::likeness;
      return new DefaultSearchScoreProvider(scores);
    }
  }
}
