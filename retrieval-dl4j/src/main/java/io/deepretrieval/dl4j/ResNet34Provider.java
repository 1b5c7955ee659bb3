// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.network.TorchvisionNetwork;

/**
 * The backbone {@code resnet34}.
 *
 * <p>Options: {@code weights} (a file of PyTorch, {@code .pth}, or a {@code .safetensors} file,
 * with the names of torchvision, cnnimageretrieval-pytorch or deep-image-retrieval; without it the
 * weights are random, which a warning says), {@code strict} (default {@code true}: the file has all
 * parameters of the network and no others, those behind the cut aside), {@code seed} of random
 * weights, {@code layer} (the stage to cut behind, {@code layer1} to {@code layer4}, the default),
 * {@code preprocessing} (default {@code torch}), {@code threads}, {@code concurrency}.
 */
public final class ResNet34Provider extends TorchvisionProvider {
  /** Makes a provider, for {@link java.util.ServiceLoader}. */
  public ResNet34Provider() {
    super(TorchvisionNetwork.resNet(34));
  }
}
