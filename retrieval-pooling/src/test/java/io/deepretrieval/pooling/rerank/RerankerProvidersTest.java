// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RerankerProvidersTest {
  private static String recipe(String name, Map<String, String> options) {
    return Providers.rerankers().get(name).create(Options.of(options)).recipe();
  }

  @Test
  void aNameAloneIsTheClassWithItsDefaults() {
    assertThat(recipe("average-query-expansion", Map.of()))
        .isEqualTo(new AverageQueryExpansion(10).recipe());
    assertThat(recipe("alpha-query-expansion", Map.of()))
        .isEqualTo(new AlphaQueryExpansion(10, 3).recipe());
    assertThat(recipe("database-augmentation", Map.of()))
        .isEqualTo(
            new DatabaseAugmentationReranker(400, DatabaseAugmentation.alphaWeighted(10, 3))
                .recipe());
    assertThat(recipe("diffusion", Map.of()))
        .isEqualTo(DiffusionReranker.builder().build().recipe());
    assertThat(recipe("top-m-augmentation", Map.of()))
        .isEqualTo(TopMAugmentation.builder().build().recipe());
  }

  @Test
  void optionsReachTheReranker() {
    assertThat(recipe("average-query-expansion", Map.of("n", "2")))
        .isEqualTo(new AverageQueryExpansion(2).recipe());
    assertThat(recipe("alpha-query-expansion", Map.of("n", "3", "alpha", "2")))
        .isEqualTo("alpha-query-expansion n=3 alpha=2.0");
    assertThat(recipe("database-augmentation", Map.of("n", "30", "k", "4", "alpha", "1")))
        .isEqualTo(
            new DatabaseAugmentationReranker(30, DatabaseAugmentation.alphaWeighted(4, 1))
                .recipe());
    assertThat(
            recipe(
                "diffusion", Map.of("n", "8", "k", "3", "kq", "2", "gamma", "1", "alpha", "0.5")))
        .isEqualTo(
            DiffusionReranker.builder()
                .top(8)
                .neighbors(3)
                .sources(2)
                .gamma(1)
                .alpha(0.5)
                .build()
                .recipe());
    assertThat(recipe("top-m-augmentation", Map.of("m", "8", "k", "3", "beta", "0.5")))
        .isEqualTo(TopMAugmentation.builder().top(8).neighbors(3).beta(0.5).build().recipe());
  }

  @Test
  void unknownNamesAndOptionsListWhatIsKnown() {
    assertThatThrownBy(() -> recipe("query-expansion", Map.of()))
        .hasMessage(
            "unknown re-ranker 'query-expansion'; known: alpha-query-expansion,"
                + " average-query-expansion, database-augmentation, diffusion, top-m-augmentation");
    assertThatThrownBy(() -> recipe("diffusion", Map.of("m", "3")))
        .hasMessage("diffusion has no option 'm'; known: alpha, gamma, k, kq, n");
  }
}
