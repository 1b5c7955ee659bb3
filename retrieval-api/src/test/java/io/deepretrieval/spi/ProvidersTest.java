// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProvidersTest {
  private record One(String name) implements NamedProvider {}

  private record Other(String name) implements NamedProvider {}

  @Test
  void findsByNameAndListsNamesSorted() {
    One gem = new One("gem");
    Providers<NamedProvider> providers =
        Providers.of("pooling", List.of(new One("r-mac"), gem, new Other("cam2")));
    assertThat(providers.get("gem")).isSameAs(gem);
    assertThat(providers.names()).containsExactly("cam2", "gem", "r-mac");
    assertThatThrownBy(() -> providers.names().remove("gem"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void unknownNameListsTheKnown() {
    Providers<NamedProvider> providers =
        Providers.of("pooling", List.of(new One("r-mac"), new One("gem")));
    assertThatThrownBy(() -> providers.get("mac"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown pooling 'mac'; known: gem, r-mac");
  }

  @Test
  void unknownNameAmongNoneSaysWhatToDo() {
    assertThatThrownBy(() -> Providers.of("pooling", List.of()).get("mac"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown pooling 'mac'; none is on the class path: add the module that has it");
  }

  @Test
  void oneNameTwiceNamesBothClasses() {
    assertThatThrownBy(() -> Providers.of("pooling", List.of(new One("gem"), new Other("gem"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "pooling 'gem' must be provided once but is provided by"
                + " io.deepretrieval.spi.ProvidersTest$One and"
                + " io.deepretrieval.spi.ProvidersTest$Other");
  }

  @Test
  void oneThatCannotBeLoadedIsNamed() {
    Iterable<NamedProvider> broken =
        () -> {
          throw new ServiceConfigurationError(
              "Provider x.Y could not be instantiated", new IllegalStateException("no license"));
        };
    assertThatThrownBy(() -> Providers.of("pooling", broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "each pooling on the class path must be loadable but: Provider x.Y could not be"
                + " instantiated: java.lang.IllegalStateException: no license");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Gem", "r_mac", "-a", "a-", "a--b", "r mac"})
  void namesAreKebabCase(String name) {
    assertThatThrownBy(() -> Providers.of("pooling", List.of(new One(name))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "pooling name must be lower-case kebab-case but was '"
                + name
                + "' (io.deepretrieval.spi.ProvidersTest$One)");
  }

  @Test
  void thisModuleProvidesNothingItself() {
    assertThat(Providers.backbones().names()).isEmpty();
    assertThat(Providers.poolings().names()).isEmpty();
    assertThat(Providers.losses().names()).isEmpty();
    assertThat(Providers.indexes().names()).isEmpty();
  }
}
