// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecipeTest {
  private static Recipe recipe() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("pooling", "gem p=3.0");
    parts.put("backbone", "resnet50");
    return Recipe.of(parts);
  }

  @Test
  void textKeepsTheOrderAndIsReadAgain() {
    assertThat(recipe()).hasToString("pooling=gem p=3.0; backbone=resnet50");
    Recipe read = Recipe.parse("pooling=gem p=3.0; backbone=resnet50");
    assertThat(read).isEqualTo(recipe()).hasSameHashCodeAs(recipe());
    assertThat(read.parts()).containsExactlyEntriesOf(recipe().parts());
  }

  @Test
  void fingerprintIsTheHashOfTheText() {
    // printf 'pooling=gem p=3.0; backbone=resnet50' | sha256sum
    assertThat(recipe().fingerprint())
        .isEqualTo("c1ccfd194fbfbc9dc22d78d387ac503d08b9e5237b8ac697e208aeca44944aae");
  }

  @Test
  void noneIsEqualToItselfOnly() {
    assertThat(Recipe.of(Map.of())).isSameAs(Recipe.NONE);
    assertThat(Recipe.parse("none")).isSameAs(Recipe.NONE);
    assertThat(Recipe.NONE).hasToString("none").isNotEqualTo(recipe()).isNotEqualTo("none");
  }

  @Test
  void orderMatters() {
    assertThat(Recipe.parse("backbone=resnet50; pooling=gem p=3.0")).isNotEqualTo(recipe());
  }

  @Test
  void partsAreCopiedAndCannotBeChanged() {
    Map<String, String> parts = new LinkedHashMap<>(Map.of("a", "b"));
    Recipe recipe = Recipe.of(parts);
    parts.put("c", "d");
    assertThat(recipe.parts()).containsExactly(Map.entry("a", "b"));
    assertThatThrownBy(() -> recipe.parts().put("c", "d"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a=b", "a;b", "a\nb", "a\rb", " a", "a "})
  void namesThatTheTextReservesAreRefused(String name) {
    assertThatThrownBy(() -> Recipe.of(Map.of(name, "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe part name must be plain text without ; or = but was '" + name + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a;b", "a\nb", "a\rb", " a", "a "})
  void valuesThatTheTextReservesAreRefused(String value) {
    assertThatThrownBy(() -> Recipe.of(Map.of("pooling", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe part pooling must be plain text without ; but was '" + value + "'");
  }

  @Test
  void textOfAnotherFormIsRefused() {
    assertThatThrownBy(() -> Recipe.parse("a=b; c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe part must be name=value but was 'c' in 'a=b; c'");
    assertThatThrownBy(() -> Recipe.parse(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe part must be name=value but was '' in ''");
    assertThatThrownBy(() -> Recipe.parse("=b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe part must be name=value but was '=b' in '=b'");
    assertThatThrownBy(() -> Recipe.parse("a=b; a=c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe must name each part once but has 'a' twice in 'a=b; a=c'");
    assertThatThrownBy(() -> Recipe.parse("a=b;c=d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("recipe part a must be plain text without ; but was 'b;c=d'");
  }

  @Test
  void anotherRecipeIsRefusedWithBothShown() {
    assertThatCode(() -> recipe().requireSame(recipe(), "query")).doesNotThrowAnyException();
    assertThatThrownBy(() -> recipe().requireSame(Recipe.NONE, "query 'q17'"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "query 'q17' must have the recipe [pooling=gem p=3.0; backbone=resnet50] but has"
                + " [none]");
  }
}
