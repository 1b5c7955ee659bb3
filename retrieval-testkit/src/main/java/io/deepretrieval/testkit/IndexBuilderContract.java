// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.Similarity;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link IndexBuilder} promises. Extend it and say how one is made. */
public abstract class IndexBuilderContract {
  private static final Recipe RECIPE = Recipe.of(Map.of("backbone", "contract"));

  /**
   * Makes the builder under test.
   *
   * @param similarity how vectors are compared
   * @return a builder that was given nothing else
   */
  protected abstract IndexBuilder builder(Similarity similarity);

  /**
   * Makes a builder that can build without vectors.
   *
   * @param similarity how vectors are compared
   * @param dimension D
   * @return a builder that was given the dimension
   */
  protected abstract IndexBuilder builder(Similarity similarity, int dimension);

  private static Descriptor vector(float... values) {
    return Descriptor.copyOf(values, RECIPE);
  }

  @ParameterizedTest
  @EnumSource(Similarity.class)
  public void theFirstVectorSetsDimensionAndRecipe(Similarity similarity) {
    try (Index index =
        builder(similarity).add("a", vector(1, 0, 0)).add("b", vector(0, 1, 0)).build()) {
      assertThat(index.similarity()).isEqualTo(similarity);
      assertThat(index.dimension()).isEqualTo(3);
      assertThat(index.recipe()).isEqualTo(RECIPE);
      assertThat(index.size()).isEqualTo(2);
      assertThat(index.search(vector(0, 1, 0), SearchRequest.top(2)).hits())
          .containsExactly(
              switch (similarity) {
                case INNER_PRODUCT, COSINE ->
                    new SearchHit[] {new SearchHit("b", 1), new SearchHit("a", 0)};
                case L2, L1 -> new SearchHit[] {new SearchHit("b", 0), new SearchHit("a", -2)};
              });
    }
  }

  @Test
  public void withADimensionItBuildsWithoutVectors() {
    try (Index index = builder(Similarity.COSINE, 7).build()) {
      assertThat(index.dimension()).isEqualTo(7);
      assertThat(index.size()).isZero();
      assertThat(index.recipe()).isEqualTo(Recipe.NONE);
    }
  }

  @Test
  public void withoutDimensionAndVectorsItDoesNotBuild() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> builder(Similarity.COSINE).build());
  }

  @Test
  public void rejectsVectorsThatDoNotFit() {
    IndexBuilder builder = builder(Similarity.COSINE).add("a", vector(1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("a", vector(0, 1)))
        .withMessageContaining("'a'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("b", vector(0, 1, 2)))
        .withMessageContainingAll("'b'", "2", "3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("b", vector(0, 1).withRecipe(Recipe.NONE)))
        .withMessageContainingAll("'b'", RECIPE.toString(), Recipe.NONE.toString());
    IndexBuilder given = builder(Similarity.COSINE, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given.add("c", vector(1, 0)))
        .withMessageContainingAll("'c'", "4", "2");
    try (Index index = builder.build()) {
      assertThat(index.size()).isEqualTo(1);
    }
  }

  @Test
  public void buildsOnce() {
    IndexBuilder builder = builder(Similarity.COSINE).add("a", vector(1, 0));
    try (Index index = builder.build()) {
      assertThatExceptionOfType(IllegalStateException.class).isThrownBy(builder::build);
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> builder.add("b", vector(0, 1)));
      assertThat(index.size()).isEqualTo(1);
    }
  }
}
