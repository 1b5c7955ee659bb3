// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.testkit.Randoms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DatabaseAugmentationTest {
  private static final List<Descriptor> THREE =
      List.of(Descriptor.copyOf(1, 0), Descriptor.copyOf(0.8f, 0.6f), Descriptor.copyOf(-1, 0));

  @Test
  void linearWeightsAreHandComputed() {
    List<Descriptor> out = DatabaseAugmentation.linear(2).augment(THREE);
    // 0: itself 1, vector 1 with 2/2, vector 2 with 1/2.
    assertValues(out.get(0), (1 + 0.8 - 0.5) / 2.5, 0.6 / 2.5);
    assertValues(out.get(1), (0.8 + 1 - 0.5) / 2.5, 0.6 / 2.5);
    assertValues(out.get(2), (-1 + 0.8 + 0.5) / 2.5, 0.6 / 2.5);
  }

  @Test
  void alphaWeightsAreHandComputed() {
    List<Descriptor> out =
        DatabaseAugmentation.alphaWeighted(2, 2).withNormalization(false).augment(THREE);
    // 0.8² is the weight between the first two; the third is at obtuse angles.
    assertValues(out.get(0), (1 + 0.64 * 0.8) / 1.64, 0.64 * 0.6 / 1.64);
    assertValues(out.get(1), (0.8 + 0.64) / 1.64, 0.6 / 1.64);
    assertValues(out.get(2), -1, 0);
  }

  @Test
  void linearHasNoNormOneUnlessAsked() {
    assertThat(DatabaseAugmentation.linear(2).augment(THREE).get(0).norm()).isLessThan(0.9);
    assertThat(DatabaseAugmentation.linear(2).withNormalization(true).augment(THREE).get(0).norm())
        .isCloseTo(1, within(1e-6));
  }

  @Test
  void agreesWithSortingAllVectors() {
    for (long seed = 1; seed <= 10; seed++) {
      Randoms randoms = Randoms.ofSeed(seed);
      List<Descriptor> vectors = randoms.descriptors(45, 6);
      List<Descriptor> found = DatabaseAugmentation.alphaWeighted(7, 1.5).augment(vectors);
      for (int i = 0; i < vectors.size(); i++) {
        double[] sum = new double[6];
        Hits.add(sum, 1, vectors.get(i));
        for (int j : Vectors.nearest(vectors, i, 7)) {
          double similarity = vectors.get(i).dot(vectors.get(j));
          Hits.add(sum, Math.pow(Math.max(similarity, 0), 1.5), vectors.get(j));
        }
        double norm = Math.sqrt(IntStream.range(0, 6).mapToDouble(d -> sum[d] * sum[d]).sum());
        for (int d = 0; d < 6; d++) {
          assertThat((double) found.get(i).at(d))
              .as(randoms.toString())
              .isCloseTo(sum[d] / norm, within(1e-7));
        }
      }
    }
  }

  @Test
  void searchOfAnIndexGivesTheSame() {
    Randoms randoms = Randoms.ofSeed(8);
    // More than one batch.
    List<Descriptor> vectors = randoms.descriptors(600, 8);
    for (DatabaseAugmentation augmentation :
        List.of(
            DatabaseAugmentation.alphaWeighted(10, 3),
            DatabaseAugmentation.linear(5),
            DatabaseAugmentation.linear(Integer.MAX_VALUE))) {
      List<String> ids = new ArrayList<>();
      List<Descriptor> found = new ArrayList<>();
      augmentation.augment(
          Vectors.index(vectors),
          IntStream.range(0, 600).mapToObj(Integer::toString).toList(),
          (id, vector) -> {
            ids.add(id);
            found.add(vector);
          });
      List<Descriptor> expected = augmentation.augment(vectors);
      assertThat(ids).isEqualTo(IntStream.range(0, 600).mapToObj(Integer::toString).toList());
      for (int i = 0; i < 600; i++) {
        for (int d = 0; d < 8; d++) {
          // Float scores may order neighbors of nearly equal similarity otherwise.
          assertThat(found.get(i).at(d))
              .as(randoms.note(augmentation.recipe()))
              .isCloseTo(expected.get(i).at(d), within(1e-6f));
        }
      }
    }
  }

  @Test
  void keepsAVectorWhoseMeanVanishes() {
    List<Descriptor> vectors = List.of(Descriptor.copyOf(1, 0), Descriptor.copyOf(-1, 0));
    assertThat(DatabaseAugmentation.linear(1).augment(vectors)).isEqualTo(vectors);
  }

  @Test
  void keepsTheRecipe() {
    Recipe recipe = Recipe.of(Map.of("pooling", "mac"));
    List<Descriptor> vectors = THREE.stream().map(v -> v.withRecipe(recipe)).toList();
    assertThat(DatabaseAugmentation.linear(1).augment(vectors))
        .allMatch(vector -> vector.recipe().equals(recipe));
  }

  @Test
  void smallDatabasesStayAsTheyAre() {
    assertThat(DatabaseAugmentation.linear(3).augment(List.of())).isEmpty();
    assertThat(DatabaseAugmentation.linear(3).augment(THREE.subList(0, 1)))
        .isEqualTo(THREE.subList(0, 1));
  }

  @Test
  void refusesBadInput() {
    assertThatThrownBy(() -> DatabaseAugmentation.linear(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was 0");
    assertThatThrownBy(() -> DatabaseAugmentation.alphaWeighted(1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("alpha must be finite and >= 0 but was NaN");
    assertThatThrownBy(
            () ->
                DatabaseAugmentation.linear(1)
                    .augment(List.of(Descriptor.copyOf(1, 0), Descriptor.copyOf(1, 0, 0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("descriptor dimension must be 2 but was 3 (vector 1)");
    assertThatThrownBy(
            () ->
                DatabaseAugmentation.linear(1)
                    .augment(Vectors.index(THREE), List.of("0", "x"), (id, vector) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("id must be in the index but there is no vector of id 'x'");
    Recipe recipe = Recipe.of(Map.of("pooling", "mac"));
    assertThatThrownBy(
            () ->
                DatabaseAugmentation.linear(1)
                    .augment(List.of(THREE.get(0), THREE.get(1).withRecipe(recipe))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("vector 1 must have the recipe [none] but has [pooling=mac]");
  }

  @Test
  void recipesNameTheOptions() {
    assertThat(DatabaseAugmentation.alphaWeighted(10, 3))
        .hasToString("database-augmentation k=10 weights=alpha alpha=3.0 l2=true");
    assertThat(DatabaseAugmentation.linear(20))
        .hasToString("database-augmentation k=20 weights=linear l2=false");
    assertThat(new DatabaseAugmentationReranker(100, DatabaseAugmentation.linear(20)))
        .hasToString("database-augmentation k=20 weights=linear l2=false n=100");
  }

  @Test
  void rerankerScoresTheAugmentedHead() {
    Randoms randoms = Randoms.ofSeed(9);
    List<Descriptor> vectors = randoms.descriptors(50, 6);
    Descriptor query = randoms.descriptor(6);
    Index index = Vectors.index(vectors);
    SearchResult found = index.search(query, SearchRequest.top(40));
    for (DatabaseAugmentation augmentation :
        List.of(DatabaseAugmentation.alphaWeighted(4, 3), DatabaseAugmentation.linear(4))) {
      List<Descriptor> head =
          found.hits().subList(0, 30).stream()
              .map(hit -> vectors.get(Integer.parseInt(hit.id())))
              .toList();
      double[] scores = augmentation.augment(head).stream().mapToDouble(query::dot).toArray();
      SearchResult after =
          new DatabaseAugmentationReranker(30, augmentation).rerank(query, found, index);
      List<Integer> order = Vectors.order(scores);
      for (int i = 0; i < 30; i++) {
        SearchHit hit = after.hits().get(i);
        assertThat(hit.id()).isEqualTo(found.hits().get(order.get(i)).id());
        assertThat((double) hit.score())
            .as(randoms.toString())
            .isCloseTo(scores[order.get(i)], within(1e-6));
      }
      assertThat(after.hits().subList(30, 40)).isEqualTo(found.hits().subList(30, 40));
    }
  }

  @Test
  void rerankerLeavesOneHit() {
    Descriptor query = THREE.get(0);
    SearchResult found = Vectors.result(query, THREE, 1, 0, 2);
    assertThat(
            new DatabaseAugmentationReranker(1, DatabaseAugmentation.linear(1))
                .rerank(query, found, Vectors.index(THREE)))
        .isSameAs(found);
    assertThatThrownBy(() -> new DatabaseAugmentationReranker(0, DatabaseAugmentation.linear(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("n must be at least 1 but was 0");
  }

  private static void assertValues(Descriptor found, double x, double y) {
    assertThat((double) found.at(0)).isCloseTo(x, within(1e-7));
    assertThat((double) found.at(1)).isCloseTo(y, within(1e-7));
  }
}
