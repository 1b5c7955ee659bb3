// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.weights;

import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.network.WeightNames;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.format.NamedTensors;
import io.deepretrieval.format.SafetensorsFile;
import io.deepretrieval.format.SafetensorsFile.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights with the names of torchvision in and out of a graph: a convolution {@code layer1.0.conv1}
 * takes {@code layer1.0.conv1.weight} and folds {@code layer1.0.bn1.*} into it, or takes {@code
 * layer1.0.conv1.bias} where the file is folded already, as {@link #save} writes it, or where the
 * network has no normalization.
 */
public final class TorchvisionWeights {
  private static final Logger LOG = LoggerFactory.getLogger(TorchvisionWeights.class);

  // torchvision builds every BatchNorm2d with the default epsilon of PyTorch.
  private static final double EPSILON = 1e-5;

  private final WeightNames names;
  private final NamedTensors tensors;
  private final Map<String, String> stored = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private final Set<String> missing = new TreeSet<>();

  private TorchvisionWeights(WeightNames names, NamedTensors tensors) throws IOException {
    this.names = names;
    this.tensors = tensors;
    for (String name : tensors.names()) {
      String twin = stored.put(names.canonical(name), name);
      if (twin != null) {
        throw new IOException(
            "weights "
                + tensors.file()
                + " must have each parameter once but "
                + twin
                + " and "
                + name
                + " are one");
      }
    }
  }

  /**
   * Fills a graph of {@link ResNets} strictly.
   *
   * @param graph the network (modified)
   * @param file a file of torch or a safetensors file
   * @throws IOException as of the method below
   */
  public static void load(ComputationGraph graph, Path file) throws IOException {
    load(graph, WeightNames.resNet(), file, true);
  }

  /**
   * Fills a graph from a file.
   *
   * @param graph the network (modified)
   * @param names how the file calls its layers
   * @param file a file of torch or a safetensors file
   * @param strict as below
   * @throws IOException as of the method below
   */
  public static void load(ComputationGraph graph, WeightNames names, Path file, boolean strict)
      throws IOException {
    try (NamedTensors tensors = NamedTensors.open(file)) {
      load(graph, names, tensors, Set.of(), strict);
    }
  }

  /**
   * Fills a graph.
   *
   * @param graph the network (modified)
   * @param names how the file calls its layers
   * @param tensors of the file
   * @param usedElsewhere names of the file that somebody else reads
   * @param strict whether a parameter without values and values without a parameter are errors; if
   *     not, they are warned about and the layers concerned keep their values
   * @throws IOException if the file cannot be read or has a parameter of another shape; if strict,
   *     also if it lacks a parameter or has one that the network does not know; all of them are
   *     listed
   */
  public static void load(
      ComputationGraph graph,
      WeightNames names,
      NamedTensors tensors,
      Set<String> usedElsewhere,
      boolean strict)
      throws IOException {
    TorchvisionWeights loading = new TorchvisionWeights(names, tensors);
    for (String layer : convolutions(graph)) {
      loading.fill(layer, graph.getLayer(layer).getParam("W"), graph.getLayer(layer).getParam("b"));
    }
    Set<String> unused = new TreeSet<>();
    loading.stored.forEach(
        (canonical, name) -> {
          if (!loading.used.contains(canonical)
              && !usedElsewhere.contains(name)
              && !names.isBeyond(graph, canonical)) {
            unused.add(name);
          }
        });
    if (loading.missing.isEmpty() && unused.isEmpty()) {
      return;
    }
    String lists = "lack " + loading.missing + " and have unused " + unused;
    if (strict) {
      throw new IOException(
          "weights " + tensors.file() + " must fit the network but " + lists + hint(unused));
    }
    LOG.warn("weights {} do not fit the network: they {}", tensors.file(), lists);
  }

  private static String hint(Set<String> unused) {
    boolean whole =
        unused.stream().anyMatch(name -> name.matches("pool\\..*|adpool\\..*|l?whiten\\..*"));
    return whole ? "; RetrievalCheckpoint reads them with pooling and whitening" : "";
  }

  private void fill(String layer, INDArray kernel, INDArray bias) throws IOException {
    String name = names.convolution(layer);
    Optional<String> norm = names.normalization(layer);
    List<Integer> each = List.of((int) bias.length());
    float[] w = take(name + ".weight", names.shape(layer, shape(kernel)));
    float[] b;
    boolean complete;
    if (norm.isEmpty() || stored.containsKey(name + ".bias")) {
      b = take(name + ".bias", each);
      complete = w.length > 0 && b.length > 0;
    } else {
      float[] gamma = take(norm.get() + ".weight", each);
      float[] beta = take(norm.get() + ".bias", each);
      float[] mean = take(norm.get() + ".running_mean", each);
      float[] variance = take(norm.get() + ".running_var", each);
      used.add(norm.get() + ".num_batches_tracked");
      complete = w.length > 0 && missing.stream().noneMatch(m -> m.startsWith(norm.get() + "."));
      b = complete ? fold(w, gamma, beta, mean, variance) : new float[0];
    }
    if (complete) {
      kernel.assign(Nd4j.create(w, kernel.shape(), 'c'));
      bias.assign(Nd4j.create(b, bias.shape(), 'c'));
    }
  }

  /** Values of a parameter; none if the file has none. */
  private float[] take(String canonical, List<Integer> shape) throws IOException {
    String name = stored.get(canonical);
    if (name == null) {
      missing.add(canonical);
      return new float[0];
    }
    List<Integer> found = tensors.shape(name);
    if (!found.equals(shape)) {
      throw new IOException(
          "weights "
              + tensors.file()
              + ": tensor "
              + name
              + " must have shape "
              + shape
              + " but has "
              + found);
    }
    used.add(canonical);
    return tensors.read(name);
  }

  private static List<String> convolutions(ComputationGraph graph) {
    return Arrays.stream(graph.topologicalSortOrder())
        .mapToObj(i -> graph.getVertices()[i])
        .filter(v -> v.hasLayer() && v.getLayer().paramTable().containsKey("W"))
        .map(v -> v.getVertexName())
        .toList();
  }

  private static List<Integer> shape(INDArray array) {
    return Arrays.stream(array.shape()).mapToObj(n -> (int) n).toList();
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
   * Writes the folded weights of a graph of {@link ResNets}.
   *
   * @param graph the network
   * @param file where to
   * @throws IOException if the file cannot be written
   */
  public static void save(ComputationGraph graph, Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String layer : convolutions(graph)) {
      INDArray kernel = graph.getLayer(layer).getParam("W");
      INDArray bias = graph.getLayer(layer).getParam("b");
      tensors.put(layer + ".weight", new Tensor(shape(kernel), NetworkPlan.Weights.read(kernel)));
      tensors.put(
          layer + ".bias",
          new Tensor(List.of((int) bias.length()), NetworkPlan.Weights.read(bias)));
    }
    SafetensorsFile.write(file, Map.of("format", "deep-retrieval folded torchvision"), tensors);
  }
}
