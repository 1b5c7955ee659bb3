// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.weights.TorchvisionWeights;
import io.deepretrieval.spi.BackboneProvider;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.Providers;
import io.deepretrieval.testkit.Randoms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GraphBackboneTest {
  @TempDir Path directory;

  private static BackboneProvider provider(String name) {
    return Providers.backbones().get(name);
  }

  @Test
  void preprocessesBytesAsTheFormulaSays() {
    ComputationGraph identity =
        Networks.graph(b -> b.addLayer("out", Networks.conv(1, 3, 3).hasBias(false).build(), "in"));
    INDArray kernel = identity.getLayer("out").getParam("W");
    kernel.assign(Nd4j.eye(3).reshape(3, 3, 1, 1));
    RgbImage pixel = RgbImage.ofPacked(1, 1, new int[] {0xFF8000});
    try (Backbone torch =
            GraphBackbone.builder("id", identity, "out", Preprocessing.TORCH).build();
        Backbone caffe = GraphBackbone.builder("id", identity, "out", Preprocessing.CAFFE).build();
        Backbone tf =
            GraphBackbone.builder("id", identity, "out", Preprocessing.MINUS_ONE_TO_ONE).build()) {
      FeatureMap map = torch.extract(pixel);
      assertThat(map.at(0, 0, 0)).isEqualTo((float) ((1 - 0.485) / 0.229));
      assertThat(map.at(1, 0, 0)).isEqualTo((float) ((128 / 255.0 - 0.456) / 0.224));
      assertThat(map.at(2, 0, 0)).isEqualTo((float) ((0 - 0.406) / 0.225));
      map = caffe.extract(pixel);
      assertThat(map.at(0, 0, 0)).isEqualTo((float) (0 - 103.939));
      assertThat(map.at(1, 0, 0)).isEqualTo((float) (128 - 116.779));
      assertThat(map.at(2, 0, 0)).isEqualTo((float) (255 - 123.68));
      map = tf.extract(pixel);
      assertThat(map.at(0, 0, 0)).isEqualTo(1f);
      assertThat(map.at(2, 0, 0)).isEqualTo(-1f);
    }
  }

  @Test
  void knowsItsChannelsAndStride() throws IOException {
    try (Backbone backbone =
        provider("resnet50").create(Options.of(Map.of("layer", "layer3", "seed", "4")))) {
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(1024, 16));
      assertThat(backbone.spec().layer()).isEqualTo("layer3");
      assertThat(backbone.spec().name()).isEqualTo("resnet50");
      FeatureMap map = backbone.extract(Randoms.ofSeed(1).image(65, 33));
      assertThat(map).hasToString("FeatureMap[1024,3,5]");
    }
  }

  @Test
  void sameSeedGivesSameWeightsAndAnotherSeedOthers() throws IOException {
    Options first = Options.of(Map.of("layer", "layer1", "seed", "4"));
    try (Backbone a = provider("resnet18").create(first);
        Backbone b = provider("resnet18").create(first);
        Backbone c = provider("resnet18").create(first.with("seed", "5"))) {
      assertThat(a.spec()).isEqualTo(b.spec());
      assertThat(a.spec().weightsSha256()).isNotEqualTo(c.spec().weightsSha256());
    }
  }

  @Test
  void randomFeaturesKeepTheirMagnitudeThroughTheNetwork() throws IOException {
    RgbImage image = Randoms.ofSeed(1).image(96, 96);
    for (String name : new String[] {"resnet18", "resnet50"}) {
      try (Backbone backbone = provider(name).create(Options.of(Map.of("seed", "1")))) {
        float[] values = backbone.extract(image).sharedValues();
        double square = 0;
        for (float v : values) {
          assertThat(v).isFinite();
          square += v * v;
        }
        assertThat(Math.sqrt(square / values.length)).isBetween(1e-3, 1e5);
      }
    }
  }

  @Test
  void savedWeightsAreReadBackBitForBit() throws IOException {
    Path file = directory.resolve("net.safetensors");
    ComputationGraph graph = ResNets.create(18, 2, 9);
    TorchvisionWeights.save(graph, file);
    RgbImage image = Randoms.ofSeed(3).image(40, 56);
    try (Backbone saved =
            provider("resnet18")
                .create(Options.of(Map.of("weights", file.toString(), "layer", "layer2")));
        Backbone original =
            GraphBackbone.builder("resnet18", graph, "layer2", Preprocessing.TORCH).build()) {
      assertThat(saved.spec()).isEqualTo(original.spec());
      assertThat(saved.extract(image)).isEqualTo(original.extract(image));
    }
  }

  @Test
  void imageTooSmallForTheNetworkIsNamedWithItsLayer() {
    ComputationGraph graph =
        Networks.graph(b -> b.addLayer("out", Networks.conv(9, 3, 4).build(), "in"));
    try (Backbone backbone =
        GraphBackbone.builder("big-window", graph, "out", Preprocessing.UNIT).build()) {
      assertThatThrownBy(() -> backbone.extract(Randoms.ofSeed(1).image(8, 9)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("image of 8x9 is too small for the network: layer 'out' gets 8x9");
    }
  }

  @Test
  void closedBackboneSaysSo() throws IOException {
    Backbone backbone =
        provider("resnet18").create(Options.of(Map.of("layer", "layer1", "seed", "1")));
    backbone.close();
    backbone.close();
    assertThatThrownBy(() -> backbone.extract(Randoms.ofSeed(1).image(64, 64)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backbone is closed: resnet18");
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> provider("resnet18").create(Options.of(Map.of("layer", "conv1"))))
        .hasMessage(
            "backbone resnet18 must be cut at layer1, layer2, layer3 or layer4 but was cut at"
                + " 'conv1'");
    assertThatThrownBy(() -> provider("resnet18").create(Options.of(Map.of("pooling", "gem"))))
        .hasMessage(
            "backbone resnet18 has no option 'pooling'; known: concurrency, layer, preprocessing,"
                + " seed, strict, threads, weights");
    assertThatThrownBy(
            () -> provider("resnet18").create(Options.of(Map.of("weights", "x", "seed", "1"))))
        .hasMessage("backbone resnet18 must have one of weights and seed but has both");
    assertThatThrownBy(() -> provider("keras").create(Options.NONE))
        .hasMessage("backbone keras must have the option weights");
    assertThatThrownBy(
            () -> provider("resnet18").create(Options.of(Map.of("preprocessing", "mean"))))
        .hasMessage("unknown preprocessing 'mean'; known: caffe, tf, torch, unit");
    assertThatThrownBy(() -> provider("resnet19"))
        .hasMessage(
            "unknown backbone 'resnet19'; known: alexnet, keras, resnet101, resnet152, resnet18,"
                + " resnet34, resnet50, trained, vgg16");
    assertThatThrownBy(() -> ResNets.create(19, 4, 0))
        .hasMessage("ResNet depth must be one of 18, 34, 50, 101, 152 but was 19");
    assertThatThrownBy(() -> ResNets.create(18, 5, 0))
        .hasMessage("ResNet stage must be 1 to 4 but was 5");
    GraphBackbone.Builder builder =
        GraphBackbone.builder("resnet18", ResNets.create(18, 1, 0), "layer1", Preprocessing.TORCH);
    assertThatThrownBy(() -> builder.concurrency(0))
        .hasMessage("concurrency must be at least 1 but was 0");
    assertThatThrownBy(() -> builder.threads(-1))
        .hasMessage("threads must be at least 0 but were -1");
  }

  @Test
  void filesThatAreNotKerasAreNamed() throws IOException {
    Path absent = directory.resolve("absent.h5");
    assertThatThrownBy(
            () -> provider("keras").create(Options.of(Map.of("weights", absent.toString()))))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent.h5");
    Path text = Files.writeString(directory.resolve("text.h5"), "no network");
    assertThatThrownBy(
            () -> provider("keras").create(Options.of(Map.of("weights", text.toString()))))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read weights "
                + text
                + " (keras): it must be an HDF5 file but begins otherwise");
  }
}
