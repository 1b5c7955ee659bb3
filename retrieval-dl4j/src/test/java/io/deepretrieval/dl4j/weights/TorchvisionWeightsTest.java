// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.FormulaWeights;
import io.deepretrieval.dl4j.network.AlexNet;
import io.deepretrieval.dl4j.network.LayerStack;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.network.Vgg16;
import io.deepretrieval.dl4j.network.WeightNames;
import io.deepretrieval.format.Pickles;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchvisionWeightsTest {
  @TempDir Path directory;

  private final Map<String, Object> state =
      FormulaWeights.stateDict(ResNets.create(18, 1, 0), WeightNames.resNet());

  private Options options(Path file, String... more) {
    Options options = Options.of(Map.of("weights", file.toString(), "layer", "layer1"));
    for (int i = 0; i < more.length; i += 2) {
      options = options.with(more[i], more[i + 1]);
    }
    return options;
  }

  private static String sha256(Options options) throws IOException {
    try (Backbone backbone = Providers.backbones().get("resnet18").create(options)) {
      return backbone.spec().weightsSha256();
    }
  }

  private static Map<String, Object> renamed(Map<String, Object> state, String from, String to) {
    Map<String, Object> out = new LinkedHashMap<>();
    state.forEach((name, value) -> out.put(name.replaceFirst(from, to), value));
    return out;
  }

  @Test
  void namesOfEveryProgramFillTheSameNetwork() throws IOException {
    String plain = sha256(options(Pickles.save(directory.resolve("a.pth"), state)));
    Path inner = Pickles.save(directory.resolve("b.pth"), Map.of("state_dict", state, "epoch", 3));
    assertThat(sha256(options(inner))).isEqualTo(plain);
    Path parallel =
        Pickles.save(
            directory.resolve("c.pth"), Map.of("state_dict", renamed(state, "^", "module.")));
    assertThat(sha256(options(parallel))).isEqualTo(plain);
    Map<String, Object> children = renamed(state, "^conv1\\.", "features.0.");
    children = renamed(children, "^bn1\\.", "features.1.");
    children = renamed(children, "^layer1\\.", "features.4.");
    Path sequential = Pickles.save(directory.resolve("d.pth"), Map.of("state_dict", children));
    assertThat(sha256(options(sequential))).isEqualTo(plain);
    Path model = Pickles.save(directory.resolve("e.pth"), Map.of("model_state", state));
    assertThat(sha256(options(model))).isEqualTo(plain);
  }

  @Test
  void whatDoesNotFitIsListedAndRefusedUnlessToldOtherwise() throws IOException {
    state.remove("layer1.0.bn2.running_var");
    state.put("layer1.0.se.weight", new Pickles.Tensor(List.of(1), new float[1]));
    state.put("pool.p", new Pickles.Tensor(List.of(1), new float[1]));
    Path file = Pickles.save(directory.resolve("w.pth"), state);
    assertThatThrownBy(() -> sha256(options(file)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "weights "
                + file
                + " must fit the network but lack [layer1.0.bn2.running_var] and have unused"
                + " [layer1.0.se.weight, pool.p]; RetrievalCheckpoint reads them with pooling and"
                + " whitening");
    assertThat(sha256(options(file, "strict", "false"))).hasSize(64);
    assertThatThrownBy(() -> sha256(options(file, "strict", "no")))
        .hasMessage("option strict of backbone resnet18 must be true or false but was 'no'");
    state.put("conv1.weight", new Pickles.Tensor(List.of(64, 147), new float[64 * 147]));
    Pickles.save(file, state);
    assertThatThrownBy(() -> sha256(options(file, "strict", "false")))
        .hasMessage(
            "weights "
                + file
                + ": tensor conv1.weight must have shape [64, 3, 7, 7] but has [64, 147]");
  }

  @Test
  void lenientLoadingLeavesALayerThatLacksAPartAsItWas() throws IOException {
    state.remove("layer1.1.bn1.bias");
    state.remove("conv1.weight");
    ComputationGraph graph = ResNets.create(18, 1, 5);
    ComputationGraph fresh = ResNets.create(18, 1, 5);
    Path file = Pickles.save(directory.resolve("w.pth"), state);
    TorchvisionWeights.load(graph, WeightNames.resNet(), file, false);
    for (String layer : List.of("conv1", "layer1.1.conv1")) {
      assertThat(graph.getLayer(layer).getParam("W"))
          .isEqualTo(fresh.getLayer(layer).getParam("W"));
    }
    assertThat(graph.getLayer("layer1.0.conv1").getParam("W"))
        .isNotEqualTo(fresh.getLayer("layer1.0.conv1").getParam("W"));
  }

  @Test
  void aParameterUnderTwoNamesIsRefused() {
    state.put("features.0.weight", new Pickles.Tensor(List.of(1), new float[1]));
    Path file = Pickles.save(directory.resolve("w.pth"), state);
    assertThatThrownBy(() -> sha256(options(file)))
        .hasMessage(
            "weights "
                + file
                + " must have each parameter once but conv1.weight and features.0.weight are one");
  }

  @Test
  void filesWithoutTensorsAreNamed() throws IOException {
    Path file = Pickles.save(directory.resolve("w.pth"), Map.of("epoch", 3));
    assertThatThrownBy(() -> sha256(options(file)))
        .hasMessage(
            "cannot read weights "
                + file
                + " (torch): it must hold a state_dict of tensors but holds none");
    Files.delete(file);
  }

  @Test
  void stacksAreCutAtAnyLayer() throws IOException {
    try (Backbone backbone =
        Providers.backbones()
            .get("alexnet")
            .create(Options.of(Map.of("layer", "pool2", "seed", "1")))) {
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(192, 16));
    }
    try (Backbone backbone =
        Providers.backbones().get("vgg16").create(Options.of(Map.of("layer", "conv2_2")))) {
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(128, 2));
    }
    assertThatThrownBy(
            () ->
                Providers.backbones().get("alexnet").create(Options.of(Map.of("layer", "layer4"))))
        .hasMessage(
            "alexnet must be cut at one of conv1, relu1, pool1, conv2, relu2, pool2, conv3, relu3,"
                + " conv4, relu4, conv5, relu5, pool5, fc6, relu6, fc7, relu7, fc8 but was cut at"
                + " 'layer4'");
    assertThat(Vgg16.stack().layers())
        .hasSize(36)
        .startsWith("conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1")
        .endsWith("conv5_3", "relu5_3", "pool5", "fc6", "relu6", "fc7", "relu7", "fc8");
  }

  @Test
  void stacksCanBeTrained() throws IOException {
    try (TrainableBackbone backbone =
        Providers.backbones()
            .get("alexnet")
            .createTrainable(
                Options.of(Map.of("layer", "relu2", "seed", "1", "train-from", "conv2")))) {
      assertThat(backbone.parameters()).hasSize(2);
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(192, 8));
    }
  }

  @Test
  void fullyConnectedLayersSeeOneSize() throws IOException {
    try (Backbone backbone =
        Providers.backbones()
            .get("alexnet")
            .create(Options.of(Map.of("layer", "fc6", "seed", "1")))) {
      assertThat(backbone.extract(FormulaWeights.image(224, 224)))
          .hasToString("FeatureMap[4096,1,1]");
      assertThatThrownBy(() -> backbone.extract(FormulaWeights.image(190, 224)))
          .hasMessage("image of 224x190 is too small for the network: layer 'fc6' gets 6x4");
    }
  }

  @Test
  void theClassifierIsLeftOutWhereTheCutIsBeforeIt() throws IOException {
    LayerStack alexnet = AlexNet.stack();
    ComputationGraph graph = alexnet.create("relu1", 0);
    Map<String, Object> weights = FormulaWeights.stateDict(graph, alexnet);
    weights.put("classifier.6.weight", new Pickles.Tensor(List.of(1), new float[1]));
    weights.put("features.10.bias", new Pickles.Tensor(List.of(1), new float[1]));
    Path file = Pickles.save(directory.resolve("a.pth"), weights);
    TorchvisionWeights.load(graph, alexnet, file, true);
    assertThat(alexnet.shape("fc6", List.of(4096, 256, 6, 6))).containsExactly(4096, 9216);
    weights.put("features.1.bias", new Pickles.Tensor(List.of(1), new float[1]));
    Pickles.save(file, weights);
    assertThatThrownBy(() -> TorchvisionWeights.load(graph, alexnet, file, true))
        .hasMessage(
            "weights "
                + file
                + " must fit the network but lack [] and have unused [features.1.bias]");
  }
}
