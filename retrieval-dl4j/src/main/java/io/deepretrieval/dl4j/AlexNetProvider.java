// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.network.TorchvisionNetwork;

/**
 * The backbone {@code alexnet}.
 *
 * <p>Options: {@code weights} (a file of PyTorch, {@code .pth}, or a {@code .safetensors} file,
 * with the names of torchvision or cnnimageretrieval-pytorch; without it the weights are random,
 * which a warning says), {@code strict} (default {@code true}: the file has all parameters of the
 * network and no others, those behind the cut aside), {@code seed} of random weights, {@code layer}
 * (any layer of {@link io.deepretrieval.dl4j.network.AlexNet}; default {@code relu5}, the last map
 * before the last pooling), {@code preprocessing} (default {@code torch}), {@code threads}, {@code
 * concurrency}.
 */
public final class AlexNetProvider extends TorchvisionProvider {
  /** Makes a provider, for {@link java.util.ServiceLoader}. */
  public AlexNetProvider() {
    super(TorchvisionNetwork.alexNet());
  }
}
