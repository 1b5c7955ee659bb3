// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.format.SafetensorsFile;
import io.deepretrieval.format.SafetensorsFile.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWeightsTest {
  @TempDir Path directory;

  @Test
  void foldsNormalizationAndListsWhatIsMissingAndUnused() throws IOException {
    ComputationGraph graph = ResNets.create(18, 1, 3);
    Map<String, Tensor> tensors = torchvision(graph, 7);
    Path file = directory.resolve("net.safetensors");
    SafetensorsFile.write(file, Map.of(), tensors);
    TorchvisionWeights.load(graph, file);
    float[] gamma = at(tensors, "bn1.weight").values();
    float[] beta = at(tensors, "bn1.bias").values();
    float[] mean = at(tensors, "bn1.running_mean").values();
    float[] variance = at(tensors, "bn1.running_var").values();
    double factor = gamma[5] / Math.sqrt(variance[5] + 1e-5);
    assertThat(graph.getLayer("conv1").getParam("b").getDouble(5))
        .isCloseTo(beta[5] - mean[5] * factor, within(1e-6));
    assertThat(graph.getLayer("conv1").getParam("W").getDouble(5, 2, 6, 0))
        .isCloseTo(
            at(tensors, "conv1.weight").values()[((5 * 3 + 2) * 7 + 6) * 7] * factor, within(1e-6));

    tensors.put("fc.weight", new Tensor(List.of(1), new float[1]));
    tensors.put("layer2.0.conv1.weight", new Tensor(List.of(1), new float[1]));
    SafetensorsFile.write(file, Map.of(), tensors);
    TorchvisionWeights.load(graph, file);

    tensors.remove("layer1.0.bn2.running_var");
    tensors.put("layer1.0.se.weight", new Tensor(List.of(1), new float[1]));
    SafetensorsFile.write(file, Map.of(), tensors);
    assertThatThrownBy(() -> TorchvisionWeights.load(graph, file))
        .hasMessage(
            "weights "
                + file
                + " must fit the network but lack [layer1.0.bn2.running_var] and have unused"
                + " [layer1.0.se.weight]");

    tensors.put("conv1.weight", new Tensor(List.of(64, 3, 49), new float[64 * 3 * 49]));
    SafetensorsFile.write(file, Map.of(), tensors);
    assertThatThrownBy(() -> TorchvisionWeights.load(graph, file))
        .hasMessage(
            "weights "
                + file
                + ": tensor conv1.weight must have shape [64, 3, 7, 7] but has [64, 3, 49]");
  }

  private static Tensor at(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  /** Unfolded random weights as torchvision names them. */
  private static Map<String, Tensor> torchvision(ComputationGraph graph, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String conv :
        List.of("conv1", "layer1.0.conv1", "layer1.0.conv2", "layer1.1.conv1", "layer1.1.conv2")) {
      long[] shape = graph.getLayer(conv).getParam("W").shape();
      tensors.put(
          conv + ".weight",
          tensor(random, (int) shape[0], (int) shape[1], (int) shape[2], (int) shape[3]));
      String norm = conv.replace("conv", "bn");
      for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
        tensors.put(norm + "." + part, tensor(random, (int) shape[0]));
      }
      tensors.put(norm + ".num_batches_tracked", new Tensor(List.of(), new float[] {1}));
    }
    return tensors;
  }

  private static Tensor tensor(Random random, Integer... shape) {
    int length = 1;
    for (int n : shape) {
      length *= n;
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return new Tensor(List.of(shape), values);
  }
}
