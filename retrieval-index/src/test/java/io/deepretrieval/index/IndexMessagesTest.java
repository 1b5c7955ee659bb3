// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.RankingIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of the refusals of our own indexes; the contract asks only for their facts. */
class IndexMessagesTest {
  private static final Recipe RECIPE = Recipe.of(Map.of("backbone", "toy"));
  private static final Recipe OTHER = Recipe.of(Map.of("backbone", "other"));

  private static Descriptor vector(float... values) {
    return Descriptor.copyOf(values, RECIPE);
  }

  private static IndexBuilder builder(boolean exact) {
    return exact ? ExactIndex.builder(Similarity.COSINE) : GraphIndex.builder(Similarity.COSINE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void vectorsThatDoNotFit(boolean exact) {
    IndexBuilder builder = builder(exact).add("a", vector(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("a", vector(0, 1)))
        .withMessage("id must be new to this index but 'a' is present");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("b", vector(0, 1, 2)))
        .withMessage("descriptor dimension must be 2 (this index) but was 3 (id 'b')");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("b", vector(0, 1).withRecipe(OTHER)))
        .withMessage("id 'b' must have the recipe [backbone=toy] but has [backbone=other]");
    try (Index index = builder.build()) {
      if (index instanceof MutableIndex mutable) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> mutable.add("a", vector(0, 1)))
            .withMessage("id must be new to this index but 'a' is present");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> mutable.add("b", vector(0, 1, 2)))
            .withMessage("descriptor dimension must be 2 (this index) but was 3 (id 'b')");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void queriesThatDoNotFit(boolean exact) {
    try (Index index = builder(exact).add("a", vector(1, 0)).build()) {
      SearchRequest one = SearchRequest.top(1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.search(List.of(vector(1, 2), vector(1)), one))
          .withMessage("descriptor dimension must be 2 (this index) but was 1 (query 1)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.search(vector(1, 2).withRecipe(OTHER), one))
          .withMessage("query 0 must have the recipe [backbone=toy] but has [backbone=other]");
    }
  }

  @Test
  void asManySetsOfIdsAsQueries() {
    try (Index index = builder(true).add("a", vector(1, 0)).build()) {
      RankingIndex ranking = (RankingIndex) index;
      List<Descriptor> queries = List.of(vector(1, 2), vector(1, 1), vector(2, 1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ranking.ranks(queries, List.of(Set.of("a"))))
          .withMessageContaining("of as many queries as there are, 3, but are of 1");
    }
  }
}
