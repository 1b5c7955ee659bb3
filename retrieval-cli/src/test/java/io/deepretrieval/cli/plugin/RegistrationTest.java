// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A provider is found on the class path and on the module path, or on neither. */
class RegistrationTest {
  private static final String SERVICES = "META-INF/services/";

  static List<ModuleReference> modules() {
    Path[] places =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(Files::exists)
            .filter(place -> place.toString().contains("retrieval-"))
            .filter(place -> !place.endsWith("test-classes"))
            .toArray(Path[]::new);
    return ModuleFinder.of(places).findAll().stream()
        .filter(module -> module.descriptor().name().startsWith("io.deepretrieval."))
        .filter(module -> !module.descriptor().isAutomatic())
        .filter(module -> !module.descriptor().provides().isEmpty())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void bothPathsNameTheSame(ModuleReference module) throws IOException {
    Map<String, List<String>> ofModule =
        module.descriptor().provides().stream()
            .collect(
                Collectors.toMap(
                    ModuleDescriptor.Provides::service,
                    provides -> provides.providers().stream().sorted().toList()));
    Map<String, List<String>> ofClassPath = new TreeMap<>();
    try (ModuleReader reader = module.open();
        Stream<String> names = reader.list()) {
      for (String name : names.filter(RegistrationTest::isRegistration).toList()) {
        ofClassPath.put(name.substring(SERVICES.length()), lines(reader, name));
      }
    }
    assertThat(ofClassPath).isEqualTo(ofModule);
  }

  private static boolean isRegistration(String name) {
    return name.startsWith(SERVICES) && name.length() > SERVICES.length();
  }

  private static List<String> lines(ModuleReader reader, String name) throws IOException {
    ByteBuffer bytes = reader.read(name).orElseThrow();
    try {
      return StandardCharsets.UTF_8.decode(bytes).toString().lines().sorted().toList();
    } finally {
      reader.release(bytes);
    }
  }
}
