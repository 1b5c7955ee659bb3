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

  /**
   * Returns AlexNet, which ends with the map before its last pooling.
   *
   * @return the network {@code alexnet}
   */
  public static TorchvisionNetwork alexNet() {
    return of("alexnet", "relu5", AlexNet.stack());
  }

  /**
   * Returns VGG16, which ends with the map before its last pooling.
   *
   * @return the network {@code vgg16}
   */
  public static TorchvisionNetwork vgg16() {
    return of("vgg16", "relu5_3", Vgg16.stack());
  }

  /**
   * Returns a residual network, which ends with its last stage.
   *
   * @param depth 18, 34, 50, 101 or 152; any other is refused by {@link #graph}
   * @return the network {@code resnet<depth>}
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

  /**
   * Returns all such networks.
   *
   * @return AlexNet, VGG16 and the ResNets from 18 to 152 layers
   */
  public static List<TorchvisionNetwork> all() {
    return Stream.concat(
            Stream.of(alexNet(), vgg16()),
            Stream.of(18, 34, 50, 101, 152).map(TorchvisionNetwork::resNet))
        .toList();
  }

  /**
   * Returns the name of the backbone.
   *
   * @return for instance {@code resnet50}
   */
  public String name() {
    return name;
  }

  /**
   * Returns the layer that it ends with if no other is asked for.
   *
   * @return a name that {@link #graph} takes
   */
  public String defaultLayer() {
    return defaultLayer;
  }

  /**
   * Returns the names that files of weights have for its layers.
   *
   * @return names for each convolution of its graphs
   */
  public WeightNames weightNames() {
    return weightNames;
  }

  /**
   * Builds the network with seeded random weights (He initialization).
   *
   * @param lastLayer the layer to cut behind
   * @param seed of the weights
   * @return an initialized graph with the one output {@code lastLayer}
   * @throws IllegalArgumentException if there is no such layer or depth; the message lists those
   *     there are
   * @throws IllegalStateException if no backend of ND4J can start
   */
  public ComputationGraph graph(String lastLayer, long seed) {
    return create.apply(lastLayer, seed);
  }
}
