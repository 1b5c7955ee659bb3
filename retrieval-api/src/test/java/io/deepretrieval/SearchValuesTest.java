// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SearchValuesTest {
  @Test
  void requestHasDefaults() {
    SearchRequest request = SearchRequest.top(10);
    assertThat(request.k()).isEqualTo(10);
    assertThat(request.filter()).isEmpty();
    assertThat(request.effort()).isEqualTo(1);
    assertThat(request).hasToString("SearchRequest[k=10, filter=no, effort=1.0]");
  }

  @Test
  void requestIsChangedInCopies() {
    SearchRequest request = SearchRequest.top(10);
    SearchRequest changed = request.withFilter("a"::equals).withEffort(2);
    assertThat(changed).hasToString("SearchRequest[k=10, filter=yes, effort=2.0]");
    assertThat(request.leastScore()).isEmpty();
    assertThat(request.where()).isEmpty();
    assertThat(changed.filter().orElseThrow().test("a")).isTrue();
    assertThat(changed.withEffort(3).filter()).isEqualTo(changed.filter());
    assertThat(request.filter()).isEmpty();
    assertThat(request.effort()).isEqualTo(1);
  }

  @Test
  void aRequestMayAskForAScore() {
    SearchRequest range = SearchRequest.atLeast(0.7f).withWhere(Filter.exists("city"));
    assertThat(range.k()).isEqualTo(Integer.MAX_VALUE);
    assertThat(range.leastScore()).hasValue(0.7f);
    assertThat(range.where()).contains(Filter.exists("city"));
    assertThat(range)
        .hasToString("SearchRequest[leastScore=0.7, where=exists city, filter=no, effort=1.0]");
    SearchRequest both = SearchRequest.builder().k(3).leastScore(-2).effort(0.5).build();
    assertThat(both).hasToString("SearchRequest[k=3, leastScore=-2.0, filter=no, effort=0.5]");
    assertThat(both.withEffort(1))
        .hasToString("SearchRequest[k=3, leastScore=-2.0, filter=no, effort=1.0]");
    assertThat(SearchRequest.top(Integer.MAX_VALUE).withEffort(2).k()).isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> SearchRequest.builder().effort(2).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a request must have k or a least score but has neither");
    assertThatThrownBy(() -> SearchRequest.atLeast(Float.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("least score must be a number but was NaN");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -3})
  void kMustBePositive(int k) {
    assertThatThrownBy(() -> SearchRequest.top(k))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1 but was " + k);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void effortMustBePositive(double effort) {
    assertThatThrownBy(() -> SearchRequest.top(1).withEffort(effort))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("effort must be > 0 but was " + effort);
  }

  @Test
  void resultCopiesItsHits() {
    List<SearchHit> hits = new ArrayList<>(List.of(new SearchHit("a", 0.5f)));
    SearchResult result = new SearchResult(hits, 7);
    hits.clear();
    assertThat(result.hits()).containsExactly(new SearchHit("a", 0.5f));
    assertThat(result.visited()).isEqualTo(7);
  }

  @Test
  void visitedMustNotBeNegative() {
    assertThatThrownBy(() -> new SearchResult(List.of(), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("visited must be at least 0 but was -1");
  }

  @Test
  @SuppressWarnings("NullAway")
  void nullsAreRefusedByName() {
    assertThatThrownBy(() -> new SearchHit(null, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("id");
    assertThatThrownBy(() -> SearchRequest.top(1).withFilter(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("allowed");
  }
}
