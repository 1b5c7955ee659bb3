// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionsTest {
  @Test
  void readsValuesByKind() {
    Options options =
        Options.of(Map.of("p", "3.5", "n", "-7", "weights", "a/b.pth", "reduction", "sum"));
    assertThat(options.number("p", 1)).isEqualTo(3.5);
    assertThat(options.integer("n", 1)).isEqualTo(-7);
    assertThat(options.path("weights")).contains(Path.of("a/b.pth"));
    assertThat(options.text("reduction")).contains("sum");
  }

  @Test
  void whatIsNotGivenFallsBack() {
    assertThat(Options.NONE.number("p", 3)).isEqualTo(3);
    assertThat(Options.NONE.integer("n", 4)).isEqualTo(4);
    assertThat(Options.NONE.path("weights")).isEmpty();
    assertThat(Options.NONE.text("reduction")).isEmpty();
  }

  @Test
  void numbersOfAnotherFormAreRefused() {
    Options options = Options.of(Map.of("p", "three", "n", "3.0", "q", "NaN"));
    assertThatThrownBy(() -> options.number("p", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option p must be a number but was 'three'");
    assertThatThrownBy(() -> options.integer("n", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option n must be a whole number but was '3.0'");
    assertThatThrownBy(() -> options.number("q", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option q must be a finite number but was 'NaN'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2147483648", "", " 1", "0x10"})
  void wholeNumbersHave32Bits(String text) {
    Options options = Options.NONE.with("n", text);
    assertThatThrownBy(() -> options.integer("n", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("option n must be a whole number but was '" + text + "'");
  }

  @Test
  void optionsThatNobodyReadsAreRefused() {
    Options options = Options.NONE.with("q", "3");
    assertThatThrownBy(() -> options.requireKnown("gem", "p", "eps"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gem has no option 'q'; known: eps, p");
    assertThatThrownBy(() -> options.requireKnown("mac"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mac has no option 'q'; it has none");
    assertThatCode(() -> options.requireKnown("x", "q")).doesNotThrowAnyException();
    assertThatCode(() -> Options.NONE.requireKnown("x")).doesNotThrowAnyException();
  }

  @Test
  void withChangesACopy() {
    Map<String, String> values = new HashMap<>(Map.of("a", "1"));
    Options options = Options.of(values);
    values.put("b", "2");
    Options more = options.with("b", "3").with("a", "4");
    assertThat(options).hasToString("{a=1}");
    assertThat(more)
        .hasToString("{a=4, b=3}")
        .isEqualTo(Options.of(Map.of("b", "3", "a", "4")))
        .hasSameHashCodeAs(Options.of(Map.of("b", "3", "a", "4")))
        .isNotEqualTo(options)
        .isNotEqualTo("{a=4, b=3}");
  }
}
