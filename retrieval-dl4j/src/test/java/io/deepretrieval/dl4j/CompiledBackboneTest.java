// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static io.deepretrieval.dl4j.Networks.conv;
import static io.deepretrieval.dl4j.Networks.graph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import io.deepretrieval.dl4j.plan.NetworkOperation.Concat;
import io.deepretrieval.dl4j.plan.NetworkOperation.Convolution;
import io.deepretrieval.dl4j.plan.NetworkOperation.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkOperation.Pooling;
import io.deepretrieval.dl4j.plan.NetworkOperation.PoolingKind;
import io.deepretrieval.dl4j.plan.NetworkOperation.Sum;
import io.deepretrieval.dl4j.plan.NetworkOperation.ZeroPadding;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.impl.ActivationReLU;

/** A compiled network read back as plain operations. */
class CompiledBackboneTest {
  private static ComputationGraph network() {
    return graph(
        b ->
            b.addLayer("a", conv(3, 3, 8).padding(1, 1).build(), "in")
                .addLayer("r", new ActivationLayer.Builder(new ActivationReLU()).build(), "a")
                .addLayer("c", conv(1, 8, 8).build(), "r")
                .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "r")
                .addLayer("t", new ActivationLayer.Builder(new ActivationReLU()).build(), "s")
                .addLayer(
                    "p",
                    new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                        .kernelSize(3, 2)
                        .stride(2, 2)
                        .build(),
                    "t")
                .addVertex("m", new MergeVertex(), "p", "p")
                .addLayer("out", new ZeroPaddingLayer.Builder(1, 2, 3, 0).build(), "m"));
  }

  @Test
  void whatRunsFusedStandsByItself() {
    try (GraphBackbone backbone =
        GraphBackbone.builder("net", network(), "out", Preprocessing.TORCH).build()) {
      List<NetworkOperation> operations = backbone.operations();
      assertThat(operations)
          .extracting(NetworkOperation::name)
          .containsExactly("a", "a.relu", "c", "c.add", "c.relu", "p", "m", "out");
      assertThat(operations.get(1)).isEqualTo(new Elementwise("a.relu", 1, 8, Activation.RELU));
      assertThat(operations.get(3)).isEqualTo(new Sum("c.add", List.of(3, 2), 8));
      assertThat(operations.get(4)).isEqualTo(new Elementwise("c.relu", 4, 8, Activation.RELU));
      assertThat(operations.get(5))
          .isEqualTo(
              new Pooling(
                  "p",
                  5,
                  8,
                  PoolingKind.MEAN_EXCLUDING_PADDING,
                  false,
                  new Window(3, 2, 2, 2, 1, 1, false, 0, 0, 0, 0)));
      assertThat(operations.get(6)).isEqualTo(new Concat("m", List.of(6, 6), 16));
      assertThat(operations.get(7)).isEqualTo(new ZeroPadding("out", 7, 16, 1, 2, 3, 0));
      Convolution first = (Convolution) operations.get(0);
      assertThat(first.inputs()).containsExactly(0);
      assertThat(first.inputChannels()).isEqualTo(3);
      assertThat(first.window()).isEqualTo(new Window(3, 3, 1, 1, 1, 1, false, 1, 1, 1, 1));
      assertThat(((Convolution) operations.get(2)).inputs()).containsExactly(2);
      float[] kernel = first.kernel().get();
      assertThat(kernel).hasSize(8 * 3 * 3 * 3);
      kernel[0] += 1;
      assertThat(first.kernel().get()[0]).isEqualTo(kernel[0] - 1);
      assertThat(first.bias().get()).hasSize(8);
    }
  }

  @Test
  void aTrainedNetworkShowsTheWeightsThatItHasNow() {
    try (TrainableGraphBackbone backbone =
        new TrainableGraphBackbone("net", network(), Preprocessing.TORCH)) {
      Convolution first = (Convolution) backbone.operations().get(0);
      float[] values = new float[8];
      values[3] = 0.25f;
      backbone.parameters().get(1).set(values);
      assertThat(first.bias().get()).isEqualTo(values);
    }
  }

  @Test
  void aClosedOneShowsNothing() {
    GraphBackbone compiled =
        GraphBackbone.builder("net", network(), "out", Preprocessing.TORCH).build();
    compiled.close();
    assertThatThrownBy(compiled::operations)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backbone is closed: net");
    TrainableGraphBackbone trained =
        new TrainableGraphBackbone("net", network(), Preprocessing.TORCH);
    trained.close();
    assertThatThrownBy(trained::operations)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backbone is closed: net");
  }

  @Test
  void bothConvolutionsOfASeparableOneAreSaved(@TempDir Path directory) throws IOException {
    ComputationGraph graph =
        graph(
            b ->
                b.addLayer(
                    "out", new SeparableConvolution2D.Builder(3, 3).nIn(3).nOut(5).build(), "in"));
    Path file = directory.resolve("separable.network");
    NetworkFile.Content content =
        new NetworkFile.Content(
            "net", "out", Preprocessing.TORCH, GraphCompiler.compile(graph, "out"));
    NetworkFile.write(file, content, false);
    NetworkPlan read = NetworkFile.read(file).plan();
    assertThat(read.steps()).hasSize(2);
    for (int i = 0; i < 2; i++) {
      NetworkPlan.Conv before = (NetworkPlan.Conv) content.plan().steps().get(i);
      NetworkPlan.Conv after = (NetworkPlan.Conv) read.steps().get(i);
      assertThat(after.name()).isEqualTo(before.name());
      assertThat(after.weights().kernel()).isEqualTo(before.weights().kernel());
      assertThat(after.weights().bias()).isEqualTo(before.weights().bias());
    }
  }
}
