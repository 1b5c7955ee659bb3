// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * VGG of 16 layers (configuration D) as a {@code ComputationGraph}.
 *
 * <p>Layers: {@code conv1_1 relu1_1 conv1_2 relu1_2 pool1}, …, {@code conv5_1 relu5_1 conv5_2
 * relu5_2 conv5_3 relu5_3 pool5 fc6 relu6 fc7 relu7 fc8}. Input {@code [N,3,H,W]}; {@code relu5_3}
 * has 512 channels and stride 16. {@code fc6} and what follows are convolutions over 7 x 7 cells of
 * {@code pool5}: an image of 224 x 224 gives them a map of one cell. Dropout, which inference has
 * none of, is left out.
 *
 * @see "K. Simonyan, A. Zisserman: Very deep convolutional networks for large-scale image
 *     recognition, ICLR 2015, arXiv:1409.1556"
 */
public final class Vgg16 {
  private Vgg16() {}

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
    LayerStack stack = new LayerStack("vgg16");
    int[] widths = {64, 128, 256, 512, 512};
    int index = 0;
    for (int block = 1; block <= widths.length; block++) {
      int convolutions = block <= 2 ? 2 : 3;
      for (int i = 1; i <= convolutions; i++) {
        stack.conv(block + "_" + i, "features." + index, widths[block - 1], 3, 1, 1);
        index += 2;
      }
      stack.pool(block, 2, 2);
      index++;
    }
    return stack
        .dense(6, "classifier.0", 4096, 7)
        .dense(7, "classifier.3", 4096, 1)
        .scores(8, "classifier.6", 1000);
  }
}
