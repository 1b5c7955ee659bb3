// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.RgbImage;
import io.deepretrieval.dl4j.network.WeightNames;
import io.deepretrieval.format.FormulaValues;
import io.deepretrieval.format.Pickles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;

/** The weights and images of {@code benchmarks/peers/parity.py}, which a formula gives. */
public final class FormulaWeights {
  private FormulaWeights() {}

  public static RgbImage image(int height, int width) {
    long seed = FormulaValues.seed("image " + width + "x" + height);
    int[] pixels = new int[height * width];
    for (int i = 0; i < pixels.length; i++) {
      int red = (int) Math.floor(256 * FormulaValues.uniform(seed, 3 * i));
      int green = (int) Math.floor(256 * FormulaValues.uniform(seed, 3 * i + 1));
      int blue = (int) Math.floor(256 * FormulaValues.uniform(seed, 3 * i + 2));
      pixels[i] = red << 16 | green << 8 | blue;
    }
    return RgbImage.ofPacked(width, height, pixels);
  }

  /** All parameters of a network under the names of torchvision, as a state_dict. */
  public static Map<String, Object> stateDict(ComputationGraph graph, WeightNames names) {
    Map<String, Object> state = new LinkedHashMap<>();
    for (GraphVertex vertex : graph.getVertices()) {
      if (!vertex.hasLayer() || !vertex.getLayer().paramTable().containsKey("W")) {
        continue;
      }
      List<Integer> kernel = new ArrayList<>();
      for (long n : vertex.getLayer().getParam("W").shape()) {
        kernel.add((int) n);
      }
      String layer = vertex.getVertexName();
      List<Integer> shape = names.shape(layer, kernel);
      int fan = kernel.get(1) * kernel.get(2) * kernel.get(3);
      double bound = Math.sqrt(6.0 / fan);
      int out = kernel.get(0);
      String name = names.convolution(layer);
      put(
          state,
          name + ".weight",
          shape,
          FormulaValues.between(name + ".weight", out * fan, -bound, bound));
      if (names.normalization(layer).isEmpty()) {
        put(
            state,
            name + ".bias",
            List.of(out),
            FormulaValues.between(name + ".bias", out, -0.2, 0.2));
        continue;
      }
      String norm = names.normalization(layer).orElseThrow();
      boolean last = norm.endsWith(deep(graph) ? ".bn3" : ".bn2");
      String gamma = norm + ".weight";
      put(
          state,
          gamma,
          List.of(out),
          FormulaValues.between(gamma, out, last ? 0.1 : 0.5, last ? 0.5 : 1.5));
      put(
          state,
          norm + ".bias",
          List.of(out),
          FormulaValues.between(norm + ".bias", out, -0.2, 0.2));
      String mean = norm + ".running_mean";
      put(state, mean, List.of(out), FormulaValues.between(mean, out, -0.3, 0.3));
      String variance = norm + ".running_var";
      put(state, variance, List.of(out), FormulaValues.between(variance, out, 0.5, 1.5));
      put(state, norm + ".num_batches_tracked", List.of(), new float[] {7});
    }
    return state;
  }

  private static boolean deep(ComputationGraph graph) {
    return Arrays.stream(graph.getVertices()).anyMatch(v -> v.getVertexName().endsWith(".conv3"));
  }

  private static void put(
      Map<String, Object> state, String name, List<Integer> shape, float[] values) {
    state.put(name, new Pickles.Tensor(shape, values));
  }
}
