// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** What a figure depends on besides the recipe: the version and the machine. */
final class RunEnvironment {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private RunEnvironment() {}

  static Map<String, String> lines() throws IOException {
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("library", "deep-retrieval " + version());
    lines.put("Java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    lines.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + System.getProperty("os.arch"));
    lines.put(
        "processors",
        Runtime.getRuntime().availableProcessors()
            + processor(PROCESSORS).map(name -> " of " + name).orElse(""));
    lines.put(
        "heap",
        String.format(
            Locale.ROOT, "at most %,d MB", Runtime.getRuntime().maxMemory() / (1024 * 1024)));
    return lines;
  }

  static String version() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = RunEnvironment.class.getResourceAsStream("version.properties")) {
      properties.load(Objects.requireNonNull(in, "version.properties"));
    }
    return properties.getProperty("version");
  }

  /** The name that Linux gives; other systems have no such file. */
  static Optional<String> processor(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    }
  }
}
