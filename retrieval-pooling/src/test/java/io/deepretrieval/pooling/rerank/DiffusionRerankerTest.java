// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.testkit.Randoms;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DiffusionRerankerTest {
  /** Unit vectors of the plane by angle in degrees. */
  private static Descriptor at(double degrees) {
    double angle = Math.toRadians(degrees);
    return Descriptor.copyOf((float) Math.cos(angle), (float) Math.sin(angle));
  }

  @Test
  void followsAChainAwayFromTheQuery() {
    // 0 at 0°, a chain 1, 2, 3 on one side, a lone 4 on the other, nearer than 3.
    List<Descriptor> vectors = List.of(at(2), at(20), at(38), at(56), at(-50));
    Descriptor query = at(0);
    Index index = Vectors.index(vectors);
    SearchResult found = index.search(query, SearchRequest.top(5));
    assertThat(Vectors.ids(found)).containsExactly("0", "1", "2", "4", "3");

    SearchResult after =
        DiffusionReranker.builder().neighbors(2).sources(1).build().rerank(query, found, index);

    assertThat(Vectors.ids(after).get(4)).isEqualTo("4");
    assertThat(after.hits().get(4).score()).isZero();
    assertThat(after.hits().subList(0, 4)).allMatch(hit -> hit.score() > 0);
    assertThat(after.visited()).isEqualTo(10);
  }

  @Test
  void hitsThatAreNotReachedKeepTheirOrderBehind() {
    List<Descriptor> vectors = List.of(at(0), at(10), at(100), at(110), at(200), at(210));
    Descriptor query = at(3);
    SearchResult found = Vectors.result(query, vectors, 5, 3, 0, 1, 2, 4);
    // The first hit is at an obtuse angle, so that only hit 2 in order starts.
    SearchResult after =
        DiffusionReranker.builder()
            .neighbors(1)
            .sources(3)
            .build()
            .rerank(query, found, Vectors.index(vectors));
    assertThat(Vectors.ids(after).subList(0, 2)).containsExactlyInAnyOrder("0", "1");
    assertThat(Vectors.ids(after).subList(2, 6)).containsExactly("5", "3", "2", "4");
    assertThat(after.hits().subList(2, 6)).allMatch(hit -> hit.score() == 0);
  }

  @Test
  void withoutSpreadScoresArePowersOfSimilarity() {
    List<Descriptor> vectors = List.of(at(10), at(60), at(20), at(30));
    Descriptor query = at(0);
    SearchResult found = Vectors.result(query, vectors, 0, 1, 2, 3);
    SearchResult after =
        DiffusionReranker.builder()
            .sources(3)
            .gamma(2)
            .alpha(0)
            .build()
            .rerank(query, found, Vectors.index(vectors));
    assertThat(Vectors.ids(after)).containsExactly("0", "2", "1", "3");
    assertThat(after.hits().get(0).score())
        .isCloseTo((float) Math.pow(Math.cos(Math.toRadians(10)), 2), within(1e-6f));
    assertThat(after.hits().get(2).score()).isCloseTo(0.25f, within(1e-6f));
    assertThat(after.hits().get(3).score()).isZero();
  }

  @Test
  void looksAtTheFirstHitsOnly() {
    Randoms randoms = Randoms.ofSeed(3);
    List<Descriptor> vectors = randoms.descriptors(40, 5);
    Descriptor query = randoms.descriptor(5);
    Index index = Vectors.index(vectors);
    SearchResult found = index.search(query, SearchRequest.top(40));
    DiffusionReranker reranker = DiffusionReranker.builder().top(12).neighbors(4).build();
    SearchResult after = reranker.rerank(query, found, index);
    assertThat(after.hits().subList(12, 40)).isEqualTo(found.hits().subList(12, 40));
    assertThat(after.hits().subList(0, 12))
        .isEqualTo(
            reranker
                .rerank(query, new SearchResult(found.hits().subList(0, 12), 40), index)
                .hits());
  }

  @Test
  void oneHitStaysAsItWas() {
    List<Descriptor> vectors = List.of(at(0), at(10));
    SearchResult found = Vectors.result(at(3), vectors, 1, 0);
    assertThat(
            DiffusionReranker.builder().top(1).build().rerank(at(3), found, Vectors.index(vectors)))
        .isSameAs(found);
  }

  @Test
  void staysAsItWasIfNoLikenessStartsOut() {
    List<Descriptor> vectors = List.of(at(180), at(170), at(90));
    SearchResult found = Vectors.result(at(0), vectors, 0, 1, 2);
    assertThat(
            DiffusionReranker.builder()
                .sources(2)
                .build()
                .rerank(at(0), found, Vectors.index(vectors)))
        .isSameAs(found);
  }

  @Test
  void tiesKeepTheirOldOrder() {
    List<Descriptor> vectors = IntStream.range(0, 8).mapToObj(i -> at(5)).toList();
    SearchResult found = Vectors.result(at(0), vectors, 3, 1, 7, 5, 0, 2, 4, 6);
    SearchResult after =
        DiffusionReranker.builder().sources(8).build().rerank(at(0), found, Vectors.index(vectors));
    assertThat(after.hits().stream().map(SearchHit::score).distinct()).hasSize(1);
    assertThat(Vectors.ids(after)).isEqualTo(Vectors.ids(found));
  }

  @Test
  void refusesAQueryOfOtherDimension() {
    List<Descriptor> vectors = List.of(at(0), at(10));
    SearchResult found = Vectors.result(at(0), vectors, 0, 1);
    assertThatThrownBy(
            () ->
                DiffusionReranker.builder()
                    .build()
                    .rerank(Descriptor.copyOf(1, 0, 0), found, Vectors.index(vectors)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("descriptor dimension must be 2 but was 3 (query)");
  }

  @Test
  void refusesBadOptions() {
    DiffusionReranker.Builder builder = DiffusionReranker.builder();
    refused(() -> builder.top(0), "n must be at least 1 but was 0");
    refused(() -> builder.neighbors(0), "k must be at least 1 but was 0");
    refused(() -> builder.sources(-1), "kq must be at least 1 but was -1");
    refused(() -> builder.gamma(-1), "gamma must be finite and >= 0 but was -1.0");
    refused(() -> builder.alpha(1), "alpha must be in [0, 1) but was 1.0");
    refused(() -> builder.alpha(Double.NaN), "alpha must be in [0, 1) but was NaN");
    refused(() -> builder.iterations(0), "iterations must be at least 1 but was 0");
    refused(() -> builder.tolerance(-1), "tolerance must be in [0, 1) but was -1.0");
  }

  private static void refused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void recipeNamesTheOptions() {
    assertThat(DiffusionReranker.builder().build())
        .hasToString(
            "diffusion n=1000 k=50 kq=10 gamma=3.0 alpha=0.99 iterations=20 tolerance=1.0E-6");
  }
}
