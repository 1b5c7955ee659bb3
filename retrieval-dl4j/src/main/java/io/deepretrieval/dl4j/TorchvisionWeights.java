// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.dl4j.SafetensorsFile.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights with the names of torchvision in and out of a graph of {@link ResNets}: a convolution
 * {@code layer1.0.conv1} takes {@code layer1.0.conv1.weight} and folds {@code layer1.0.bn1.*} into
 * it, or takes {@code layer1.0.conv1.bias} where the file is folded already, as {@link #save}
 * writes it.
 */
final class TorchvisionWeights {
  // torchvision builds every BatchNorm2d with the default epsilon of PyTorch.
  private static final double EPSILON = 1e-5;

  private TorchvisionWeights() {}

  /**
   * Fills a graph.
   *
   * @param graph the network (modified)
   * @param file a safetensors file
   * @throws IOException if the file cannot be read, lacks a parameter, has one of another shape, or
   *     has one that the network does not know; all of them are listed
   */
  static void load(ComputationGraph graph, Path file) throws IOException {
    Map<String, Tensor> tensors = SafetensorsFile.read(file);
    Set<String> used = new HashSet<>();
    Set<String> missing = new TreeSet<>();
    for (String layer : convolutions(graph)) {
      INDArray kernel = graph.getLayer(layer).getParam("W");
      INDArray bias = graph.getLayer(layer).getParam("b");
      int channels = (int) bias.length();
      List<Integer> shape = Arrays.stream(kernel.shape()).mapToObj(n -> (int) n).toList();
      float[] w = take(tensors, layer + ".weight", shape, used, missing, file);
      float[] b;
      if (tensors.containsKey(layer + ".bias")) {
        b = take(tensors, layer + ".bias", List.of(channels), used, missing, file);
      } else {
        String norm = normalisation(layer);
        List<Integer> each = List.of(channels);
        float[] gamma = take(tensors, norm + ".weight", each, used, missing, file);
        float[] beta = take(tensors, norm + ".bias", each, used, missing, file);
        float[] mean = take(tensors, norm + ".running_mean", each, used, missing, file);
        float[] variance = take(tensors, norm + ".running_var", each, used, missing, file);
        used.add(norm + ".num_batches_tracked");
        b = fold(w, gamma, beta, mean, variance);
      }
      if (missing.isEmpty()) {
        kernel.assign(Nd4j.create(w, kernel.shape(), 'c'));
        bias.assign(Nd4j.create(b, bias.shape(), 'c'));
      }
    }
    Set<String> unused = new TreeSet<>(tensors.keySet());
    unused.removeAll(used);
    unused.removeIf(name -> isBeyond(graph, name));
    if (!missing.isEmpty() || !unused.isEmpty()) {
      throw new IOException(
          "weights "
              + file
              + " must fit the network but lack "
              + missing
              + " and have unused "
              + unused);
    }
  }

  /** The classifier and the stages behind the cut are left out on purpose. */
  private static boolean isBeyond(ComputationGraph graph, String name) {
    if (name.startsWith("fc.")) {
      return true;
    }
    String stage = name.substring(0, Math.max(0, name.indexOf('.')));
    return stage.matches("layer[1-4]")
        && !graph.getConfiguration().getVertices().containsKey(stage);
  }

  private static List<String> convolutions(ComputationGraph graph) {
    return Arrays.stream(graph.topologicalSortOrder())
        .mapToObj(i -> graph.getVertices()[i])
        .filter(v -> v.hasLayer() && v.getLayer().paramTable().containsKey("W"))
        .map(v -> v.getVertexName())
        .toList();
  }

  private static String normalisation(String layer) {
    return layer.endsWith(".downsample.0")
        ? layer.substring(0, layer.length() - 1) + "1"
        : layer.replaceFirst("conv(\\d)$", "bn$1");
  }

  private static float[] take(
      Map<String, Tensor> tensors,
      String name,
      List<Integer> shape,
      Set<String> used,
      Set<String> missing,
      Path file)
      throws IOException {
    Tensor tensor = tensors.get(name);
    int length = shape.stream().mapToInt(n -> n).reduce(1, (a, b) -> a * b);
    if (tensor == null) {
      missing.add(name);
      return new float[length];
    }
    if (!tensor.shape().equals(shape)) {
      throw new IOException(
          "weights "
              + file
              + ": tensor "
              + name
              + " must have shape "
              + shape
              + " but has "
              + tensor.shape());
    }
    used.add(name);
    return tensor.values().clone();
  }

  private static float[] fold(
      float[] w, float[] gamma, float[] beta, float[] mean, float[] variance) {
    float[] bias = new float[gamma.length];
    int each = w.length / gamma.length;
    for (int c = 0; c < gamma.length; c++) {
      double factor = gamma[c] / Math.sqrt(variance[c] + EPSILON);
      for (int i = c * each; i < (c + 1) * each; i++) {
        w[i] = (float) (w[i] * factor);
      }
      bias[c] = (float) (beta[c] - mean[c] * factor);
    }
    return bias;
  }

  /**
   * Writes the folded weights of a graph.
   *
   * @param graph the network
   * @param file where to
   * @throws IOException if the file cannot be written
   */
  static void save(ComputationGraph graph, Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String layer : convolutions(graph)) {
      INDArray kernel = graph.getLayer(layer).getParam("W");
      INDArray bias = graph.getLayer(layer).getParam("b");
      tensors.put(
          layer + ".weight",
          new Tensor(
              Arrays.stream(kernel.shape()).mapToObj(n -> (int) n).toList(),
              NetworkPlan.Weights.read(kernel)));
      tensors.put(
          layer + ".bias",
          new Tensor(List.of((int) bias.length()), NetworkPlan.Weights.read(bias)));
    }
    SafetensorsFile.write(file, Map.of("format", "deep-retrieval folded torchvision"), tensors);
  }
}
