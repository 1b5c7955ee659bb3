// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.network.TorchvisionNetwork;

/**
 * The backbone {@code vgg16}.
 *
 * <p>Options: {@code weights} (a file of PyTorch, {@code .pth}, or a {@code .safetensors} file,
 * with the names of torchvision or cnnimageretrieval-pytorch; without it the weights are random,
 * which a warning says), {@code strict} (default {@code true}: the file has all parameters of the
 * network and no others, those behind the cut aside), {@code seed} of random weights, {@code layer}
 * (any layer of {@link io.deepretrieval.dl4j.network.Vgg16}; default {@code relu5_3}, the last map
 * before the last pooling), {@code preprocessing} (default {@code torch}), {@code threads}, {@code
 * concurrency}.
 */
public final class Vgg16Provider extends TorchvisionProvider {
  /** Makes a provider, for {@link java.util.ServiceLoader}. */
  public Vgg16Provider() {
    super(TorchvisionNetwork.vgg16());
  }
}
