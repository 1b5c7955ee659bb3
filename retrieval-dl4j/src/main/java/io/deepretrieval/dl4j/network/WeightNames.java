// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** How the layers of a network are called in files of weights. */
public interface WeightNames {
  /** The name of a convolution in torchvision, without {@code .weight}. */
  String convolution(String layer);

  /** The name of the normalization behind it; empty if the network has none. */
  Optional<String> normalization(String layer);

  /** The shape of a kernel as it is stored. */
  List<Integer> shape(String layer, List<Integer> kernel);

  /** The name in torchvision of a parameter as any program calls it. */
  String canonical(String name);

  /** Tells whether a parameter belongs to a part of the network that the graph leaves out. */
  boolean isBeyond(ComputationGraph graph, String name);

  /** The networks of {@link ResNets}, whose vertices bear the names of torchvision. */
  static WeightNames resNet() {
    return new WeightNames() {
      private static final Map<String, String> CHILDREN =
          Map.of(
              "0", "conv1", "1", "bn1", "4", "layer1", "5", "layer2", "6", "layer3", "7", "layer4");
      private static final Pattern CHILD = Pattern.compile("features\\.(\\d+)\\.(.+)");

      @Override
      public String convolution(String layer) {
        return layer;
      }

      @Override
      public Optional<String> normalization(String layer) {
        return Optional.of(
            layer.endsWith(".downsample.0")
                ? layer.substring(0, layer.length() - 1) + "1"
                : layer.replaceFirst("conv(\\d)$", "bn$1"));
      }

      @Override
      public List<Integer> shape(String layer, List<Integer> kernel) {
        return kernel;
      }

      /** cnnimageretrieval-pytorch numbers the children of the network. */
      @Override
      public String canonical(String name) {
        Matcher matcher = CHILD.matcher(name);
        if (!matcher.matches() || !CHILDREN.containsKey(matcher.group(1))) {
          return name;
        }
        return CHILDREN.get(matcher.group(1)) + "." + matcher.group(2);
      }

      @Override
      public boolean isBeyond(ComputationGraph graph, String name) {
        if (name.startsWith("fc.")) {
          return true;
        }
        String stage = name.substring(0, Math.max(0, name.indexOf('.')));
        return stage.matches("layer[1-4]")
            && !graph.getConfiguration().getVertices().containsKey(stage);
      }
    };
  }
}
