// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Reranker} must do, shown on 40 vectors of 4 groups. */
public abstract class RerankerContract {
  private static final int DIMENSION = 16;
  private static final int GROUPS = 4;

  /** Makes the contract. */
  protected RerankerContract() {}

  /**
   * Gives the re-ranker under test.
   *
   * @return the same configuration each time; looks at no more than 40 hits
   */
  protected abstract Reranker reranker();

  /**
   * Makes the index that is searched: 40 vectors of length 1 about 4 directions, ids {@code v0} to
   * {@code v39}, {@code v<i>} about direction i mod 4.
   *
   * @return a new index
   */
  protected static Index index() {
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      vectors.put("v" + i, near(i % GROUPS, i));
    }
    return new ExactListIndex(vectors);
  }

  private static Descriptor near(int group, long seed) {
    Random center = new Random(1000 + group);
    Random noise = new Random(seed);
    float[] values = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      values[i] = (float) (center.nextGaussian() + 0.4 * noise.nextGaussian());
    }
    return Descriptor.copyOf(values).normalized();
  }

  private static Descriptor query(int group) {
    return near(group, 500 + group);
  }

  @Test
  void givesNoMoreHitsThanBeforeAndNoneTwice() {
    try (Index index = index()) {
      for (int k : new int[] {1, 2, 7, 40}) {
        SearchResult before = index.search(query(1), SearchRequest.top(k));
        SearchResult after = reranker().rerank(query(1), before, index);
        assertThat(after.hits()).hasSizeBetween(1, k);
        assertThat(after.hits().stream().map(SearchHit::id)).doesNotHaveDuplicates();
        assertThat(after.visited()).isGreaterThanOrEqualTo(before.visited());
        assertThat(after.hits()).allMatch(hit -> Float.isFinite(hit.score()));
      }
    }
  }

  @Test
  void keepsAClearGroupInFront() {
    try (Index index = index()) {
      for (int group = 0; group < GROUPS; group++) {
        SearchResult before = index.search(query(group), SearchRequest.top(10));
        SearchResult after = reranker().rerank(query(group), before, index);
        int expected = group;
        assertThat(after.hits())
            .as("group %d", group)
            .allMatch(hit -> Integer.parseInt(hit.id().substring(1)) % GROUPS == expected);
      }
    }
  }

  @Test
  void emptyResultStaysEmpty() {
    try (Index index = index()) {
      assertThat(reranker().rerank(query(0), new SearchResult(List.of(), 3), index).hits())
          .isEmpty();
    }
  }

  @Test
  void refusesAHitThatIsNotInTheIndex() {
    try (Index index = index()) {
      SearchResult strange = new SearchResult(List.of(new SearchHit("nowhere", 1)), 1);
      assertThatThrownBy(() -> reranker().rerank(query(0), strange, index))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'nowhere'");
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void givesTheSameFromManyThreads() throws Exception {
    Reranker reranker = reranker();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Index index = index()) {
      List<SearchResult> expected = new ArrayList<>();
      for (int group = 0; group < GROUPS; group++) {
        SearchResult before = index.search(query(group), SearchRequest.top(20));
        expected.add(reranker().rerank(query(group), before, index));
      }
      List<Future<SearchResult>> found = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        Descriptor query = query(i % GROUPS);
        found.add(
            threads.submit(
                () -> reranker.rerank(query, index.search(query, SearchRequest.top(20)), index)));
      }
      for (int i = 0; i < 32; i++) {
        assertThat(found.get(i).get()).isEqualTo(expected.get(i % GROUPS));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void recipeIsOneStableLine() {
    assertThat(reranker().recipe())
        .isNotBlank()
        .doesNotContain(";", "\n", "\r")
        .isEqualTo(reranker().recipe().strip())
        .isEqualTo(reranker().recipe());
  }
}
