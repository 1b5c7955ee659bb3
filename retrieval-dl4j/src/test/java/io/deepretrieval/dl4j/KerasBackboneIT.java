// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Backbone;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.spi.Options;
import java.io.IOException;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;

/** Real Keras files; skipped where they are not at hand. */
class KerasBackboneIT {
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
