// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.network;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What files of weights call the layers of a network. A layer is a convolution of the graph, by the
 * name of its vertex; a parameter is a name such as {@code layer1.0.conv1.weight}.
 */
public interface WeightNames {
  /**
   * Returns the name that torchvision has for a convolution.
   *
   * @param layer a convolution of the graph
   * @return the name without {@code .weight} or {@code .bias}
   */
  String convolution(String layer);

  /**
   * Returns the name that torchvision has for the normalization behind a convolution.
   *
   * @param layer a convolution of the graph
   * @return the name without {@code .weight}, {@code .running_mean} and so on; empty if the network
   *     has no normalization
   */
  Optional<String> normalization(String layer);

  /**
   * Returns the shape that files store a kernel with.
   *
   * @param layer a convolution of the graph
   * @param kernel shape of its kernel, {@code [O,I,kH,kW]}
   * @return the same shape, or {@code [O,I*kH*kW]} for a layer that torchvision has as fully
   *     connected
   */
  List<Integer> shape(String layer, List<Integer> kernel);

  /**
   * Returns the name that torchvision has for a parameter.
   *
   * @param name as the file has it, of torchvision or of cnnimageretrieval-pytorch
   * @return the name in torchvision; {@code name} itself if it is none of another program
   */
  String canonical(String name);

  /**
   * Tells whether a parameter belongs to a part of the network that the graph leaves out, which is
   * what lies behind the cut.
   *
   * @param graph the network up to the cut
   * @param name of the parameter in torchvision
   * @return true if the file may have it though the graph does not
   */
  boolean isBeyond(ComputationGraph graph, String name);

  /**
   * Returns the names of the networks of {@link ResNets}, whose vertices bear the names of
   * torchvision.
   *
   * @return names for a network of any depth
   */
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
