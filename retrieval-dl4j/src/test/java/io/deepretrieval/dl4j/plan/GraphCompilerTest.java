// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.plan;

import static io.deepretrieval.dl4j.Networks.assertParity;
import static io.deepretrieval.dl4j.Networks.conv;
import static io.deepretrieval.dl4j.Networks.graph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepretrieval.dl4j.Networks;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** Every kind of layer, alone and where it is fused, against Deeplearning4j. */
class GraphCompilerTest {
  private static Arguments net(String name, int steps, Consumer<GraphBuilder> vertices) {
    return Arguments.of(name, steps, vertices);
  }

  private static Consumer<GraphBuilder> one(org.deeplearning4j.nn.conf.layers.Layer layer) {
    return b -> b.addLayer("out", layer, "in");
  }

  private static ActivationLayer act(IActivation function) {
    return new ActivationLayer.Builder().activation(function).build();
  }

  private static SubsamplingLayer.Builder pool(SubsamplingLayer.PoolingType type) {
    return new SubsamplingLayer.Builder(type).kernelSize(3, 3).stride(2, 2);
  }

  static Stream<Arguments> layers() {
    SubsamplingLayer.PoolingType max = SubsamplingLayer.PoolingType.MAX;
    SubsamplingLayer.PoolingType avg = SubsamplingLayer.PoolingType.AVG;
    return Stream.of(
        net("1x1 convolution", 1, one(conv(1, 3, 8).build())),
        net("3x3 convolution without bias", 1, one(conv(3, 3, 5).hasBias(false).build())),
        net(
            "7x7 convolution, stride 2, padding 3",
            1,
            one(conv(7, 3, 16).stride(2, 2).padding(3, 3).build())),
        net(
            "3x5 convolution, stride 2x1, SAME",
            1,
            one(
                new org.deeplearning4j.nn.conf.layers.ConvolutionLayer.Builder(3, 5)
                    .nIn(3)
                    .nOut(6)
                    .stride(2, 1)
                    .activation(Activation.RELU)
                    .convolutionMode(ConvolutionMode.Same)
                    .build())),
        net("dilated convolution", 1, one(conv(3, 3, 4).dilation(2, 2).padding(2, 2).build())),
        net("convolution, stride 3, rows left unread", 1, one(conv(2, 3, 4).stride(3, 3).build())),
        net(
            "depthwise convolution, multiplier 2",
            1,
            one(
                new DepthwiseConvolution2D.Builder(3, 3)
                    .nIn(3)
                    .nOut(6)
                    .depthMultiplier(2)
                    .stride(2, 2)
                    .convolutionMode(ConvolutionMode.Same)
                    .activation(Activation.RELU6)
                    .build())),
        net(
            "separable convolution",
            2,
            one(
                new SeparableConvolution2D.Builder(3, 3)
                    .nIn(3)
                    .nOut(7)
                    .depthMultiplier(2)
                    .padding(1, 1)
                    .activation(Activation.IDENTITY)
                    .build())),
        net(
            "normalization behind a convolution",
            1,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("out", new BatchNormalization.Builder().nOut(8).build(), "c")),
        net(
            "normalization and relu behind a convolution",
            1,
            b ->
                b.addLayer("c", conv(3, 3, 8).hasBias(false).build(), "in")
                    .addLayer("n", new BatchNormalization.Builder().nOut(8).eps(1e-3).build(), "c")
                    .addLayer("out", act(new ActivationReLU()), "n")),
        net(
            "normalization behind a pooling",
            3,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("p", pool(max).build(), "c")
                    .addLayer("out", new BatchNormalization.Builder().nOut(8).build(), "p")),
        net(
            "normalization that ignores its activation",
            1,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer(
                        "out",
                        new BatchNormalization.Builder()
                            .nOut(8)
                            .activation(Activation.RELU)
                            .build(),
                        "c")),
        net(
            "normalization behind a convolution that is read twice",
            2,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("n", new BatchNormalization.Builder().nOut(8).build(), "c")
                    .addVertex("out", new ElementWiseVertex(ElementWiseVertex.Op.Add), "n", "c")),
        net(
            "normalization with fixed scale and shift",
            1,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer(
                        "out",
                        new BatchNormalization.Builder(1.5, 0.25, true).nOut(8).build(),
                        "c")),
        net(
            "normalization behind a depthwise convolution",
            1,
            b ->
                b.addLayer(
                        "c",
                        new DepthwiseConvolution2D.Builder(3, 3)
                            .nIn(3)
                            .nOut(3)
                            .hasBias(false)
                            .activation(Activation.IDENTITY)
                            .build(),
                        "in")
                    .addLayer("out", new BatchNormalization.Builder().nOut(3).build(), "c")),
        net("max pooling, padding 1", 2, convThen(pool(max).padding(1, 1).build())),
        net(
            "max pooling, SAME",
            2,
            convThen(pool(max).convolutionMode(ConvolutionMode.Same).build())),
        net("mean pooling", 2, convThen(pool(avg).build())),
        net(
            "mean pooling, SAME",
            2,
            convThen(pool(avg).stride(1, 1).convolutionMode(ConvolutionMode.Same).build())),
        net(
            "mean pooling that counts padding",
            2,
            convThen(pool(avg).padding(1, 1).avgPoolIncludePadInDivisor(true).build())),
        net(
            "zero padding into a convolution",
            1,
            b ->
                b.addLayer("z", new ZeroPaddingLayer.Builder(1, 2, 3, 0).build(), "in")
                    .addLayer("out", conv(3, 3, 8).stride(2, 2).build(), "z")),
        net(
            "zero padding alone",
            2,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("out", new ZeroPaddingLayer.Builder(1, 2, 3, 0).build(), "c")),
        net(
            "dropout is nothing",
            1,
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("d", new DropoutLayer.Builder(0.5).build(), "c")
                    .addLayer("out", act(new ActivationReLU()), "d")),
        net(
            "channels one behind the other",
            4,
            b ->
                b.addLayer("a", conv(3, 3, 5).padding(1, 1).build(), "in")
                    .addLayer("b", conv(1, 3, 8).build(), "in")
                    .addLayer("c", conv(5, 3, 3).padding(2, 2).build(), "in")
                    .addVertex("out", new MergeVertex(), "a", "b", "c")),
        net(
            "residual block",
            3,
            b ->
                b.addLayer(
                        "a", conv(3, 3, 8).padding(1, 1).activation(Activation.RELU).build(), "in")
                    .addLayer(
                        "b", conv(3, 8, 8).padding(1, 1).activation(Activation.RELU).build(), "a")
                    .addLayer("c", conv(1, 8, 8).build(), "b")
                    .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "a")
                    .addLayer("out", act(new ActivationReLU()), "s")),
        net(
            "sum with what the same convolution reads",
            2,
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addLayer("c", conv(1, 8, 8).build(), "a")
                    .addVertex("out", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "c")),
        net(
            "residual that is read again later",
            4,
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addLayer("c", conv(1, 8, 8).build(), "a")
                    .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "c")
                    .addLayer("d", conv(1, 8, 8).activation(Activation.TANH).build(), "s")
                    .addVertex("out", new MergeVertex(), "d", "a")),
        net(
            "sum of two activated convolutions",
            3,
            b ->
                b.addLayer("a", conv(3, 3, 8).activation(Activation.RELU).build(), "in")
                    .addLayer("c", conv(3, 3, 8).activation(Activation.RELU).build(), "in")
                    .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "c")
                    .addLayer("out", act(new ActivationReLU6()), "s")),
        net(
            "sum of three",
            4,
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("d", conv(3, 3, 8).build(), "in")
                    .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "c", "d")
                    .addLayer("out", act(new ActivationReLU()), "s")),
        net(
            "sum of a value with itself",
            2,
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addVertex("out", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "a")));
  }

  private static Consumer<GraphBuilder> convThen(org.deeplearning4j.nn.conf.layers.Layer layer) {
    return b -> b.addLayer("c", conv(3, 3, 8).build(), "in").addLayer("out", layer, "c");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void givesWhatDeeplearning4jGives(String name, int steps, Consumer<GraphBuilder> vertices) {
    ComputationGraph graph = graph(vertices);
    assertThat(GraphCompiler.compile(graph, "out").steps()).hasSize(steps);
    assertParity(graph, "out", 2, 23, 18);
    assertParity(graph, "out", 1, 16, 31);
  }

  static Stream<IActivation> activations() {
    return Stream.of(
        new ActivationIdentity(),
        new ActivationReLU(),
        new ActivationReLU(2.0, null, null),
        new ActivationReLU6(),
        new ActivationLReLU(0.2),
        new ActivationELU(0.7),
        new ActivationSigmoid(),
        new ActivationTanH(),
        new ActivationSwish());
  }

  @ParameterizedTest
  @MethodSource("activations")
  void fusesAnActivationIntoItsConvolution(IActivation function) {
    ComputationGraph graph =
        graph(
            b -> b.addLayer("c", conv(3, 3, 8).build(), "in").addLayer("out", act(function), "c"));
    assertThat(GraphCompiler.compile(graph, "out").steps()).hasSize(1);
    assertParity(graph, "out", 2, 9, 11);
  }

  @ParameterizedTest
  @MethodSource("activations")
  void appliesAnActivationThatCannotBeFused(IActivation function) {
    ComputationGraph graph =
        graph(
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("p", pool(SubsamplingLayer.PoolingType.AVG).build(), "c")
                    .addLayer("out", act(function), "p"));
    assertParity(graph, "out", 2, 9, 11);
  }

  /** The input may have whole blocks of channels, but does not lie in them. */
  @Test
  void addsTheInputToWhatComesOfIt() {
    ComputationGraph graph =
        Networks.graph(
            g ->
                g.addLayer("a", Networks.conv(1, 8, 8).build(), "in")
                    .addLayer("c", Networks.conv(1, 8, 8).build(), "a")
                    .addVertex("out", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "in"));
    Networks.assertParity(graph, "out", 1, 9, 7);
  }

  @Test
  void cutsAtAnInnerLayerWhoseResultIsReadFurtherOn() {
    ComputationGraph graph =
        graph(
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("r", act(new ActivationReLU()), "c")
                    .addLayer("out", conv(3, 8, 4).build(), "r"));
    assertParity(graph, "c", 1, 12, 9);
    assertParity(graph, "r", 1, 12, 9);
  }

  @Test
  void unknownLayerListsTheKnownOnes() {
    ComputationGraph graph = graph(one(conv(3, 3, 8).build()));
    assertThatThrownBy(() -> GraphCompiler.compile(graph, "fc"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown layer 'fc'; known: out");
  }

  @Test
  void layerThatCannotBeCompiledIsNamed() {
    ComputationGraph graph =
        graph(
            b ->
                b.addLayer("c", conv(3, 3, 8).build(), "in")
                    .addLayer("out", new LocalResponseNormalization.Builder().build(), "c"));
    assertThatThrownBy(() -> GraphCompiler.compile(graph, "out"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "layer 'out' of type LocalResponseNormalization cannot be compiled; supported:"
                + " Convolution2D, ");
  }

  @Test
  void vertexThatCannotBeCompiledIsNamed() {
    for (ElementWiseVertex.Op op :
        List.of(ElementWiseVertex.Op.Max, ElementWiseVertex.Op.Product)) {
      ComputationGraph graph =
          graph(
              b ->
                  b.addLayer("a", conv(3, 3, 8).build(), "in")
                      .addLayer("c", conv(3, 3, 8).build(), "in")
                      .addVertex("out", new ElementWiseVertex(op), "a", "c"));
      assertThatThrownBy(() -> GraphCompiler.compile(graph, "out"))
          .hasMessageStartingWith(
              "layer 'out' of type ElementWiseVertex cannot be compiled; supported: ");
    }
    ComputationGraph normalized =
        graph(
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addVertex("out", new L2NormalizeVertex(), "a"));
    assertThatThrownBy(() -> GraphCompiler.compile(normalized, "out"))
        .hasMessageStartingWith("layer 'out' of type L2NormalizeVertex cannot be compiled");
    ComputationGraph upsampled =
        graph(
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addLayer("out", new Upsampling2D.Builder(2).build(), "a"));
    assertThatThrownBy(() -> GraphCompiler.compile(upsampled, "out"))
        .hasMessageStartingWith("layer 'out' of type Upsampling2D cannot be compiled");
    ComputationGraph pnorm =
        graph(
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addLayer(
                        "out",
                        new SubsamplingLayer.Builder(PoolingType.PNORM).pnorm(2).build(),
                        "a"));
    assertThatThrownBy(() -> GraphCompiler.compile(pnorm, "out"))
        .hasMessageStartingWith("layer 'out' of type pooling PNORM cannot be compiled");
    ComputationGraph dilated =
        graph(
            b ->
                b.addLayer("a", conv(3, 3, 8).build(), "in")
                    .addLayer(
                        "out",
                        new SubsamplingLayer.Builder(PoolingType.MAX).dilation(2, 1).build(),
                        "a"));
    assertThatThrownBy(() -> GraphCompiler.compile(dilated, "out"))
        .hasMessageStartingWith("layer 'out' of type pooling of dilation 2x1 cannot be compiled");
  }
}
