// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.Backbone;
import io.deepretrieval.dl4j.checkpoint.RetrievalCheckpoint;
import io.deepretrieval.dl4j.network.AlexNet;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.network.Vgg16;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import java.util.List;

/**
 * A backbone that was compiled from a network and can say what it computes, for code that writes it
 * down in another format.
 *
 * <p>The backbones of {@link ResNets}, {@link AlexNet}, {@link Vgg16}, Keras files, {@link
 * NetworkBackbones} and {@link RetrievalCheckpoint} are all of this kind.
 */
public sealed interface CompiledBackbone extends Backbone
    permits GraphBackbone, TrainableGraphBackbone {
  /**
   * Returns the operations from the image to the map. Value 0 is the image, {@code [N,3,H,W]} after
   * the preprocessing of {@link #spec}; operation i makes value i + 1; the last value is the map.
   * Each reads only values made before it. Normalization is part of the convolutions; residual sums
   * and activations stand by themselves, whatever runs fused.
   *
   * <p>Cost: none of the weights are read before {@link NetworkOperation.Convolution#kernel} is
   * asked. Thread-safe; weights that are asked for during a training step may be half updated.
   *
   * @return the operations, at any size of the image
   * @throws IllegalStateException if the backbone is closed
   */
  List<NetworkOperation> operations();
}
