// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.deepretrieval.Backbone;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every network, exported, checked and compared with its plan at batch 2, by the bare runtime and
 * by {@link OnnxBackbone}; the figures go to {@code target/onnx-export.tsv}. Run with {@code
 * -Donnx.networks=all}: it takes minutes and 4 GB.
 */
class OnnxExportIT {
  private static final Path FIGURES = Path.of("target", "onnx-export.tsv");

  @TempDir Path directory;

  @BeforeAll
  static void requireWish() throws IOException {
    assumeThat(System.getProperty("onnx.networks", ""))
        .as("skipped: every network is exported with -Donnx.networks=all only")
        .isEqualTo("all");
    Files.deleteIfExists(FIGURES);
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource({
    "alexnet, relu5, 161, 129, 127, 193",
    "alexnet, fc6, 224, 224, 287, 231",
    "vgg16, relu5_3, 161, 129, 127, 193",
    "vgg16, fc7, 224, 224, 287, 231",
    "resnet18, layer4, 161, 129, 127, 193",
    "resnet34, layer4, 161, 129, 127, 193",
    "resnet50, layer4, 161, 129, 127, 193",
    "resnet101, layer4, 161, 129, 127, 193",
    "resnet152, layer4, 161, 129, 127, 193"
  })
  void everyNetwork(String name, String layer, int w1, int h1, int w2, int h2)
      throws IOException, OrtException, InterruptedException {
    verify(name, Map.of("seed", "11", "layer", layer), w1, h1, w2, h2);
  }

  @ParameterizedTest
  @CsvSource({"mobilenet_v2_notop.h5", "inception_v3_mixed7.h5"})
  void everyKerasFile(String file) throws IOException, OrtException, InterruptedException {
    Path weights = SharedFiles.require("weights/" + file);
    verify("keras", Map.of("weights", weights.toString()), 161, 129, 127, 193);
  }

  private void verify(String name, Map<String, String> options, int w1, int h1, int w2, int h2)
      throws IOException, OrtException, InterruptedException {
    Path file = directory.resolve("net.onnx");
    try (Backbone network = Providers.backbones().get(name).create(Options.of(options))) {
      long start = System.nanoTime();
      OnnxExport.write(file, network);
      double seconds = (System.nanoTime() - start) / 1e9;
      double first;
      double second;
      try (OrtSession session = ExportRuns.open(file)) {
        first = ExportRuns.deviation(session, network, 2, w1, h1);
        second = ExportRuns.deviation(session, network, 2, w2, h2);
      }
      double run =
          Math.max(
              ExportRuns.deviation(file, network, 2, w1, h1),
              ExportRuns.deviation(file, network, 2, w2, h2));
      Files.writeString(
          FIGURES,
          String.format(
              Locale.ROOT,
              "%s\t%s\t%.1e\t%.1e\t%.1e\t%d\t%.2f%n",
              name,
              network.spec().layer(),
              first,
              second,
              run,
              Files.size(file),
              seconds),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      assertThat(Math.max(run, Math.max(first, second)))
          .as("deviation, seed " + ExportRuns.SEED)
          .isLessThanOrEqualTo(1e-4);
    }
    ExportRuns.check(directory.resolve("log"), List.of(file));
  }
}
