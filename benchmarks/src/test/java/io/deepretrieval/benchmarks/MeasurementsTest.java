// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.deepretrieval.Backbone;
import io.deepretrieval.Descriptor;
import io.deepretrieval.benchmarks.peers.ForwardSpeed;
import io.deepretrieval.benchmarks.peers.IndexSpeed;
import io.deepretrieval.benchmarks.peers.OnnxSpeed;
import io.deepretrieval.benchmarks.peers.PipelineSpeed;
import io.deepretrieval.benchmarks.peers.PoolingSpeed;
import io.deepretrieval.benchmarks.peers.TrainingSpeed;
import io.deepretrieval.index.NumpyFiles;
import io.deepretrieval.onnx.OnnxExport;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** The programs behind the published figures still run; what they measure here is not looked at. */
class MeasurementsTest {
  @TempDir Path directory;

  private interface Program {
    void run() throws IOException;
  }

  private static JsonObject printed(Program program) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      program.run();
    } finally {
      System.setOut(before);
    }
    String text = bytes.toString(StandardCharsets.UTF_8).strip();
    return JsonParser.parseString(text.substring(text.lastIndexOf('\n') + 1)).getAsJsonObject();
  }

  private Path vectors(String name, int n, int d, long seed) throws IOException {
    Random random = new Random(seed);
    Path file = directory.resolve(name);
    List<Descriptor> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      float[] values = new float[d];
      for (int j = 0; j < d; j++) {
        values[j] = (float) random.nextGaussian();
      }
      rows.add(Descriptor.copyOf(values).normalized());
    }
    write(file, rows);
    return file;
  }

  private static void write(Path file, List<Descriptor> rows) throws IOException {
    try (NumpyFiles.Writer writer = NumpyFiles.writer(file, rows.get(0).dimension())) {
      for (Descriptor row : rows) {
        writer.write(row.toArray());
      }
      writer.finish();
    }
  }

  @Test
  void jmhRunsEveryBenchmarkOfThisModule()
      throws IOException, RunnerException, CommandLineOptionException {
    Path json = directory.resolve("jmh.json");
    String[] arguments = {
      "PoolingBenchmark|WhiteningBenchmark",
      "-f",
      "0",
      "-wi",
      "0",
      "-i",
      "1",
      "-r",
      "1ms",
      "-v",
      "SILENT",
      "-p",
      "shape=256x13x13",
      "-rf",
      "json",
      "-rff",
      json.toString()
    };
    new Runner(new CommandLineOptions(arguments)).run();
    Set<String> seen = new TreeSet<>();
    for (JsonElement result : JsonParser.parseString(Files.readString(json)).getAsJsonArray()) {
      JsonObject object = result.getAsJsonObject();
      double score = object.getAsJsonObject("primaryMetric").get("score").getAsDouble();
      assertThat(score).as(object.toString()).isPositive();
      String name = object.get("benchmark").getAsString();
      JsonObject params = object.getAsJsonObject("params");
      seen.add(
          name.substring(name.lastIndexOf('.') + 1)
              + (params.has("pooling") ? " " + params.get("pooling").getAsString() : ""));
    }
    assertThat(seen)
        .hasSize(26)
        .contains("forward r-mac", "backward gem p=2.92", "forward nd4j-gem", "one", "block");
  }

  @Test
  void onnxFilesAreTimed() throws IOException {
    Path file = directory.resolve("net.onnx");
    Options options = Options.of(Map.of("seed", "1"));
    try (Backbone network = Providers.backbones().get("resnet18").create(options)) {
      OnnxExport.write(file, network);
    }
    for (String mode : List.of("bare", "backbone")) {
      JsonObject run =
          printed(
              () -> {
                String[] arguments = {file.toString(), "64", "48", "2", "1", "1", mode};
                try {
                  OnnxSpeed.main(arguments);
                } catch (OrtException e) {
                  throw new IOException(e);
                }
              });
      assertThat(run.get("ms").getAsDouble()).as(mode).isPositive();
      assertThat(run.get("peak_mb").getAsInt()).as(mode).isPositive();
    }
  }

  @Test
  void indexesAreTimedOverVectorsFromFiles() throws IOException {
    String base = vectors("base.npy", 500, 16, 1).toString();
    String queries = vectors("queries.npy", 70, 16, 2).toString();
    for (String codes : new String[] {"none", "int8"}) {
      JsonObject exact =
          printed(() -> IndexSpeed.main(new String[] {"exact", base, queries, "1", codes}));
      assertThat(exact.keySet())
          .containsExactly("1,10", "1,100", "64,10", "64,100", "1024,10", "1024,100");
    }
    // Whatever the truth file says is what the recall is counted against.
    List<Descriptor> truth = new ArrayList<>();
    for (int q = 0; q < 70; q++) {
      truth.add(Descriptor.copyOf(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
    }
    Path truthFile = directory.resolve("truth.npy");
    write(truthFile, truth);
    JsonObject graph =
        printed(
            () ->
                IndexSpeed.main(
                    new String[] {
                      "graph", base, queries, "2", truthFile.toString(), "8", "20,40", "0"
                    }));
    assertThat(graph.getAsJsonObject("beams").keySet()).containsExactly("20", "40");
    assertThat(graph.getAsJsonObject("beams").getAsJsonArray("40").get(0).getAsDouble())
        .isBetween(0.0, 0.2);
  }

  @Test
  void aStoreIsMadeOpenedSearchedAndCompacted() throws IOException {
    JsonObject million =
        printed(
            () ->
                IndexSpeed.main(
                    new String[] {
                      "million", "2000", "16", directory.resolve("store").toString(), "2", "graph"
                    }));
    assertThat(million.keySet())
        .contains("opened for reading, s", "graph, 64 queries, ms each", "compacted, s");
  }

  @Test
  void poolingsAndTheFitOfAWhiteningAreTimed() throws IOException {
    JsonObject fit = printed(() -> PoolingSpeed.main(new String[] {"pca", "200", "32"}));
    assertThat(fit.get("dimension").getAsInt()).isEqualTo(8);
    JsonObject pooling = printed(() -> PoolingSpeed.main(new String[] {"64", "7", "7", "3"}));
    assertThat(pooling.keySet()).contains("read", "mac", "r-mac L=3", "crow");
  }

  @Test
  void aNetworkIsTimedWithItsMemory() throws IOException {
    JsonObject forward =
        printed(() -> ForwardSpeed.main(new String[] {"resnet18", "64", "48", "2", "1", "1"}));
    assertThat(forward.get("ms").getAsDouble()).isPositive();
    assertThat(forward.get("peak_mb").getAsInt()).isPositive();
    JsonObject pipeline =
        printed(
            () -> PipelineSpeed.main(new String[] {"resnet18", "64", "48", "2", "2", "1", "1"}));
    assertThat(pipeline.get("ms").getAsDouble()).isPositive();
    assertThat(pipeline.get("rate").getAsDouble())
        .isCloseTo(
            pipeline.get("network_ms").getAsDouble() / pipeline.get("ms").getAsDouble(),
            within(0.2));
  }

  @Test
  void trainingStepsAreTimedWithTheirMemory() throws IOException {
    JsonObject steps =
        printed(
            () -> TrainingSpeed.main(new String[] {"resnet18", "48", "32", "4", "2", "2", "1"}));
    assertThat(steps.get("ms").getAsDouble()).isPositive();
    assertThat(steps.get("peak_mb").getAsInt()).isPositive();
  }

  @Test
  void anUnknownMeasurementIsNamed() {
    assertThatThrownBy(() -> IndexSpeed.main(new String[] {"flat"}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown measurement flat");
  }
}
