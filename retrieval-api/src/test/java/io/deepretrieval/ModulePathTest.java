// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.spi.Providers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A named module outside of this library compiles against it and plugs into it. */
final class ModulePathTest {
  private static final String MODULE_INFO =
      """
      module consumer {
        requires io.deepretrieval.api;
        provides io.deepretrieval.spi.LossProvider with consumer.Zero;
        exports consumer;
      }
      """;

  private static final String ZERO =
      """
      package consumer;

      import io.deepretrieval.*;
      import io.deepretrieval.spi.*;

      public final class Zero implements LossProvider, Loss, java.util.function.Supplier<String> {
        public String name() { return "zero"; }
        public Loss create(Options options, LossContext context) {
          options.requireKnown("zero");
          return this;
        }
        public String recipe() { return "zero"; }
        public LossResult evaluate(EmbeddingBatch batch) {
          return LossResult.copyOf(0, batch.dimension(), new double[batch.toArray().length], 0);
        }
        public String get() {
          Loss loss = Providers.losses().get("zero").create(Options.NONE, LossContext.of(1, 1));
          return Loss.class.getModule().getName() + " "
              + Providers.losses().names() + " "
              + loss.evaluate(EmbeddingBatch.copyOf(1, new double[] {1}, new int[] {0})).value();
        }
      }
      """;

  private static Path classes() throws Exception {
    return Path.of(Providers.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  @Test
  void moduleNeedsNothingAtRunTimeAndOpensItsTwoPackages() throws Exception {
    ModuleDescriptor module =
        ModuleFinder.of(classes()).find("io.deepretrieval.api").orElseThrow().descriptor();
    assertThat(
            module.requires().stream()
                .filter(r -> !r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                .map(ModuleDescriptor.Requires::name))
        .containsExactly("java.base");
    assertThat(
            module.exports().stream()
                .filter(e -> !e.isQualified())
                .map(ModuleDescriptor.Exports::source))
        .containsExactlyInAnyOrder("io.deepretrieval", "io.deepretrieval.spi");
    assertThat(module.packages()).hasSize(3);
  }

  @Test
  void namedModuleCompilesRunsAndIsFoundByName(@TempDir Path directory) throws Exception {
    Path sources = Files.createDirectories(directory.resolve("source/consumer"));
    Path info = Files.writeString(sources.resolveSibling("module-info.java"), MODULE_INFO);
    Path zero = Files.writeString(sources.resolve("Zero.java"), ZERO);
    Path out = directory.resolve("out");
    StringWriter messages = new StringWriter();
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                new PrintWriter(messages),
                new PrintWriter(messages),
                "-Werror",
                "--module-path",
                classes().toString(),
                "-d",
                out.toString(),
                info.toString(),
                zero.toString());
    assertThat(code).as(messages.toString()).isZero();

    ModuleFinder finder = ModuleFinder.of(classes(), out);
    Configuration configuration =
        ModuleLayer.boot()
            .configuration()
            .resolveAndBind(finder, ModuleFinder.of(), Set.of("consumer"));
    ClassLoader loader =
        ModuleLayer.defineModulesWithOneLoader(
                configuration, List.of(ModuleLayer.boot()), ClassLoader.getPlatformClassLoader())
            .layer()
            .findLoader("consumer");
    assertThat(configuration.modules().stream().map(m -> m.name()).collect(Collectors.toSet()))
        .contains("consumer", "io.deepretrieval.api")
        .doesNotContain("org.jspecify");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(loader);
    try {
      Supplier<?> consumer =
          (Supplier<?>) loader.loadClass("consumer.Zero").getDeclaredConstructor().newInstance();
      assertThat(consumer.get()).isEqualTo("io.deepretrieval.api [zero] 0.0");
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
