// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.cli.CommandLines;
import io.deepretrieval.cli.Drawn;
import io.deepretrieval.cli.Main;
import io.deepretrieval.eval.DataSetProvider;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.LossProvider;
import io.deepretrieval.spi.NamedProvider;
import io.deepretrieval.spi.PoolingProvider;
import io.deepretrieval.spi.RerankerProvider;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
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
        "ColorCellsProvider",
        "color-cells",
        List.of("--backbone", "color-cells"),
        "backbone: color-cells"),
    POOLING(
        PoolingProvider.class,
        "LogMeanExpProvider",
        "log-mean-exp",
        List.of("--pooling", "log-mean-exp:r=2"),
        "pooling: log-mean-exp r=2.0"),
    INDEX(
        IndexProvider.class,
        "ListScanProvider",
        "list-scan",
        List.of("--index", "list-scan:similarity=l2"),
        "index: list-scan"),
    RERANKER(
        RerankerProvider.class,
        "BestHitProvider",
        "best-hit",
        List.of("--rerank", "best-hit:n=5"),
        "re-ranked: best-hit n=5"),
    LOSS(
        LossProvider.class,
        "LogisticTripletProvider",
        "logistic-triplet",
        List.of("--loss-option", "scale=4", "--loss", "logistic-triplet"),
        "loss=logistic-triplet scale=4.0"),
    DATA_SET(
        DataSetProvider.class,
        "ThingsProvider",
        "things",
        List.of("--dataset", "things"),
        "things: 5 queries, 5 database images");

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

    /** The command that uses the plug-in. */
    String command() {
      return this == LOSS ? "finetune" : "evaluate";
    }

    /** Arguments of the command; those of the plug-in come last. */
    List<String> commandLine(Path temp) throws IOException {
      List<String> all = new ArrayList<>(List.of(command()));
      switch (this) {
        case LOSS -> {
          for (String image : List.of("a/1", "a/2", "b/1", "b/2", "c/1", "c/2", "d/1", "d/2")) {
            Drawn.image(temp.resolve("data/" + image + ".png"), image.hashCode(), 40);
          }
          all.addAll(List.of("--train", temp.resolve("data").toString()));
          all.addAll(List.of("--out", temp.resolve("out").toString(), "--backbone", "resnet18"));
          all.addAll(List.of("--seed", "3", "--layer", "layer1", "--size", "32"));
          all.addAll(List.of("--classes", "2", "--epochs", "1"));
        }
        case DATA_SET -> {
          for (String image : List.of("cup-1", "cup-2", "key-1", "key-2", "key-3")) {
            Drawn.image(temp.resolve("data/" + image + ".png"), image.hashCode(), 24);
          }
          all.addAll(List.of("--root", temp.resolve("data").toString(), "--backbone", "patch"));
        }
        default -> {
          Drawn.groups(temp.resolve("data"), 12, 24);
          all.addAll(List.of("--dataset", "groups", "--root", temp.resolve("data").toString()));
          if (this != BACKBONE) {
            all.addAll(List.of("--backbone", "patch"));
          }
        }
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
    if (plugin == Plugin.LOSS) {
      assertThat(Files.readString(temp.resolve("out/training.html"))).contains(plugin.shown);
    } else {
      assertThat(printed).contains(plugin.shown).containsPattern("mAP \\d\\.\\d{4}");
    }
  }

  @ParameterizedTest
  @EnumSource
  void helpAndErrorsListWhatTheJarHas(Plugin plugin) throws Exception {
    Path jar = PluginJar.make(temp, plugin.service, plugin.className);
    assertThat(run(plugin.command(), "--help")).doesNotContain(plugin.name);
    List<String> wrong = plugin.commandLine(temp);
    wrong.set(wrong.size() - 1, "absent");
    besides(
        jar,
        () -> {
          assertThat(run(plugin.command(), "--help")).contains(plugin.name);
          assertThat(run(wrong.toArray(String[]::new)))
              .startsWith("error: unknown ")
              .contains(plugin.name);
        });
  }

  @Test
  void aBrokenOneIsOneLineAndHelpStillPrints() throws Exception {
    Path jar = temp.resolve("broken.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("META-INF/services/" + PoolingProvider.class.getName()));
      out.write("com.example.Absent\n".getBytes(StandardCharsets.UTF_8));
    }
    Drawn.groups(temp.resolve("data"), 4, 24);
    besides(
        jar,
        () -> {
          assertThat(run("evaluate", "--help"))
              .containsPattern("example\\.Absent not found")
              .contains("--dataset");
          String printed =
              run("evaluate", "--dataset", "groups", "--root", temp.resolve("data").toString());
          assertThat(printed)
              .contains("error: each pooling on the class path must be loadable but: ")
              .contains("com.example.Absent")
              .doesNotContain("\tat ");
        });
  }

  /** Runs with a jar on the class path. */
  private static void besides(Path jar, Runnable body) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      body.run();
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
