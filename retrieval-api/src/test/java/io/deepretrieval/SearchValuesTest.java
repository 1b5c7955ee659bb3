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
    assertThat(changed.filter().orElseThrow().test("a")).isTrue();
    assertThat(changed.withEffort(3).filter()).isEqualTo(changed.filter());
    assertThat(request.filter()).isEmpty();
    assertThat(request.effort()).isEqualTo(1);
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
