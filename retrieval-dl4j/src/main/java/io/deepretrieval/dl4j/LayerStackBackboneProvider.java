// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.network.AlexNet;
import io.deepretrieval.dl4j.network.LayerStack;
import io.deepretrieval.dl4j.network.Vgg16;
import io.deepretrieval.dl4j.network.WeightNames;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The backbones {@code alexnet} and {@code vgg16}.
 *
 * <p>Options: {@code weights} (a file of PyTorch, {@code .pth}, or a {@code .safetensors} file,
 * with the names of torchvision or cnnimageretrieval-pytorch; without it the weights are random,
 * which a warning says), {@code strict} (default {@code true}: the file has all parameters of the
 * network and no others, those behind the cut aside), {@code seed} of random weights, {@code layer}
 * (any layer of {@link AlexNet} or {@link Vgg16}; default {@code relu5} or {@code relu5_3}, the
 * last map before the last pooling), {@code preprocessing} (default {@code torch}), {@code
 * threads}, {@code concurrency}.
 */
public abstract sealed class LayerStackBackboneProvider extends TorchvisionProvider {
  private final LayerStack stack;

  private LayerStackBackboneProvider(String name, String defaultLayer, LayerStack stack) {
    super(name, defaultLayer);
    this.stack = stack;
  }

  @Override
  public final ComputationGraph graph(String lastLayer, long seed) {
    return stack.create(lastLayer, seed);
  }

  @Override
  public final WeightNames weightNames() {
    return stack;
  }

  /** {@code alexnet}. */
  public static final class Alex extends LayerStackBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Alex() {
      super("alexnet", "relu5", AlexNet.stack());
    }
  }

  /** {@code vgg16}. */
  public static final class Vgg extends LayerStackBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Vgg() {
      super("vgg16", "relu5_3", Vgg16.stack());
    }
  }
}
