// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.cli.CommandLines;
import io.deepretrieval.cli.Drawn;
import io.deepretrieval.cli.Main;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.NamedProvider;
import io.deepretrieval.spi.PoolingProvider;
import io.deepretrieval.spi.RerankerProvider;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A plug-in's jar beside the program: its name works on the command line and is in the help. */
class PluginJarTest {
  @TempDir Path temp;

  /** A plug-in, how it is named on the command line, and what shows that it ran. */
  enum Plugin {
    BACKBONE(
        BackboneProvider.class,
        "MeanColorProvider",
        "mean-color",
        List.of("--backbone", "mean-color"),
        "backbone: mean-color"),
    POOLING(
        PoolingProvider.class,
        "UpperLeftProvider",
        "upper-left",
        List.of("--pooling", "upper-left:bias=0.5"),
        "pooling: upper-left bias=0.5"),
    INDEX(
        IndexProvider.class,
        "ListScanProvider",
        "list-scan",
        List.of("--index", "list-scan"),
        "index: list-scan"),
    RERANKER(
        RerankerProvider.class,
        "SwapBestProvider",
        "swap-best",
        List.of("--rerank", "swap-best:with=2"),
        "re-ranked: swap-best with=2");

    private final Class<? extends NamedProvider> service;
    private final String className;
    private final String name;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> arguments;

    private final String shown;

    Plugin(
        Class<? extends NamedProvider> service,
        String className,
        String name,
        List<String> arguments,
        String shown) {
      this.service = service;
      this.className = className;
      this.name = name;
      this.arguments = arguments;
      this.shown = shown;
    }

    /** Arguments of a command that uses the plug-in; the last of an option counts. */
    List<String> commandLine(Path temp) throws IOException {
      Drawn.groups(temp.resolve("data"), 12, 24);
      List<String> all =
          new ArrayList<>(
              List.of(
                  "evaluate", "--dataset", "groups", "--root", temp.resolve("data").toString()));
      if (this != BACKBONE) {
        all.addAll(List.of("--backbone", "patch"));
      }
      all.addAll(arguments);
      return all;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aJarOnTheClassPathIsEnough(Plugin plugin) throws Exception {
    Path jar = PluginJar.make(temp, plugin.service, plugin.className);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path") + File.pathSeparator + jar);
    command.add(Main.class.getName());
    command.addAll(plugin.commandLine(temp));
    Path log = temp.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(log);
    assertThat(process.exitValue()).as(printed).isZero();
    assertThat(printed).contains("  " + plugin.shown).containsPattern("mAP \\d\\.\\d{4}");
  }

  @ParameterizedTest
  @EnumSource
  void helpAndErrorsListWhatTheJarHas(Plugin plugin) throws Exception {
    Path jar = PluginJar.make(temp, plugin.service, plugin.className);
    assertThat(run("evaluate", "--help")).doesNotContain(plugin.name);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      assertThat(run("evaluate", "--help")).contains(plugin.name);
      List<String> wrong = plugin.commandLine(temp);
      wrong.set(wrong.size() - 1, "absent");
      assertThat(run(wrong.toArray(String[]::new)))
          .startsWith("error: unknown ")
          .contains(plugin.name);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out, true);
    CommandLines.create(writer, writer, false).execute(arguments);
    return out.toString();
  }
}
