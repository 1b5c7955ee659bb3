// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Double-precision values of an independent program, from vectors that are rounded to float. */
class RerankGoldenTest {
  /** Rounding to float moves a number below 1 by less than 6e-8; a few such add up. */
  private static final double TOLERANCE = 5e-7;

  private final JsonObject golden = Vectors.golden();
  private final List<Descriptor> database = Vectors.descriptors(golden.get("database"));
  private final Descriptor query = Vectors.descriptor(golden.get("query"));
  private final Index index = Vectors.index(database);
  private final SearchResult found = index.search(query, SearchRequest.top(30));

  @Test
  void firstSearchAgrees() {
    assertThat(Vectors.ids(found)).isEqualTo(goldenOrder());
  }

  @Test
  void averageQueryExpansionAgrees() {
    assertSearchedWith(
        "average_qe_mean_k5", new AverageQueryExpansion(5).rerank(query, found, index));
  }

  @Test
  void alphaQueryExpansionAgrees() {
    for (int alpha : new int[] {1, 3}) {
      AlphaQueryExpansion expansion = new AlphaQueryExpansion(5, alpha);
      String name = "alpha_qe_k5_alpha" + alpha;
      double[] sum = expansion.expand(query, found, index);
      double norm = Math.sqrt(RankedRows.squares(sum));
      double[] expected = Vectors.doubles(golden.get(name));
      for (int d = 0; d < sum.length; d++) {
        assertThat(sum[d] / norm).as(name).isCloseTo(expected[d], within(TOLERANCE));
      }
      assertSearchedWith(name, expansion.rerank(query, found, index));
    }
  }

  @Test
  void databaseAugmentationAgrees() {
    DatabaseAugmentation augmentation = DatabaseAugmentation.alphaWeighted(5, 3);
    List<Descriptor> searched = new ArrayList<>();
    List<String> ids = Vectors.ids(found).stream().sorted().toList();
    augmentation.augment(
        index,
        ids,
        (id, vector) -> {
          assertThat(id).isEqualTo(ids.get(searched.size()));
          searched.add(vector);
        });
    List<Descriptor> compared = augmentation.augment(database);
    for (int i = 0; i < database.size(); i++) {
      double[] expected = Vectors.doubles(golden.getAsJsonArray("alpha_dba_k5_alpha3").get(i));
      int at = ids.indexOf(Integer.toString(i));
      for (int d = 0; d < expected.length; d++) {
        assertThat((double) compared.get(i).at(d)).isCloseTo(expected[d], within(TOLERANCE));
        assertThat((double) searched.get(at).at(d)).isCloseTo(expected[d], within(TOLERANCE));
      }
    }
  }

  @Test
  void diffusionAgrees() {
    double[] expected = Vectors.doubles(golden.get("diffusion_k5_kq3_gamma3_alpha0.99"));
    DiffusionGraph graph = DiffusionGraph.mutual(Neighbors.among(Vectors.rows(database), 5), 3);
    assertThat(graph.edges()).isEqualTo(golden.get("edges").getAsInt());

    SearchResult after =
        DiffusionReranker.builder()
            .neighbors(5)
            .sources(3)
            .iterations(200)
            .tolerance(1e-13)
            .build()
            .rerank(query, found, index);
    assertThat(after.hits()).hasSize(30);
    // 1 - α multiplies errors by up to 100.
    for (SearchHit hit : after.hits()) {
      double value = expected[Integer.parseInt(hit.id())];
      assertThat((double) hit.score()).isCloseTo(value, within(1e-5 * value));
    }
    assertThat(Vectors.ids(after))
        .isEqualTo(Vectors.order(expected).stream().map(i -> Integer.toString(i)).toList());
  }

  private void assertSearchedWith(String name, SearchResult after) {
    SearchResult expected =
        index.search(Vectors.descriptor(golden.get(name)), SearchRequest.top(30));
    assertThat(Vectors.ids(after)).as(name).isEqualTo(Vectors.ids(expected));
    for (int i = 0; i < 30; i++) {
      assertThat((double) after.hits().get(i).score())
          .as(name)
          .isCloseTo(expected.hits().get(i).score(), within(TOLERANCE));
    }
  }

  private List<String> goldenOrder() {
    List<String> out = new ArrayList<>();
    golden.getAsJsonArray("order").forEach(i -> out.add(i.getAsString()));
    return out;
  }
}
