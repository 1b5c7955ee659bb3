// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FilterTest {
  private static final Map<String, String> OSLO = Map.of("city", "Oslo", "year", "1950");
  private static final Map<String, String> NOTHING = Map.of();

  @Test
  void eqComparesCharacters() {
    assertThat(Filter.eq("city", "Oslo").test(OSLO)).isTrue();
    assertThat(Filter.eq("city", "oslo").test(OSLO)).isFalse();
    assertThat(Filter.eq("year", "1950.0").test(OSLO)).isFalse();
    assertThat(Filter.eq("city", "Oslo").test(NOTHING)).isFalse();
  }

  @Test
  void inHoldsForAnyOfTheValues() {
    assertThat(Filter.in("city", "Rome", "Oslo").test(OSLO)).isTrue();
    assertThat(Filter.in("city", "Rome", "Rome").test(OSLO)).isFalse();
    assertThat(Filter.in("city").test(OSLO)).isFalse();
    assertThat(Filter.in("city", "Oslo").test(NOTHING)).isFalse();
    assertThat(Filter.in("city", "a", "b")).isEqualTo(Filter.in("city", "b", "a", "b"));
  }

  @Test
  void rangeHasBothItsEnds() {
    assertThat(Filter.range("year", 1950, 1960).test(OSLO)).isTrue();
    assertThat(Filter.range("year", 1940, 1950).test(OSLO)).isTrue();
    assertThat(Filter.range("year", 1950.5, 1960).test(OSLO)).isFalse();
    assertThat(Filter.range("year", Double.NEGATIVE_INFINITY, 1949).test(OSLO)).isFalse();
    assertThat(Filter.range("year", 0, Double.POSITIVE_INFINITY).test(OSLO)).isTrue();
    assertThat(Filter.range("city", Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY).test(OSLO))
        .as("no number")
        .isFalse();
    assertThat(Filter.range("year", 0, 9999).test(NOTHING)).isFalse();
    for (String number : new String[] {"2", "+2", "2.", "2.0", "0.2e1", "20E-1", "002"}) {
      assertThat(Filter.range("n", 2, 2).test(Map.of("n", number))).as(number).isTrue();
    }
    for (String text : new String[] {"", " 2", "2d", "0x2p0", "NaN", "Infinity", "2,0", "."}) {
      assertThat(Filter.range("n", Double.NEGATIVE_INFINITY, 9).test(Map.of("n", text)))
          .as(text)
          .isFalse();
    }
  }

  @Test
  void existsAsksForAnyValue() {
    assertThat(Filter.exists("city").test(OSLO)).isTrue();
    assertThat(Filter.exists("city").test(Map.of("city", ""))).isTrue();
    assertThat(Filter.exists("city").test(NOTHING)).isFalse();
  }

  @Test
  void conditionsCombine() {
    Filter oslo = Filter.eq("city", "Oslo");
    Filter late = Filter.range("year", 1960, 2000);
    assertThat(Filter.and(oslo, late).test(OSLO)).isFalse();
    assertThat(Filter.or(oslo, late).test(OSLO)).isTrue();
    assertThat(Filter.and(oslo, Filter.not(late)).test(OSLO)).isTrue();
    assertThat(Filter.and().test(NOTHING)).isTrue();
    assertThat(Filter.or().test(NOTHING)).isFalse();
    assertThat(Filter.not(oslo).test(OSLO)).isFalse();
    assertThat(Filter.not(oslo).test(NOTHING)).as("of what is missing").isTrue();
  }

  @Test
  void readsAsItIsMeant() {
    Filter filter =
        Filter.and(
            Filter.in("city", "Oslo", "Rome"),
            Filter.not(Filter.or(Filter.eq("by", "\"me\""), Filter.exists("gone"))),
            Filter.range("year", 1950, Double.POSITIVE_INFINITY));
    assertThat(filter)
        .hasToString(
            "(city in (\"Oslo\", \"Rome\") and not ((by = \"\\\"me\\\"\" or exists gone))"
                + " and year from 1950.0 to Infinity)");
    assertThat(Filter.and()).hasToString("all");
    assertThat(Filter.or()).hasToString("none");
    assertThat(filter.fields()).containsExactly("by", "city", "gone", "year");
  }

  @Test
  void anUnknownFieldIsToldWithTheKnownOnes() {
    Filter filter = Filter.or(Filter.eq("year", "1950"), Filter.not(Filter.eq("town", "Oslo")));
    filter.requireFields(Set.of("town", "year"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> filter.requireFields(Set.of("year", "city")))
        .withMessage("field must be one of city, year but was 'town'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> filter.requireFields(Set.of()))
        .withMessage("field 'town' must be noted beside a vector but none has any field");
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesWhatCannotBeMeant() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Filter.range("year", 2, 1))
        .withMessageContaining("goes from 2.0 to 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Filter.range("year", Double.NaN, 1))
        .withMessageContaining("goes from NaN to 1.0");
    assertThatNullPointerException().isThrownBy(() -> Filter.eq("city", null));
    assertThatNullPointerException().isThrownBy(() -> Filter.in("city", "a", null));
    assertThatNullPointerException().isThrownBy(() -> Filter.and(Filter.and(), null));
    assertThatNullPointerException().isThrownBy(() -> Filter.not(null));
  }
}
