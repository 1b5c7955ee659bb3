// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.dl4j.Networks;
import io.deepretrieval.dl4j.ParityCases;
import io.deepretrieval.dl4j.TorchPeer;
import io.deepretrieval.spi.Options;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real Keras files; skipped where they are not at hand. */
class KerasBackboneIT {
  @TempDir Path directory;

  @Test
  void mobileNetGivesWhatDeeplearning4jGives() throws IOException {
    ComputationGraph graph =
        KerasNetworks.read(SharedFiles.require("weights/mobilenet_v2_notop.h5"));
    Networks.assertParity(graph, "out_relu", 1, 97, 129);
    Networks.assertParity(graph, "block_13_expand_relu", 2, 64, 81);
    Networks.assertParity(graph, "block_10_project_BN", 1, 97, 97);
    Networks.assertParity(graph, "block_12_add", 1, 97, 97);
  }

  @Test
  void inceptionGivesWhatDeeplearning4jGives() throws IOException {
    ComputationGraph graph =
        KerasNetworks.read(SharedFiles.require("weights/inception_v3_mixed7.h5"));
    Networks.assertParity(graph, "mixed7", 1, 111, 150);
    Networks.assertParity(graph, "mixed2", 1, 90, 83);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenet_v2_notop.h5", "inception_v3_mixed7.h5"})
  void givesTheSamplesOfTorch(String name) throws IOException {
    KerasNetworksTest.assertGolden(name, SharedFiles.require("weights/" + name));
  }

  @ParameterizedTest
  @CsvSource({
    "mobilenet_v2_notop.h5, block_13_expand_relu, out_relu",
    "inception_v3_mixed7.h5, mixed2, mixed7"
  })
  void givesTheMapsOfTorch(String name, String first, String last) throws IOException {
    Path file = SharedFiles.require("weights/" + name);
    Path out = directory.resolve("out.pth");
    TorchPeer.run(
        directory.resolve("log"), "keras_files.py", file.toString(), out.toString(), first, last);
    ParityCases cases = ParityCases.read(out);
    assertThat(cases.layers()).containsExactlyInAnyOrder(first, last);
    for (String layer : cases.layers()) {
      try (Backbone backbone =
          new KerasBackboneProvider()
              .create(Options.of(Map.of("weights", file.toString(), "layer", layer)))) {
        cases.compare(name, layer, backbone);
      }
    }
  }

  @Test
  void providerKnowsChannelsAndStride() throws IOException {
    String file = SharedFiles.require("weights/mobilenet_v2_notop.h5").toString();
    try (Backbone backbone =
        new KerasBackboneProvider()
            .create(Options.of(Map.of("weights", file, "layer", "block_13_expand_relu")))) {
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(576, 16));
    }
    try (Backbone backbone =
        new KerasBackboneProvider().create(Options.of(Map.of("weights", file)))) {
      assertThat(backbone.spec().output()).isEqualTo(new FeatureSpec(1280, 32));
      assertThat(backbone.spec().layer()).isEqualTo("out_relu");
    }
    assertThatThrownBy(
            () ->
                new KerasBackboneProvider()
                    .create(Options.of(Map.of("weights", file, "layer", "conv99"))))
        .hasMessageStartingWith("unknown layer 'conv99'; known: Conv1_pad, Conv1, bn_Conv1, ");
  }
}
