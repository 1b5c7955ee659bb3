// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A network that torchvision has weights of: its name, its layers and what files call them.
 * Immutable and thread-safe.
 */
public final class TorchvisionNetwork {
  private final String name;
  private final String defaultLayer;
  private final WeightNames weightNames;
  private final BiFunction<String, Long, ComputationGraph> create;

  private TorchvisionNetwork(
      String name,
      String defaultLayer,
      WeightNames weightNames,
      BiFunction<String, Long, ComputationGraph> create) {
    this.name = name;
    this.defaultLayer = defaultLayer;
    this.weightNames = weightNames;
    this.create = create;
  }

  /** AlexNet, which ends with the map before its last pooling. */
  public static TorchvisionNetwork alexNet() {
    return of("alexnet", "relu5", AlexNet.stack());
  }

  /** VGG16, which ends with the map before its last pooling. */
  public static TorchvisionNetwork vgg16() {
    return of("vgg16", "relu5_3", Vgg16.stack());
  }

  /**
   * A residual network, which ends with its last stage.
   *
   * @param depth 18, 34, 50, 101 or 152
   * @return the network
   */
  public static TorchvisionNetwork resNet(int depth) {
    String name = "resnet" + depth;
    return new TorchvisionNetwork(
        name,
        "layer4",
        WeightNames.resNet(),
        (layer, seed) -> {
          if (!layer.matches("layer[1-4]")) {
            throw new IllegalArgumentException(
                "backbone "
                    + name
                    + " must be cut at layer1, layer2, layer3 or layer4 but was cut at '"
                    + layer
                    + "'");
          }
          return ResNets.create(depth, layer.charAt(5) - '0', seed);
        });
  }

  private static TorchvisionNetwork of(String name, String defaultLayer, LayerStack stack) {
    return new TorchvisionNetwork(name, defaultLayer, stack, stack::create);
  }

  /** All such networks. */
  public static List<TorchvisionNetwork> all() {
    return Stream.concat(
            Stream.of(alexNet(), vgg16()),
            Stream.of(18, 34, 50, 101, 152).map(TorchvisionNetwork::resNet))
        .toList();
  }

  /** The name of the backbone. */
  public String name() {
    return name;
  }

  /** The layer that it ends with if no other is asked for. */
  public String defaultLayer() {
    return defaultLayer;
  }

  /** How files call its layers. */
  public WeightNames weightNames() {
    return weightNames;
  }

  /**
   * Builds the network with random weights.
   *
   * @param lastLayer the layer to cut behind
   * @param seed of the weights
   * @return a graph
   * @throws IllegalArgumentException if there is no such layer
   */
  public ComputationGraph graph(String lastLayer, long seed) {
    return create.apply(lastLayer, seed);
  }
}
