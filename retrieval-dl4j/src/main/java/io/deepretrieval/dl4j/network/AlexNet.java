// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * AlexNet as a {@code ComputationGraph}, in the form of one tower that torchvision has.
 *
 * <p>Layers: {@code conv1 relu1 pool1 conv2 relu2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5
 * fc6 relu6 fc7 relu7 fc8}. Input {@code [N,3,H,W]}; {@code relu5} has 256 channels and stride 16.
 * {@code fc6} and what follows are convolutions over 6 x 6 cells of {@code pool5}: an image of 224
 * x 224 gives them a map of one cell, the neural codes. Dropout, which inference has none of, is
 * left out.
 *
 * @see "A. Krizhevsky: One weird trick for parallelizing convolutional neural networks, 2014,
 *     arXiv:1404.5997"
 */
public final class AlexNet {
  private AlexNet() {}

  /**
   * Builds the network with seeded random weights (He initialization).
   *
   * @param lastLayer the layer to end with
   * @param seed of the weights
   * @return an initialized graph with the one output {@code lastLayer}
   * @throws IllegalArgumentException if there is no such layer; the message lists them
   */
  public static ComputationGraph create(String lastLayer, long seed) {
    return stack().create(lastLayer, seed);
  }

  /**
   * Returns the layers of the network, which also know what torchvision calls them.
   *
   * @return a new stack of all layers, without weights
   */
  public static LayerStack stack() {
    return new LayerStack("alexnet")
        .conv("1", "features.0", 64, 11, 4, 2)
        .pool(1, 3, 2)
        .conv("2", "features.3", 192, 5, 1, 2)
        .pool(2, 3, 2)
        .conv("3", "features.6", 384, 3, 1, 1)
        .conv("4", "features.8", 256, 3, 1, 1)
        .conv("5", "features.10", 256, 3, 1, 1)
        .pool(5, 3, 2)
        .dense(6, "classifier.1", 4096, 6)
        .dense(7, "classifier.4", 4096, 1)
        .scores(8, "classifier.6", 1000);
  }
}
