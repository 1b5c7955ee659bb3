// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.cli.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * Makes a plug-in's jar as its author would: a program of {@code docs/extending.md}, compiled, and
 * one line of registration.
 */
final class PluginJar {
  private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n(.*?)```");

  private PluginJar() {}

  /** Compiles the program of the page that has the class, and registers it. */
  static Path make(Path directory, Class<?> service, String className) throws IOException {
    Path source = directory.resolve(className + ".java");
    Files.writeString(source, program(className));
    Path classes = Files.createDirectories(directory.resolve("classes"));
    JavaCompiler compiler =
        Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK has a compiler");
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    List<String> arguments =
        List.of(
            "-proc:none",
            "-implicit:none",
            "-cp",
            System.getProperty("java.class.path"),
            "-d",
            classes.toString(),
            source.toString());
    int code = compiler.run(null, messages, messages, arguments.toArray(String[]::new));
    assertThat(code).as(messages.toString(StandardCharsets.UTF_8)).isZero();
    Path jar = directory.resolve("plugin.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + service.getName()));
      out.write(("com.example." + className + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return jar;
  }

  private static String program(String className) throws IOException {
    List<String> found =
        PROGRAM
            .matcher(Files.readString(Repository.file("docs/extending.md")))
            .results()
            .map(result -> result.group(1))
            .filter(text -> text.contains("\npublic final class " + className + " "))
            .toList();
    assertThat(found).as("programs of docs/extending.md that have %s", className).hasSize(1);
    return found.get(0);
  }
}
