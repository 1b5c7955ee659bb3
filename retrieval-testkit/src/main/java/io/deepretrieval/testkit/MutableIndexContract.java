// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.Descriptor;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link MutableIndex} promises beyond {@link IndexContract}. */
public abstract class MutableIndexContract extends IndexContract {
  @Override
  protected abstract MutableIndex index(
      Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors)
      throws Exception;

  @Test
  public void addedVectorsAreFoundAndRemovedOnesAreNot() throws Exception {
    try (MutableIndex index =
        index(Similarity.INNER_PRODUCT, 2, RECIPE, Map.of("a", vector(1, 0)))) {
      index.add("b", vector(2, 0));
      assertThat(index.size()).isEqualTo(2);
      assertThat(index.search(vector(1, 0), SearchRequest.top(5)).hits())
          .containsExactly(new SearchHit("b", 2), new SearchHit("a", 1));
      assertThat(index.remove("b")).isTrue();
      assertThat(index.remove("b")).isFalse();
      assertThat(index.size()).isEqualTo(1);
      assertThat(index.descriptor("b")).isEmpty();
      assertThat(index.search(vector(1, 0), SearchRequest.top(5)).hits())
          .containsExactly(new SearchHit("a", 1));
    }
  }

  @Test
  public void anIdMayComeBackAfterItsRemovalAndIsTheLastThen() throws Exception {
    try (MutableIndex index = index(Similarity.COSINE, 2, RECIPE, Map.of())) {
      index.add("a", vector(1, 0));
      index.add("b", vector(1, 0));
      index.remove("a");
      index.add("a", vector(2, 0));
      assertThat(index.search(vector(1, 0), SearchRequest.top(5)).hits())
          .containsExactly(new SearchHit("b", 1), new SearchHit("a", 1));
      assertThat(index.descriptor("a")).contains(vector(2, 0));
    }
  }

  @Test
  public void rejectsWhatDoesNotFitAndStaysAsItWas() throws Exception {
    try (MutableIndex index = index(Similarity.COSINE, 2, RECIPE, Map.of("a", vector(1, 0)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.add("a", vector(0, 1)))
          .withMessageContaining("'a'");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.add("b", vector(0, 1, 2)))
          .withMessageContainingAll("'b'", "2", "3");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.add("b", vector(0, 1).withRecipe(Recipe.NONE)))
          .withMessageContainingAll("'b'", RECIPE.toString(), Recipe.NONE.toString());
      assertThat(index.size()).isEqualTo(1);
      assertThat(index.descriptor("a")).contains(vector(1, 0));
    }
  }

  @Test
  public void changesAfterCloseAreIllegalState() throws Exception {
    MutableIndex index = index(Similarity.COSINE, 2, RECIPE, Map.of());
    index.close();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> index.add("a", vector(1, 0)));
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> index.remove("a"));
  }

  @Test
  public void randomChangesGiveWhatADoubleLoopGives() throws Exception {
    long seed = 61;
    Random random = new Random(seed);
    try (MutableIndex index = index(Similarity.COSINE, 3, RECIPE, Map.of());
        MutableIndex naive = new NaiveIndex(Similarity.COSINE, 3, RECIPE, Map.of())) {
      List<String> present = new ArrayList<>();
      for (int step = 0; step < 1500; step++) {
        if (present.isEmpty() || random.nextInt(100) < (step < 750 ? 70 : 35)) {
          String id = "id" + step;
          Descriptor vector = vector(random.nextInt(3), random.nextInt(3), random.nextInt(3));
          index.add(id, vector);
          naive.add(id, vector);
          present.add(id);
        } else {
          String id = present.remove(random.nextInt(present.size()));
          assertThat(index.remove(id)).isTrue();
          naive.remove(id);
        }
        if (step % 50 == 0) {
          Descriptor query = vector(1, random.nextInt(3), random.nextInt(3));
          SearchRequest request = SearchRequest.top(1 + random.nextInt(20));
          assertThat(index.search(query, request).hits().size())
              .as("seed %s step %s", seed, step)
              .isEqualTo(Math.min(request.k(), present.size()));
          if (minimumRecall() == 1) {
            assertThat(index.search(query, request).hits())
                .as("seed %s step %s", seed, step)
                .isEqualTo(naive.search(query, request).hits());
          }
        }
      }
      assertThat(index.size()).isEqualTo(present.size());
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  public void searchesSeeAStateBetweenTwoChanges() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(3);
    AtomicBoolean done = new AtomicBoolean();
    try (MutableIndex index = index(Similarity.INNER_PRODUCT, 1, RECIPE, Map.of())) {
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            executor.submit(
                () -> {
                  long searches = 0;
                  do {
                    // Vector i scores i, and the writer keeps a run of consecutive ones.
                    List<SearchHit> hits = index.search(vector(1), SearchRequest.top(5000)).hits();
                    for (int h = 0; h < hits.size(); h++) {
                      int number = (int) hits.get(0).score() - h;
                      assertThat(hits.get(h)).isEqualTo(new SearchHit("n" + number, number));
                    }
                    searches++;
                  } while (!done.get());
                  return searches;
                }));
      }
      for (int i = 1; i <= 3000; i++) {
        index.add("n" + i, vector(i));
        if (i > 40) {
          assertThat(index.remove("n" + (i - 40))).isTrue();
        }
      }
      done.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
      assertThat(index.size()).isEqualTo(40);
    } finally {
      done.set(true);
      executor.shutdownNow();
    }
  }
}
