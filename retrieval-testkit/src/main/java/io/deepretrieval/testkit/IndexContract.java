// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Filter;
import io.deepretrieval.Index;
import io.deepretrieval.RankedHit;
import io.deepretrieval.RankingIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Index} promises. Extend it and say how one is made. */
public abstract class IndexContract {
  /** The recipe of all vectors that a test does not give another. */
  protected static final Recipe RECIPE = Recipe.of(Map.of("backbone", "contract"));

  /**
   * Makes the index under test.
   *
   * @param similarity how vectors are compared
   * @param dimension D
   * @param recipe of every vector
   * @param vectors by id, in order of insertion; may be empty
   * @return an open index, which the test closes
   * @throws Exception if it cannot be made
   */
  protected abstract Index index(
      Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors)
      throws Exception;

  /**
   * Returns the share of the ten best that an approximate index must find among 500 vectors.
   *
   * @return 1 for an exact index
   */
  protected double minimumRecall() {
    return 1;
  }

  /**
   * Makes a vector.
   *
   * @param values its components
   * @return a descriptor of {@link #RECIPE}
   */
  protected static Descriptor vector(float... values) {
    return Descriptor.copyOf(values, RECIPE);
  }

  /**
   * Makes vectors of independent normal components, with ids {@code v0}, {@code v1}…
   *
   * @param count how many
   * @param dimension D
   * @param seed of the generator
   * @return by id, in order
   */
  protected static Map<String, Descriptor> gaussians(int count, int dimension, long seed) {
    Random random = new Random(seed);
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      float[] values = new float[dimension];
      for (int j = 0; j < dimension; j++) {
        values[j] = (float) random.nextGaussian();
      }
      vectors.put("v" + i, vector(values));
    }
    return vectors;
  }

  private static Map<String, Descriptor> three() {
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    vectors.put("a", vector(1, 0));
    vectors.put("b", vector(0, -2));
    vectors.put("c", vector(3, 4));
    return vectors;
  }

  private static List<String> ids(SearchResult result) {
    return result.hits().stream().map(SearchHit::id).toList();
  }

  @Test
  public void tellsWhatItHolds() throws Exception {
    try (Index index = index(Similarity.INNER_PRODUCT, 2, RECIPE, three())) {
      assertThat(index.dimension()).isEqualTo(2);
      assertThat(index.size()).isEqualTo(3);
      assertThat(index.similarity()).isEqualTo(Similarity.INNER_PRODUCT);
      assertThat(index.recipe()).isEqualTo(RECIPE);
    }
  }

  @Test
  public void innerProductsAreRawAndDescend() throws Exception {
    try (Index index = index(Similarity.INNER_PRODUCT, 2, RECIPE, three())) {
      // (1,2)·(3,4) = 11, (1,2)·(1,0) = 1, (1,2)·(0,-2) = -4.
      assertThat(index.search(vector(1, 2), SearchRequest.top(3)).hits())
          .containsExactly(new SearchHit("c", 11), new SearchHit("a", 1), new SearchHit("b", -4));
    }
  }

  @Test
  public void cosinesAreDividedByBothLengths() throws Exception {
    try (Index index = index(Similarity.COSINE, 2, RECIPE, three())) {
      List<SearchHit> hits = index.search(vector(0, 10), SearchRequest.top(3)).hits();
      assertThat(hits).extracting(SearchHit::id).containsExactly("c", "a", "b");
      assertThat(hits.get(0).score()).isCloseTo(0.8f, within(1e-6f));
      assertThat(hits.get(1).score()).isCloseTo(0f, within(1e-6f));
      assertThat(hits.get(2).score()).isCloseTo(-1f, within(1e-6f));
    }
  }

  @Test
  public void distancesAreNegativeSoThatLargerIsNearer() throws Exception {
    try (Index index = index(Similarity.L2, 2, RECIPE, three())) {
      // (1,2) to (1,0): 4; to (3,4): 4 + 4; to (0,-2): 1 + 16.
      assertThat(index.search(vector(1, 2), SearchRequest.top(3)).hits())
          .containsExactly(new SearchHit("a", -4), new SearchHit("c", -8), new SearchHit("b", -17));
      assertThat(index.search(vector(3, 4), SearchRequest.top(1)).hits())
          .containsExactly(new SearchHit("c", 0));
    }
    try (Index index = index(Similarity.L1, 2, RECIPE, three())) {
      assertThat(index.search(vector(1, 2), SearchRequest.top(3)).hits())
          .containsExactly(new SearchHit("a", -2), new SearchHit("c", -4), new SearchHit("b", -5));
    }
  }

  @ParameterizedTest
  @EnumSource
  public void ranksAreThoseOfTheWholeRanking(Similarity similarity) throws Exception {
    Map<String, Descriptor> vectors = gaussians(300, 16, 81);
    List<Descriptor> queries = List.copyOf(gaussians(3, 16, 82).values());
    try (Index index = index(similarity, 16, RECIPE, vectors)) {
      assumeTrue(index instanceof RankingIndex, "the index does not rank given ids");
      RankingIndex ranking = (RankingIndex) index;
      Set<String> wanted = Set.of("v0", "v299", "v17", "v18", "nobody");
      List<List<RankedHit>> ranks = ranking.ranks(queries, List.of(wanted, Set.of(), Set.of("v1")));
      assertThat(ranks).hasSize(3);
      assertThat(ranks.get(0)).hasSize(4);
      assertThat(ranks.get(1)).isEmpty();
      assertThat(ranks.get(2)).hasSize(1);
      List<SearchResult> found = index.search(queries, SearchRequest.top(300));
      for (int q = 0; q < queries.size(); q++) {
        for (RankedHit hit : ranks.get(q)) {
          assertThat(found.get(q).hits().get(hit.rank()))
              .isEqualTo(new SearchHit(hit.id(), hit.score()));
        }
      }
      assertThat(ranks.get(0)).isSortedAccordingTo(Comparator.comparingInt(RankedHit::rank));
      // Nothing ties, so that no order changes a rank.
      assertThat(ranking.ranks(queries, List.of(wanted, Set.of(), Set.of("v1")), id -> 0))
          .isEqualTo(ranks);
      // Without the first half of the ranking, the second half begins at 0.
      Set<String> second = new HashSet<>();
      found.get(0).hits().subList(150, 300).forEach(hit -> second.add(hit.id()));
      List<List<RankedHit>> rest =
          ranking.ranks(
              queries.subList(0, 1), List.of(vectors.keySet()), id -> second.contains(id) ? 0 : -1);
      assertThat(rest.get(0)).hasSize(150);
      for (int rank = 0; rank < 150; rank++) {
        SearchHit hit = found.get(0).hits().get(150 + rank);
        assertThat(rest.get(0).get(rank)).isEqualTo(new RankedHit(hit.id(), hit.score(), rank));
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ranking.ranks(queries, List.of(wanted)))
          .withMessageContaining("3")
          .withMessageContaining("1");
    }
  }

  @Test
  public void zeroVectorsHaveCosineZero() throws Exception {
    Map<String, Descriptor> vectors = three();
    vectors.put("zero", vector(0, 0));
    try (Index index = index(Similarity.COSINE, 2, RECIPE, vectors)) {
      List<SearchHit> hits = index.search(vector(3, 4), SearchRequest.top(4)).hits();
      assertThat(hits).extracting(SearchHit::id).containsExactly("c", "a", "zero", "b");
      assertThat(hits.get(2).score()).isEqualTo(0f);
      assertThat(index.search(vector(0, 0), SearchRequest.top(4)).hits())
          .containsExactly(
              new SearchHit("a", 0),
              new SearchHit("b", 0),
              new SearchHit("c", 0),
              new SearchHit("zero", 0));
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  public void tiesComeInOrderOfInsertion(Similarity similarity) throws Exception {
    Map<String, Descriptor> vectors = new LinkedHashMap<>();
    for (int i = 0; i < 60; i++) {
      // Ids in another order than insertion; every third vector is another.
      vectors.put("id" + (i * 37) % 60, i % 3 == 0 ? vector(0, 1) : vector(1, 1));
    }
    List<String> expected =
        vectors.entrySet().stream()
            .filter(entry -> entry.getValue().at(0) == 1)
            .limit(25)
            .map(Map.Entry::getKey)
            .toList();
    try (Index index = index(similarity, 2, RECIPE, vectors)) {
      assertThat(ids(index.search(vector(2, 0), SearchRequest.top(25)))).isEqualTo(expected);
    }
  }

  @Test
  public void fewerThanKAreReturnedWhenFewerExist() throws Exception {
    try (Index index = index(Similarity.INNER_PRODUCT, 2, RECIPE, three())) {
      assertThat(ids(index.search(vector(1, 2), SearchRequest.top(100))))
          .containsExactly("c", "a", "b");
      assertThat(ids(index.search(vector(1, 2), SearchRequest.top(Integer.MAX_VALUE))))
          .containsExactly("c", "a", "b");
      assertThat(ids(index.search(vector(1, 2), SearchRequest.top(1)))).containsExactly("c");
    }
  }

  @Test
  public void anEmptyIndexFindsNothing() throws Exception {
    try (Index index = index(Similarity.COSINE, 3, RECIPE, Map.of())) {
      assertThat(index.size()).isZero();
      assertThat(index.dimension()).isEqualTo(3);
      SearchResult result = index.search(vector(1, 2, 3), SearchRequest.top(5));
      assertThat(result.hits()).isEmpty();
      assertThat(result.visited()).isZero();
    }
  }

  @Test
  public void noQueriesGiveNoResults() throws Exception {
    try (Index index = index(Similarity.COSINE, 2, RECIPE, three())) {
      assertThat(index.search(List.of(), SearchRequest.top(5))).isEmpty();
    }
  }

  @Test
  public void theFilterHoldsExactly() throws Exception {
    Map<String, Descriptor> vectors = gaussians(400, 4, 11);
    Descriptor query = gaussians(1, 4, 12).values().iterator().next();
    try (Index index = index(Similarity.INNER_PRODUCT, 4, RECIPE, vectors);
        Index naive = new NaiveIndex(Similarity.INNER_PRODUCT, 4, RECIPE, vectors)) {
      SearchRequest top = SearchRequest.top(10);
      assertThat(index.search(query, top.withFilter(id -> false)).hits()).isEmpty();
      assertThat(ids(index.search(query, top.withFilter("v123"::equals)))).containsExactly("v123");
      SearchRequest seventh = top.withFilter(id -> Integer.parseInt(id.substring(1)) % 7 == 3);
      assertThat(ids(index.search(query, seventh))).isEqualTo(ids(naive.search(query, seventh)));
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  public void aRangeHoldsWhatReachesTheScore(Similarity similarity) throws Exception {
    Map<String, Descriptor> vectors = gaussians(600, 8, 51);
    List<Descriptor> queries = List.copyOf(gaussians(20, 8, 52).values());
    try (Index index = index(similarity, 8, RECIPE, vectors)) {
      List<SearchResult> all = index.search(queries, SearchRequest.atLeast(-Float.MAX_VALUE));
      assertThat(index.search(queries.get(0), SearchRequest.atLeast(Float.MAX_VALUE)).hits())
          .isEmpty();
      for (int q = 0; q < queries.size(); q++) {
        List<SearchHit> ranking = all.get(q).hits();
        assertThat(ids(all.get(q))).containsExactlyInAnyOrderElementsOf(vectors.keySet());
        for (int place : new int[] {0, 41, 299, 598}) {
          // A score that a hit has is reached by it.
          float least = ranking.get(place).score();
          List<SearchHit> expected = ranking.stream().filter(hit -> hit.score() >= least).toList();
          SearchRequest.Builder request = SearchRequest.builder().leastScore(least);
          assertThat(index.search(queries.get(q), request.build()).hits()).isEqualTo(expected);
          assertThat(index.search(queries.get(q), request.k(10).build()).hits())
              .isEqualTo(expected.subList(0, Math.min(10, expected.size())));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  public void aRangeIsThatOfADoubleLoop(Similarity similarity) throws Exception {
    Map<String, Descriptor> vectors = gaussians(500, 16, 61);
    Descriptor query = gaussians(1, 16, 62).values().iterator().next();
    try (Index index = index(similarity, 16, RECIPE, vectors);
        Index naive = new NaiveIndex(similarity, 16, RECIPE, vectors)) {
      List<SearchHit> ranking = naive.search(query, SearchRequest.top(500)).hits();
      // Between two scores, so that the rounding of neither counts.
      float least = (ranking.get(120).score() + ranking.get(121).score()) / 2;
      SearchRequest request = SearchRequest.atLeast(least);
      assertThat(ids(index.search(query, request)))
          .hasSize(121)
          .isEqualTo(ids(naive.search(query, request)));
      SearchRequest some = request.withFilter(id -> id.endsWith("7"));
      assertThat(ids(index.search(query, some))).isEqualTo(ids(naive.search(query, some)));
    }
  }

  @Test
  public void anUnknownMetadataFieldIsRefused() throws Exception {
    try (Index index = index(Similarity.INNER_PRODUCT, 2, RECIPE, three())) {
      SearchRequest request =
          SearchRequest.top(2).withWhere(Filter.not(Filter.eq("no such field", "x")));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.search(vector(1, 2), request))
          .withMessageContaining("'no such field'");
    }
  }

  @Test
  public void aFailingFilterFailsTheSearch() throws Exception {
    try (Index index = index(Similarity.INNER_PRODUCT, 2, RECIPE, three())) {
      SearchRequest request =
          SearchRequest.top(2)
              .withFilter(
                  id -> {
                    throw new UnsupportedOperationException("filter of " + id);
                  });
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> index.search(vector(1, 2), request))
          .withMessageStartingWith("filter of ");
      assertThat(index.search(vector(1, 2), SearchRequest.top(2)).hits()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  public void findsWhatADoubleLoopFinds(Similarity similarity) throws Exception {
    Map<String, Descriptor> vectors = gaussians(500, 16, 21);
    List<Descriptor> queries = List.copyOf(gaussians(20, 16, 22).values());
    SearchRequest request = SearchRequest.top(10);
    try (Index index = index(similarity, 16, RECIPE, vectors);
        Index naive = new NaiveIndex(similarity, 16, RECIPE, vectors)) {
      List<SearchResult> found = index.search(queries, request);
      List<SearchResult> expected = naive.search(queries, request);
      int common = 0;
      for (int q = 0; q < queries.size(); q++) {
        Set<String> ids = new HashSet<>(ids(found.get(q)));
        assertThat(ids).as("ids of query %s are distinct", q).hasSize(10);
        ids.retainAll(ids(expected.get(q)));
        common += ids.size();
        Map<String, Float> scores = new LinkedHashMap<>();
        naive
            .search(queries.get(q), SearchRequest.top(500))
            .hits()
            .forEach(hit -> scores.put(hit.id(), hit.score()));
        float last = Float.POSITIVE_INFINITY;
        for (SearchHit hit : found.get(q).hits()) {
          // Float rounding of a sum of 16 products.
          assertThat(hit.score()).isCloseTo(scores.get(hit.id()), within(1e-4f));
          assertThat(hit.score()).isLessThanOrEqualTo(last);
          last = hit.score();
        }
        assertThat(found.get(q).visited()).isBetween(10L, 500L);
      }
      assertThat(common / 200.0).isGreaterThanOrEqualTo(minimumRecall());
    }
  }

  @Test
  public void aBatchGivesWhatItsQueriesGiveAlone() throws Exception {
    Map<String, Descriptor> vectors = gaussians(300, 8, 31);
    List<Descriptor> queries = List.copyOf(gaussians(17, 8, 32).values());
    SearchRequest request = SearchRequest.top(7);
    try (Index index = index(Similarity.COSINE, 8, RECIPE, vectors)) {
      List<SearchResult> alone = new ArrayList<>();
      for (Descriptor query : queries) {
        alone.add(index.search(query, request));
      }
      assertThat(index.search(queries, request)).isEqualTo(alone);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  public void manyThreadsMaySearch() throws Exception {
    Map<String, Descriptor> vectors = gaussians(300, 8, 41);
    List<Descriptor> queries = List.copyOf(gaussians(10, 8, 42).values());
    SearchRequest request = SearchRequest.top(7);
    ExecutorService executor = Executors.newFixedThreadPool(4);
    try (Index index = index(Similarity.COSINE, 8, RECIPE, vectors)) {
      List<SearchResult> expected = index.search(queries, request);
      List<Future<List<SearchResult>>> running = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        running.add(executor.submit(() -> index.search(queries, request)));
      }
      for (Future<List<SearchResult>> future : running) {
        assertThat(future.get()).isEqualTo(expected);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4})
  public void rejectsQueriesOfAnotherDimension(int dimension) throws Exception {
    try (Index index = index(Similarity.COSINE, 2, RECIPE, three())) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  index.search(
                      List.of(vector(1, 2), vector(new float[dimension])), SearchRequest.top(1)))
          .withMessageContaining("query 1")
          .withMessageContaining("2")
          .withMessageContaining(String.valueOf(dimension));
    }
  }

  @Test
  public void rejectsQueriesOfAnotherRecipe() throws Exception {
    Recipe other = Recipe.of(Map.of("backbone", "other"));
    try (Index index = index(Similarity.COSINE, 2, RECIPE, three())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.search(vector(1, 2).withRecipe(other), SearchRequest.top(1)))
          .withMessageContaining("query 0")
          .withMessageContaining(RECIPE.toString())
          .withMessageContaining(other.toString());
    }
  }

  @Test
  public void givesBackVectorsBitForBit() throws Exception {
    Map<String, Descriptor> vectors = gaussians(50, 5, 51);
    vectors.put("extreme", vector(Float.MAX_VALUE, Float.MIN_VALUE, -0f, 0f, 1e-30f));
    try (Index index = index(Similarity.COSINE, 5, RECIPE, vectors)) {
      vectors.forEach((id, vector) -> assertThat(index.descriptor(id)).contains(vector));
      assertThat(index.descriptor("nobody")).isEmpty();
    }
  }

  @Test
  public void isOfNoUseAfterCloseWhichMayBeCalledTwice() throws Exception {
    Index index = index(Similarity.COSINE, 2, RECIPE, three());
    index.close();
    index.close();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> index.search(vector(1, 2), SearchRequest.top(1)));
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> index.descriptor("a"));
  }
}
