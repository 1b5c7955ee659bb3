// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.dl4j.network.AlexNet;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.network.WeightNames;
import io.deepretrieval.format.Pickles;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values that torch gave for weights of a formula; {@code benchmarks/peers/parity.py} made them.
 */
public class TorchvisionGoldenTest {
  @TempDir Path directory;

  @Test
  void residualNetworkGivesTheMapsOfTorch() throws IOException {
    check("resnet18", ResNets.create(18, 4, 0), WeightNames.resNet());
  }

  @Test
  void stackGivesTheMapsOfTorch() throws IOException {
    check("alexnet", AlexNet.create("relu5", 0), AlexNet.stack());
  }

  private void check(String name, ComputationGraph graph, WeightNames names) throws IOException {
    Path weights =
        Pickles.save(directory.resolve(name + ".pth"), FormulaWeights.stateDict(graph, names));
    try (Backbone backbone =
        Providers.backbones().get(name).create(Options.of(Map.of("weights", weights.toString())))) {
      for (JsonElement element : golden().getAsJsonArray(name)) {
        JsonObject golden = element.getAsJsonObject();
        FeatureMap map =
            backbone.extract(
                FormulaWeights.image(
                    golden.get("height").getAsInt(), golden.get("width").getAsInt()));
        assertThat(backbone.spec().layer()).isEqualTo(golden.get("layer").getAsString());
        assertClose(map, golden, name);
      }
    }
  }

  /** A map and its GeM agree with samples that {@code parity.golden} wrote. */
  public static void assertClose(FeatureMap map, JsonObject golden, String what) {
    JsonArray shape = golden.getAsJsonArray("shape");
    assertThat(map)
        .as(what)
        .hasToString("FeatureMap[" + shape.get(0) + "," + shape.get(1) + "," + shape.get(2) + "]");
    double largest = golden.get("largest").getAsDouble();
    int step = golden.get("step").getAsInt();
    float[] values = map.toChannelsFirst();
    assertThat(golden.getAsJsonArray("map").size()).as(what).isGreaterThan(50);
    assertClose(golden.getAsJsonArray("map"), i -> values[i * step], largest, what);
    assertClose(golden.getAsJsonArray("gem"), i -> gem(map, 5 * i), largest, what);
  }

  private interface Values {
    double at(int i);
  }

  /** Within 1e-4 of the largest value of the map: float sums in another order. */
  private static void assertClose(JsonArray expected, Values values, double largest, String what) {
    double difference = 0;
    for (int i = 0; i < expected.size(); i++) {
      difference =
          Math.max(difference, Math.abs(values.at(i) - expected.get(i).getAsDouble()) / largest);
    }
    assertThat(expected.size()).as(what).isPositive();
    assertThat(difference).as(what).isLessThan(1e-4);
  }

  static double gem(FeatureMap map, int channel) {
    double sum = 0;
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        sum += Math.pow(Math.max(map.at(channel, y, x), 1e-6), 3);
      }
    }
    return Math.cbrt(sum / (map.height() * map.width()));
  }

  private static JsonObject golden() throws IOException {
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(
                TorchvisionGoldenTest.class.getResourceAsStream("/torch/networks.json")),
            StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(reader).getAsJsonObject();
    }
  }
}
