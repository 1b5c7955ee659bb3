// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FeatureSpec;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.dl4j.engine.EngineFactory;
import io.deepretrieval.dl4j.engine.InferenceEngine;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.PlanReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A Deeplearning4j graph as a backbone, compiled up to one of its layers.
 *
 * <p>The graph is read when the backbone is made: normalization is folded into the convolutions,
 * additions and activations are fused, and the rest runs as oneDNN primitives whose memory is
 * planned beforehand. It gives the same maps as {@code ComputationGraph.output} to about 1e-6 of
 * the largest value, 15 times as fast. A layer that cannot be compiled is named in the error.
 *
 * <p>Thread-safe: at most {@link Builder#concurrency} calls run at once, the others wait. Memory:
 * the weights twice (the graph's and the compiled ones) and for each arena the largest working set
 * seen, about 200 MB for ResNet-50 at 1024x768. Images of one size run together, up to a million
 * pixels.
 */
public final class GraphBackbone implements CompiledBackbone {
  private static final long RUN_PIXELS = 1L << 20;

  private final BackboneSpec spec;
  private final NetworkPlan plan;
  private final PixelWriter pixels;
  private final InferenceEngine engine;
  private volatile boolean closed;

  private GraphBackbone(BackboneSpec spec, NetworkPlan plan, InferenceEngine engine) {
    this.spec = spec;
    this.plan = plan;
    this.pixels = new PixelWriter(spec.preprocessing());
    this.engine = engine;
  }

  private static GraphBackbone of(Builder builder) {
    NetworkPlan plan = GraphCompiler.compile(builder.graph, builder.layer);
    BackboneSpec spec =
        spec(
            builder.name, builder.layer, weightsSha256(builder.graph), builder.preprocessing, plan);
    return new GraphBackbone(
        spec,
        plan,
        EngineFactory.create(
            builder.name,
            builder.graph,
            builder.layer,
            plan,
            builder.concurrency,
            builder.threads));
  }

  /**
   * Makes a backbone of a plan that was not compiled from a graph. It runs on the CPU, whatever the
   * backend of ND4J is.
   *
   * @param name kebab-case name for the recipe
   * @param layer name of the last layer, for the recipe
   * @param preprocessing how bytes become the input of the plan
   * @param plan the network, of 3 input channels; its last value is the map
   * @param concurrency calls at once, at least 1
   * @param threads threads a call, 0 for all cores
   * @return a new backbone, which the caller closes
   * @throws IllegalArgumentException if the plan does not take 3 channels, or two of its
   *     convolutions have the same name
   * @throws UnsatisfiedLinkError if there is no oneDNN for this platform
   */
  public static GraphBackbone of(
      String name,
      String layer,
      Preprocessing preprocessing,
      NetworkPlan plan,
      int concurrency,
      int threads) {
    BackboneSpec spec = spec(name, layer, NetworkFile.weightsSha256(plan), preprocessing, plan);
    return new GraphBackbone(spec, plan, EngineFactory.create(name, plan, concurrency, threads));
  }

  static BackboneSpec spec(
      String name, String layer, String sha256, Preprocessing preprocessing, NetworkPlan plan) {
    if (plan.inputChannels() != 3) {
      throw new IllegalArgumentException(
          "network input must have 3 channels but has " + plan.inputChannels());
    }
    int output = plan.steps().size();
    int channels = output == 0 ? 3 : plan.steps().get(output - 1).channels();
    return new BackboneSpec(
        name, layer, sha256, preprocessing, new FeatureSpec(channels, stride(plan)));
  }

  /**
   * Starts a backbone.
   *
   * @param name kebab-case name for the recipe
   * @param graph an initialized graph with one image input (retained: must not be changed later)
   * @param layer the vertex whose output is the map
   * @param preprocessing how bytes become its input
   * @return a builder
   */
  public static Builder builder(
      String name, ComputationGraph graph, String layer, Preprocessing preprocessing) {
    return new Builder(name, graph, layer, preprocessing);
  }

  private static int stride(NetworkPlan plan) {
    int[] strides = new int[plan.steps().size() + 1];
    strides[0] = 1;
    for (int i = 0; i < plan.steps().size(); i++) {
      NetworkPlan.Step step = plan.steps().get(i);
      int own =
          step instanceof NetworkPlan.Conv conv
              ? conv.window().strideH()
              : step instanceof NetworkPlan.Pool pool && !pool.global()
                  ? pool.window().strideH()
                  : 1;
      strides[i + 1] = strides[step.inputs().get(0)] * own;
    }
    return strides[plan.steps().size()];
  }

  /** Over names, shapes and float32 values of all parameters, in the order of the graph. */
  private static String weightsSha256(ComputationGraph graph) {
    WeightsHash hash = new WeightsHash();
    for (int index : graph.topologicalSortOrder()) {
      if (!graph.getVertices()[index].hasLayer()) {
        continue;
      }
      String layer = graph.getVertices()[index].getVertexName();
      Map<String, INDArray> parameters = new TreeMap<>(graph.getLayer(layer).paramTable());
      parameters.forEach(
          (name, array) -> {
            String head = layer + "/" + name + java.util.Arrays.toString(array.shape());
            hash.add(head, NetworkPlan.Weights.read(array));
          });
    }
    return hash.hex();
  }

  @Override
  public BackboneSpec spec() {
    return spec;
  }

  @Override
  public List<FeatureMap> extract(List<RgbImage> images) {
    requireOpen();
    FeatureMap[] out = new FeatureMap[images.size()];
    bySize(images).forEach((size, members) -> extract(images, members, out));
    return List.of(out);
  }

  /** Images of one size, in runs that bound the memory. */
  private void extract(List<RgbImage> images, List<Integer> members, FeatureMap[] out) {
    RgbImage first = images.get(members.get(0));
    int most = (int) Math.max(1, RUN_PIXELS / ((long) first.width() * first.height()));
    for (int from = 0; from < members.size(); from += most) {
      List<Integer> run = members.subList(from, Math.min(members.size(), from + most));
      List<FeatureMap> maps =
          engine.run(
              run.size(),
              first.height(),
              first.width(),
              buffer -> run.forEach(i -> pixels.write(images.get(i), buffer)));
      for (int i = 0; i < run.size(); i++) {
        out[run.get(i)] = maps.get(i);
      }
    }
  }

  private static Map<Long, List<Integer>> bySize(List<RgbImage> images) {
    Map<Long, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < images.size(); i++) {
      long size = (long) images.get(i).width() << 32 | images.get(i).height();
      groups.computeIfAbsent(size, s -> new ArrayList<>()).add(i);
    }
    return groups;
  }

  @Override
  public List<NetworkOperation> operations() {
    requireOpen();
    return PlanReader.operations(plan);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backbone is closed: " + spec.name());
    }
  }

  @Override
  public void close() {
    closed = true;
    engine.close();
  }

  @Override
  public String toString() {
    return "GraphBackbone[" + spec.name() + " to " + spec.layer() + "]";
  }

  /** Options of a graph backbone. */
  public static final class Builder {
    private final String name;
    private final ComputationGraph graph;
    private final String layer;
    private final Preprocessing preprocessing;
    private int concurrency = 1;
    private int threads;

    private Builder(
        String name, ComputationGraph graph, String layer, Preprocessing preprocessing) {
      this.name = Objects.requireNonNull(name, "name");
      this.graph = Objects.requireNonNull(graph, "graph");
      this.layer = Objects.requireNonNull(layer, "layer");
      this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
    }

    /**
     * Sets how many calls run at once. Each takes its own working memory.
     *
     * @param calls at least 1; 1 by default, which is best on few cores
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder concurrency(int calls) {
      if (calls < 1) {
        throw new IllegalArgumentException("concurrency must be at least 1 but was " + calls);
      }
      concurrency = calls;
      return this;
    }

    /**
     * Sets how many threads work on one call.
     *
     * @param count at least 0; 0, the default, takes what OpenMP chooses: all cores or {@code
     *     OMP_NUM_THREADS}
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder threads(int count) {
      if (count < 0) {
        throw new IllegalArgumentException("threads must be at least 0 but were " + count);
      }
      threads = count;
      return this;
    }

    /**
     * Compiles the graph.
     *
     * @return a backbone
     * @throws IllegalArgumentException if there is no such layer, or a layer on the way to it
     *     cannot be compiled
     */
    public GraphBackbone build() {
      return of(this);
    }
  }
}
