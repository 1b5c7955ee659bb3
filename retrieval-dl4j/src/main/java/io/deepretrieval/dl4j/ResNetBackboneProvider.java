// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.network.WeightNames;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The backbones {@code resnet18} to {@code resnet152}.
 *
 * <p>Options: {@code weights} (a file of PyTorch, {@code .pth}, or a {@code .safetensors} file,
 * with the names of torchvision, cnnimageretrieval-pytorch or deep-image-retrieval; without it the
 * weights are random, which a warning says), {@code strict} (default {@code true}: the file has all
 * parameters of the network and no others, those behind the cut aside), {@code seed} of random
 * weights, {@code layer} (the stage to cut behind, {@code layer1} to {@code layer4}, the default),
 * {@code preprocessing} (default {@code torch}), {@code threads}, {@code concurrency}.
 */
public abstract sealed class ResNetBackboneProvider extends TorchvisionProvider {
  private final int depth;

  private ResNetBackboneProvider(int depth) {
    super("resnet" + depth, "layer4");
    this.depth = depth;
  }

  @Override
  public final ComputationGraph graph(String lastLayer, long seed) {
    if (!lastLayer.matches("layer[1-4]")) {
      throw new IllegalArgumentException(
          "backbone "
              + name()
              + " must be cut at layer1, layer2, layer3 or layer4 but was cut at '"
              + lastLayer
              + "'");
    }
    return ResNets.create(depth, lastLayer.charAt(5) - '0', seed);
  }

  @Override
  public final WeightNames weightNames() {
    return WeightNames.resNet();
  }

  /** {@code resnet18}. */
  public static final class Depth18 extends ResNetBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Depth18() {
      super(18);
    }
  }

  /** {@code resnet34}. */
  public static final class Depth34 extends ResNetBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Depth34() {
      super(34);
    }
  }

  /** {@code resnet50}. */
  public static final class Depth50 extends ResNetBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Depth50() {
      super(50);
    }
  }

  /** {@code resnet101}. */
  public static final class Depth101 extends ResNetBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Depth101() {
      super(101);
    }
  }

  /** {@code resnet152}. */
  public static final class Depth152 extends ResNetBackboneProvider {
    /** Makes a provider, for {@link java.util.ServiceLoader}. */
    public Depth152() {
      super(152);
    }
  }
}
