// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.testkit.NaiveIndex;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueryViewsTest {
  /** One row of three pixels. */
  private static final RgbImage ROW = RgbImage.ofPacked(3, 1, new int[] {0xA, 0xB, 0xC});

  @Test
  void turnIsClockwise() {
    RgbImage image = RgbImage.ofPacked(3, 2, new int[] {1, 2, 3, 4, 5, 6});
    assertThat(image.turned()).isEqualTo(RgbImage.ofPacked(2, 3, new int[] {4, 1, 5, 2, 6, 3}));
    assertThat(image.turned().turned().turned().turned()).isEqualTo(image);
    assertThat(image.mirrored()).isEqualTo(RgbImage.ofPacked(3, 2, new int[] {3, 2, 1, 6, 5, 4}));
    assertThat(image.mirrored().mirrored()).isEqualTo(image);
  }

  @Test
  void viewsBeginWithTheImageItself() {
    assertThat(QueryViews.AS_IS.of(ROW)).containsExactly(ROW);
    assertThat(QueryViews.MIRROR.of(ROW))
        .containsExactly(ROW, RgbImage.ofPacked(3, 1, new int[] {0xC, 0xB, 0xA}));
    assertThat(QueryViews.ROTATIONS.of(ROW))
        .containsExactly(ROW, ROW.turned(), ROW.turned().turned(), ROW.turned().turned().turned());
    assertThat(QueryViews.ROTATIONS_AND_MIRROR.of(ROW)).hasSize(8);
  }

  @Test
  void bestScoreOverTheViewsCounts() {
    Descriptor up = Descriptor.copyOf(new float[] {0, 2});
    try (NaiveIndex index = new NaiveIndex(Similarity.INNER_PRODUCT, 2, up.recipe(), Map.of())) {
      index.add("right", Descriptor.copyOf(new float[] {1, 0}));
      index.add("up", up);
      index.add("both", Descriptor.copyOf(new float[] {1, 1}));
      List<Descriptor> views =
          List.of(Descriptor.copyOf(new float[] {1, 0}), Descriptor.copyOf(new float[] {0, 1}));
      SearchResult result = QueryViews.search(index, views, SearchRequest.top(2));
      assertThat(result.hits()).containsExactly(new SearchHit("up", 2), new SearchHit("right", 1));
      assertThat(QueryViews.search(index, views.subList(0, 1), SearchRequest.top(3)))
          .isEqualTo(index.search(views.get(0), SearchRequest.top(3)));
      assertThatThrownBy(() -> QueryViews.search(index, List.of(), SearchRequest.top(1)))
          .hasMessage("views must number at least 1 but numbered 0");
    }
  }
}
