// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepretrieval.FeatureMap;
import io.deepretrieval.dl4j.engine.Nd4jEngine;
import io.deepretrieval.dl4j.engine.OneDnnEngine;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Small graphs for tests, and their comparison with Deeplearning4j itself. */
public final class Networks {
  public static final long SEED = 20261123L;

  private Networks() {}

  /** A graph of one input {@code in} whose last vertex is {@code out}, with no zero parameter. */
  public static ComputationGraph graph(Consumer<GraphBuilder> vertices) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(SEED)
            .weightInit(WeightInit.RELU)
            .graphBuilder()
            .addInputs("in");
    vertices.accept(builder);
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("out").build());
    graph.init();
    randomize(graph, SEED, 0.5f);
    return graph;
  }

  /** Biases, scales, shifts and statistics that a mistake would show in. */
  public static void randomize(ComputationGraph graph, long seed, float spread) {
    Random random = new Random(seed);
    for (org.deeplearning4j.nn.api.Layer layer : graph.getLayers()) {
      layer
          .paramTable()
          .forEach(
              (name, array) -> {
                if (!name.contains("W")) {
                  float[] values = new float[(int) array.length()];
                  for (int i = 0; i < values.length; i++) {
                    values[i] =
                        name.equals("var") || name.equals("gamma")
                            ? 0.5f + random.nextFloat()
                            : spread * (float) random.nextGaussian();
                  }
                  INDArray drawn = Nd4j.create(values, array.shape(), 'c');
                  array.assign(drawn);
                }
              });
    }
  }

  public static ConvolutionLayer.Builder conv(int kernel, int in, int out) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(in)
        .nOut(out)
        .activation(Activation.IDENTITY);
  }

  /** Compiled plan and Deeplearning4j agree to 1e-4 of the largest value. */
  public static void assertParity(
      ComputationGraph graph, String layer, int batch, int height, int width) {
    NetworkPlan plan = GraphCompiler.compile(graph, layer);
    float[] input = new float[batch * height * width * plan.inputChannels()];
    Random random = new Random(SEED);
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) random.nextGaussian();
    }
    List<FeatureMap> expected;
    try (Nd4jEngine reference = new Nd4jEngine(graph, layer)) {
      expected = reference.run(batch, height, width, b -> b.put(input));
    }
    for (boolean blocks : new boolean[] {false, true}) {
      try (OneDnnEngine engine = new OneDnnEngine("net", plan, 1, 0, blocks)) {
        List<FeatureMap> actual = engine.run(batch, height, width, b -> b.put(input));
        assertThat(actual).hasSize(batch);
        for (int n = 0; n < batch; n++) {
          assertClose(actual.get(n), expected.get(n), "image " + n + ", blocks " + blocks);
        }
        // A second run finds what the first left in the memory it shares.
        assertThat(engine.run(batch, height, width, b -> b.put(input))).isEqualTo(actual);
      }
    }
  }

  private static void assertClose(FeatureMap actual, FeatureMap expected, String where) {
    assertThat(actual).hasToString(expected.toString());
    float[] a = actual.sharedValues();
    float[] e = expected.sharedValues();
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < e.length; i++) {
      largest = Math.max(largest, Math.abs(e[i]));
      difference = Math.max(difference, Math.abs(a[i] - e[i]));
    }
    assertThat(largest).as("largest value of the reference, seed " + SEED).isPositive();
    assertThat(difference / largest)
        .as("difference over largest value of " + where + ", seed " + SEED)
        .isLessThanOrEqualTo(1e-4);
  }
}
