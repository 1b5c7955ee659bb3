// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import io.deepretrieval.dl4j.engine.Nd4jBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A network of layers one behind the other, with the name that torchvision has for each. A fully
 * connected layer is a convolution over the whole map of the size that it was trained for.
 */
public final class LayerStack implements WeightNames {
  private static final String DENSE = "classifier.";

  private final String network;
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private final Map<String, String> stored = new LinkedHashMap<>();
  private int channels = 3;

  LayerStack(String network) {
    this.network = network;
  }

  /** Adds convN and reluN. */
  LayerStack conv(String number, String name, int out, int kernel, int stride, int padding) {
    return weighted("conv" + number, "relu" + number, name, out, kernel, stride, padding);
  }

  /** Adds fcN and reluN over a map of so many rows and columns. */
  LayerStack dense(int number, String name, int out, int size) {
    return weighted("fc" + number, "relu" + number, name, out, size, 1, 0);
  }

  /** Adds fcN that gives scores of classes, which have no ReLU. */
  LayerStack scores(int number, String name, int out) {
    weighted("fc" + number, "relu" + number, name, out, 1, 1, 0);
    layers.remove("relu" + number);
    return this;
  }

  private LayerStack weighted(
      String layer, String relu, String name, int out, int kernel, int stride, int padding) {
    stored.put(layer, name);
    layers.put(
        layer,
        new ConvolutionLayer.Builder(kernel, kernel)
            .stride(stride, stride)
            .padding(padding, padding)
            .nIn(channels)
            .nOut(out)
            .hasBias(true)
            .activation(Activation.IDENTITY)
            .build());
    layers.put(relu, new ActivationLayer.Builder().activation(Activation.RELU).build());
    channels = out;
    return this;
  }

  /** Adds poolN, a maximum. */
  LayerStack pool(int number, int kernel, int stride) {
    layers.put(
        "pool" + number,
        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
            .kernelSize(kernel, kernel)
            .stride(stride, stride)
            .build());
    return this;
  }

  /**
   * Returns the names of all layers.
   *
   * @return names in the order of the network, each of which {@link #create} can cut behind
   */
  public List<String> layers() {
    return List.copyOf(layers.keySet());
  }

  /**
   * Builds the network up to a layer with seeded random weights (He initialization).
   *
   * @param lastLayer the layer to end with
   * @param seed of the weights
   * @return an initialized graph with the input {@code [N,3,H,W]} and the one output {@code
   *     lastLayer}
   * @throws IllegalArgumentException if there is no such layer; the message lists them
   * @throws IllegalStateException if no backend of ND4J can start
   */
  public ComputationGraph create(String lastLayer, long seed) {
    if (!layers.containsKey(lastLayer)) {
      throw new IllegalArgumentException(
          network
              + " must be cut at one of "
              + String.join(", ", layers.keySet())
              + " but was cut at '"
              + lastLayer
              + "'");
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
    String at = "input";
    for (String name : new ArrayList<>(layers.keySet())) {
      builder.addLayer(name, Objects.requireNonNull(layers.get(name)).clone(), at);
      at = name;
      if (name.equals(lastLayer)) {
        break;
      }
    }
    ComputationGraph graph = new ComputationGraph(builder.setOutputs(at).build());
    graph.init();
    return graph;
  }

  @Override
  public String convolution(String layer) {
    return Objects.requireNonNull(stored.get(layer), layer);
  }

  @Override
  public Optional<String> normalization(String layer) {
    return Optional.empty();
  }

  @Override
  public List<Integer> shape(String layer, List<Integer> kernel) {
    return convolution(layer).startsWith(DENSE)
        ? List.of(kernel.get(0), kernel.get(1) * kernel.get(2) * kernel.get(3))
        : kernel;
  }

  @Override
  public String canonical(String name) {
    return name;
  }

  @Override
  public boolean isBeyond(ComputationGraph graph, String name) {
    return stored.entrySet().stream()
        .anyMatch(
            e ->
                name.matches(e.getValue().replace(".", "\\.") + "\\.(weight|bias)")
                    && !graph.getConfiguration().getVertices().containsKey(e.getKey()));
  }
}
