// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Pooling;
import io.deepretrieval.pooling.transform.LinearTransform;
import io.deepretrieval.spi.HeadProvider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.PoolingProvider;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.spi.RerankerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolingProvidersTest {
  private static Pooling create(String name, String... options) {
    Options all = Options.NONE;
    for (int i = 0; i < options.length; i += 2) {
      all = all.with(options[i], options[i + 1]);
    }
    return Providers.poolings().get(name).create(all);
  }

  @Test
  void knowsEveryPoolingByName() {
    assertThat(Providers.poolings().names())
        .contains("mac", "spoc", "gem", "gem-mp", "r-mac", "crow", "cam", "neural-codes");
  }

  @ParameterizedTest
  @ValueSource(classes = {PoolingProvider.class, HeadProvider.class, RerankerProvider.class})
  void bothRegistrationsAgree(Class<?> service) throws IOException {
    Path classes =
        Path.of(MacPooling.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    List<String> listed =
        Files.readAllLines(classes.resolve("META-INF/services/" + service.getName()));
    List<String> provided;
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      provided =
          ModuleDescriptor.read(in).provides().stream()
              .filter(p -> p.service().equals(service.getName()))
              .flatMap(p -> p.providers().stream())
              .toList();
    }
    assertThat(listed).isNotEmpty().containsExactlyInAnyOrderElementsOf(provided);
  }

  @Test
  void optionsReachThePooling() {
    assertThat(create("mac").recipe()).isEqualTo("mac");
    assertThat(create("spoc").recipe()).isEqualTo("spoc mode=mean");
    assertThat(create("spoc", "mode", "centre-prior").recipe()).isEqualTo("spoc mode=centre-prior");
    assertThat(create("gem").recipe()).isEqualTo("gem p=3.0");
    assertThat(create("gem", "p", "2.92", "eps", "1e-5").recipe())
        .isEqualTo("gem p=2.92 eps=1.0E-5");
    assertThat(((GemPooling) create("gem")).parameters()).isEmpty();
    assertThat(((GemPooling) create("gem", "learnable", "true")).parameters()).containsExactly(3);
    assertThat(create("gem-mp", "channels", "7").recipe()).isEqualTo("gem-mp channels=7 p=3.0");
    assertThat(create("r-mac").recipe()).isEqualTo(RmacPooling.original().recipe());
    assertThat(create("r-mac", "levels", "2", "overlap", "0.5", "whole-map", "true").recipe())
        .isEqualTo("r-mac levels=2 overlap=0.5 whole-map=true");
    assertThat(create("crow").recipe()).isEqualTo("crow");
    assertThat(create("neural-codes", "height", "6", "width", "6").dimension(256)).isEqualTo(9216);
  }

  @Test
  void transformsAreReadFromFiles(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("t.lin");
    LinearTransform transform = RegionalContractTest.projection(6, 4);
    transform.write(file);
    assertThat(create("r-mac", "region-whitening", file.toString()))
        .isEqualTo(RmacPooling.original().withRegionTransform(transform));
    assertThat(create("cam", "classifier", file.toString(), "top", "3"))
        .isEqualTo(ClassWeightedPooling.of(transform).withTopClasses(3));
    assertThat(
            create("cam", "classifier", file.toString(), "class-whitening", file.toString())
                .dimension(6))
        .isEqualTo(4);
    Path missing = folder.resolve("missing.lin");
    assertThatThrownBy(() -> create("cam", "classifier", missing.toString()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("option classifier: ")
        .hasMessageContaining("missing.lin");
  }

  @Test
  void badOptionsAreRefused() {
    Map<String, List<String>> bad =
        Map.of(
            "mac has no option 'p'; it has none", List.of("mac", "p", "3"),
            "gem has no option 'q'; known: eps, learnable, p", List.of("gem", "q", "3"),
            "p must be > 0 and finite but was -1.0", List.of("gem", "p", "-1"),
            "option learnable must be true or false but was 'yes'",
                List.of("gem", "learnable", "yes"),
            "spoc mode must be mean, sum or centre-prior but was 'median'",
                List.of("spoc", "mode", "median"),
            "gem-mp must have the option channels", List.of("gem-mp"),
            "cam must have the option classifier", List.of("cam"),
            "levels must be at least 1 but was 0", List.of("r-mac", "levels", "0"));
    bad.forEach(
        (message, call) ->
            assertThatThrownBy(
                    () -> create(call.get(0), call.subList(1, call.size()).toArray(String[]::new)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message));
  }
}
