// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import io.deepretrieval.dl4j.engine.Nd4jBackend;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * Residual networks of 18, 34, 50, 101 and 152 layers as {@code ComputationGraph}s, in the form
 * called v1.5: a bottleneck strides in its 3x3 convolution, as torchvision's do.
 *
 * <p>Normalization is folded: each convolution has a bias, and the frozen statistics, scale and
 * shift of the published weights go into kernel and bias when they are loaded. A folded network
 * computes the same function; training it with frozen statistics is training kernel and bias.
 *
 * <p>Vertices bear the names of torchvision: {@code conv1}, {@code maxpool}, {@code
 * layer1.0.conv1}, …; the end of a block is {@code layer1.0}, the end of a stage {@code layer1}.
 * Input {@code [N,3,H,W]}; strides 4, 8, 16 and 32 at the ends of the stages.
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">K. He, X. Zhang, S. Ren, J. Sun, Deep residual
 *     learning for image recognition, CVPR 2016</a>
 */
public final class ResNets {
  private static final Map<Integer, List<Integer>> BLOCKS =
      Map.of(
          18, List.of(2, 2, 2, 2),
          34, List.of(3, 4, 6, 3),
          50, List.of(3, 4, 6, 3),
          101, List.of(3, 4, 23, 3),
          152, List.of(3, 8, 36, 3));

  private ResNets() {}

  /**
   * Builds the convolutional part of a network with seeded random weights (He initialization).
   *
   * @param depth 18, 34, 50, 101 or 152
   * @param lastStage the stage to end with, 1 to 4
   * @param seed of the weights
   * @return an initialized graph with the one output {@code layer<lastStage>}
   * @throws IllegalArgumentException if there is no such network or stage
   */
  public static ComputationGraph create(int depth, int lastStage, long seed) {
    List<Integer> blocks = BLOCKS.get(depth);
    if (blocks == null) {
      throw new IllegalArgumentException(
          "ResNet depth must be one of 18, 34, 50, 101, 152 but was " + depth);
    }
    if (lastStage < 1 || lastStage > 4) {
      throw new IllegalArgumentException("ResNet stage must be 1 to 4 but was " + lastStage);
    }
    Nd4jBackend.require();
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(seed)
            .updater(new NoOp())
            .weightInit(WeightInit.RELU)
            .biasInit(0)
            .convolutionMode(ConvolutionMode.Truncate)
            .graphBuilder()
            .addInputs("input");
    conv(builder, "conv1", "input", 3, 64, 7, 2, 3);
    relu(builder, "relu", "conv1");
    builder.addLayer(
        "maxpool",
        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
            .kernelSize(3, 3)
            .stride(2, 2)
            .padding(1, 1)
            .build(),
        "relu");
    boolean bottleneck = depth >= 50;
    String at = "maxpool";
    int channels = 64;
    for (int stage = 1; stage <= lastStage; stage++) {
      int width = 32 << stage;
      int count = blocks.get(stage - 1);
      for (int block = 0; block < count; block++) {
        int stride = stage > 1 && block == 0 ? 2 : 1;
        String name = "layer" + stage + "." + block;
        String out = block == count - 1 ? "layer" + stage : name;
        int outChannels = bottleneck ? 4 * width : width;
        String branch;
        if (bottleneck) {
          conv(builder, name + ".conv1", at, channels, width, 1, 1, 0);
          relu(builder, name + ".relu1", name + ".conv1");
          conv(builder, name + ".conv2", name + ".relu1", width, width, 3, stride, 1);
          relu(builder, name + ".relu2", name + ".conv2");
          branch = name + ".conv3";
          conv(builder, branch, name + ".relu2", width, outChannels, 1, 1, 0);
        } else {
          conv(builder, name + ".conv1", at, channels, width, 3, stride, 1);
          relu(builder, name + ".relu1", name + ".conv1");
          branch = name + ".conv2";
          conv(builder, branch, name + ".relu1", width, width, 3, 1, 1);
        }
        String shortcut = at;
        if (stride != 1 || channels != outChannels) {
          shortcut = name + ".downsample.0";
          conv(builder, shortcut, at, channels, outChannels, 1, stride, 0);
        }
        builder.addVertex(
            name + ".add", new ElementWiseVertex(ElementWiseVertex.Op.Add), branch, shortcut);
        relu(builder, out, name + ".add");
        at = out;
        channels = outChannels;
      }
    }
    ComputationGraph graph = new ComputationGraph(builder.setOutputs(at).build());
    graph.init();
    return graph;
  }

  /**
   * Returns the channels at the end of a stage.
   *
   * @param depth 18, 34, 50, 101 or 152
   * @param stage 1 to 4
   * @return 64 to 512, or 256 to 2048 for 50 layers and more
   */
  public static int channels(int depth, int stage) {
    return (32 << stage) * (depth >= 50 ? 4 : 1);
  }

  private static void conv(
      GraphBuilder builder,
      String name,
      String input,
      int in,
      int out,
      int kernel,
      int stride,
      int padding) {
    builder.addLayer(
        name,
        new ConvolutionLayer.Builder(kernel, kernel)
            .stride(stride, stride)
            .padding(padding, padding)
            .nIn(in)
            .nOut(out)
            .hasBias(true)
            .activation(Activation.IDENTITY)
            .build(),
        input);
  }

  private static void relu(GraphBuilder builder, String name, String input) {
    builder.addLayer(
        name, new ActivationLayer.Builder().activation(Activation.RELU).build(), input);
  }
}
