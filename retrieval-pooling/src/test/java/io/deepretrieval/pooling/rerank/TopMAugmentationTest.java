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
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopMAugmentationTest {
  @Test
  void twoHitsAreHandComputed() {
    List<Descriptor> vectors = List.of(Descriptor.copyOf(1, 0), Descriptor.copyOf(0.6f, 0.8f));
    Descriptor query = Descriptor.copyOf(0, 1);
    SearchResult found = Vectors.result(query, vectors, 1, 0);

    SearchResult after =
        TopMAugmentation.builder()
            .neighbors(1)
            .beta(0.5)
            .build()
            .rerank(query, found, Vectors.index(vectors));

    // w = 0.5 · 0.6 = 0.3; g0 = (1.18, 0.24) / 1.3, g1 = (0.9, 0.8) / 1.3; s = 0.24, 0.8 / 1.3;
    // e = (1.18, 0.8) / 1.3.
    double score0 = (0.24 / 1.3 + (1.18 * 1.18 + 0.8 * 0.24) / 1.69) / 2;
    double score1 = (0.8 / 1.3 + (1.18 * 0.9 + 0.8 * 0.8) / 1.69) / 2;
    assertThat(Vectors.ids(after)).containsExactly("1", "0");
    assertThat((double) after.hits().get(0).score()).isCloseTo(score1, within(1e-6));
    assertThat((double) after.hits().get(1).score()).isCloseTo(score0, within(1e-6));
    assertThat(after.visited()).isEqualTo(4);
  }

  @Test
  void agreesWithTheFormula() {
    for (long seed = 1; seed <= 20; seed++) {
      Randoms randoms = Randoms.ofSeed(seed);
      List<Descriptor> vectors = randoms.descriptors(60, 7);
      Descriptor query = randoms.descriptor(7);
      Index index = Vectors.index(vectors);
      SearchResult found = index.search(query, SearchRequest.top(50));
      List<Descriptor> head =
          found.hits().subList(0, 40).stream()
              .map(hit -> vectors.get(Integer.parseInt(hit.id())))
              .toList();
      double[] scores = naive(query, head, 6, 0.3);
      List<Integer> order = Vectors.order(scores);
      SearchResult after =
          TopMAugmentation.builder()
              .top(40)
              .neighbors(6)
              .beta(0.3)
              .build()
              .rerank(query, found, index);
      for (int i = 0; i < 40; i++) {
        SearchHit hit = after.hits().get(i);
        assertThat(hit.id()).as(randoms.toString()).isEqualTo(found.hits().get(order.get(i)).id());
        assertThat((double) hit.score()).isCloseTo(scores[order.get(i)], within(1e-6));
      }
      assertThat(after.hits().subList(40, 50)).isEqualTo(found.hits().subList(40, 50));
    }
  }

  private static double[] naive(Descriptor query, List<Descriptor> head, int k, double beta) {
    int dimension = query.dimension();
    double[][] refined = new double[head.size()][dimension];
    double[] scores = new double[head.size()];
    for (int i = 0; i < head.size(); i++) {
      double total = 1;
      Hits.add(refined[i], 1, head.get(i));
      for (int j : Vectors.nearest(head, i, k)) {
        double weight = beta * Math.max(0, head.get(i).dot(head.get(j)));
        Hits.add(refined[i], weight, head.get(j));
        total += weight;
      }
      for (int d = 0; d < dimension; d++) {
        refined[i][d] /= total;
        scores[i] += query.at(d) * refined[i][d];
      }
    }
    double[] expanded = new double[dimension];
    Arrays.fill(expanded, Double.NEGATIVE_INFINITY);
    for (int i : Vectors.order(scores).subList(0, k + 1)) {
      for (int d = 0; d < dimension; d++) {
        expanded[d] = Math.max(expanded[d], refined[i][d]);
      }
    }
    double[] out = new double[head.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = scores[i] / 2;
      for (int d = 0; d < dimension; d++) {
        out[i] += expanded[d] * refined[i][d] / 2;
      }
    }
    return out;
  }

  @Test
  void tiesKeepTheirOldOrder() {
    Descriptor vector = Descriptor.copyOf(0.6f, 0.8f);
    List<Descriptor> vectors = IntStream.range(0, 8).mapToObj(i -> vector).toList();
    SearchResult found = Vectors.result(vector, vectors, 3, 1, 7, 5, 0, 2, 4, 6);
    SearchResult after =
        TopMAugmentation.builder()
            .neighbors(2)
            .build()
            .rerank(vector, found, Vectors.index(vectors));
    assertThat(Vectors.ids(after)).isEqualTo(Vectors.ids(found));
  }

  @Test
  void oneHitStaysAsItWas() {
    List<Descriptor> vectors = List.of(Descriptor.copyOf(1, 0), Descriptor.copyOf(0, 1));
    SearchResult found = Vectors.result(vectors.get(0), vectors, 0, 1);
    assertThat(
            TopMAugmentation.builder()
                .top(1)
                .build()
                .rerank(vectors.get(0), found, Vectors.index(vectors)))
        .isSameAs(found);
  }

  @Test
  void refusesBadOptions() {
    TopMAugmentation.Builder builder = TopMAugmentation.builder();
    assertThatThrownBy(() -> builder.top(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("m must be at least 1 but was 0");
    assertThatThrownBy(() -> builder.neighbors(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was 0");
    assertThatThrownBy(() -> builder.beta(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("beta must be finite and >= 0 but was NaN");
  }

  @Test
  void recipeNamesTheOptions() {
    assertThat(TopMAugmentation.builder().build())
        .hasToString("top-m-augmentation m=400 k=9 beta=0.15");
  }
}
