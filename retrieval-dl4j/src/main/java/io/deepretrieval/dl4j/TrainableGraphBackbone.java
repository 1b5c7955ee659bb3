// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.FrozenTrunk;
import io.deepretrieval.Parameter;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import io.deepretrieval.dl4j.engine.EngineFactory;
import io.deepretrieval.dl4j.engine.InferenceEngine;
import io.deepretrieval.dl4j.engine.TrainingEngine;
import io.deepretrieval.dl4j.network.ResNets;
import io.deepretrieval.dl4j.plan.GraphCompiler;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.PlanReader;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/**
 * A Deeplearning4j graph that can be trained from outside.
 *
 * <p>The graph is compiled as for {@link GraphBackbone}: normalization is folded into kernels and
 * biases, whose frozen form Deeplearning4j trains wrongly, and those are trained. Forward and
 * backward run as oneDNN primitives, which takes a quarter of the time of Deeplearning4j's own
 * backward. The graph itself is not changed.
 *
 * <p>{@link Builder#trainFrom} leaves the layers before one untrained: they run through the
 * inference plan, keep nothing for the backward pass, and can be cached ({@link FrozenTrunk}).
 *
 * <p>The training methods are for one thread at a time; {@link #extract} is thread-safe between
 * steps. {@link #spec} names the hash of the current weights, so it changes with them. Memory: the
 * weights about four times (values, gradients, two layouts) and the maps of one batch.
 */
public final class TrainableGraphBackbone
    implements TrainableBackbone, CompiledBackbone, FrozenTrunk {
  private final String name;
  private final String layer;
  private final Preprocessing preprocessing;
  private final int threads;
  private final PixelWriter pixels;
  private final NetworkPlan plan;
  private final int border;
  private final @Nullable GraphBackbone trunk;
  private final TrainingEngine engine;
  private final List<Parameter> parameters = new ArrayList<>();
  private @Nullable GraphBackbone compiled;
  private @Nullable InferenceEngine compiledRest;
  private int[] pending = {};
  private boolean closed;

  /**
   * Makes a backbone of which every layer is trained.
   *
   * @param name kebab-case name for the recipe
   * @param graph an initialized {@code [N,3,H,W]} graph whose one output is the map, such as {@link
   *     ResNets#create} makes (read now)
   * @param preprocessing how bytes become its input
   * @throws IllegalArgumentException if the graph has several outputs, or a layer cannot be
   *     compiled
   */
  public TrainableGraphBackbone(String name, ComputationGraph graph, Preprocessing preprocessing) {
    this(builder(name, graph, output(graph), preprocessing));
  }

  private TrainableGraphBackbone(Builder builder) {
    this.name = builder.name;
    this.layer = builder.layer;
    this.preprocessing = builder.preprocessing;
    this.threads = builder.threads;
    this.pixels = new PixelWriter(preprocessing);
    NetworkPlan read = builder.plan;
    TrainedPart part = TrainedPart.of(read, builder.order, builder.trainFrom);
    this.border = part.border();
    NetworkPlan rest = TrainedPart.behind(read, border);
    this.engine = new TrainingEngine(rest, part.trained()::contains, threads);
    this.plan = part.withWeights(read, engine.weights());
    GraphBackbone.spec(name, layer, NetworkFile.weightsSha256(plan), preprocessing, plan);
    this.trunk =
        border == 0
            ? null
            : GraphBackbone.of(
                name,
                "frozen",
                preprocessing,
                new NetworkPlan(read.inputChannels(), read.steps().subList(0, border)),
                1,
                threads);
    engine
        .weights()
        .entries()
        .forEach(
            (step, entry) -> {
              if (part.trained().contains(step)) {
                parameters.add(new PlanParameter(entry, true, this::changed));
                parameters.add(new PlanParameter(entry, false, this::changed));
              }
            });
  }

  /**
   * Starts a backbone.
   *
   * @param name kebab-case name for the recipe
   * @param graph an initialized {@code [N,3,H,W]} graph (read by this call)
   * @param layer the vertex whose output is the map
   * @param preprocessing how bytes become its input
   * @return a builder
   * @throws IllegalArgumentException if there is no such layer, or one on the way to it cannot be
   *     compiled
   */
  public static Builder builder(
      String name, ComputationGraph graph, String layer, Preprocessing preprocessing) {
    List<String> order = new ArrayList<>();
    for (int index : graph.topologicalSortOrder()) {
      order.add(graph.getVertices()[index].getVertexName());
    }
    return new Builder(name, layer, preprocessing, GraphCompiler.compile(graph, layer), order);
  }

  /**
   * Starts a backbone from a file that {@link #save} wrote.
   *
   * @param file the file
   * @return a builder
   * @throws IOException if the file cannot be read or is damaged
   */
  public static Builder builder(Path file) throws IOException {
    NetworkFile.Content content = NetworkFile.read(file);
    List<String> order = content.plan().steps().stream().map(Step::name).toList();
    return new Builder(
        content.name(), content.layer(), content.preprocessing(), content.plan(), order);
  }

  private static String output(ComputationGraph graph) {
    List<String> outputs = graph.getConfiguration().getNetworkOutputs();
    if (outputs.size() != 1) {
      throw new IllegalArgumentException("network must have one output but has " + outputs);
    }
    return outputs.get(0);
  }

  @Override
  public BackboneSpec spec() {
    return compiled().spec();
  }

  private synchronized GraphBackbone compiled() {
    GraphBackbone current = compiled;
    if (current == null) {
      current = GraphBackbone.of(name, layer, preprocessing, plan, 1, threads);
      compiled = current;
      if (closed) {
        current.close();
      }
    }
    return current;
  }

  private synchronized InferenceEngine compiledRest() {
    requireOpen();
    InferenceEngine current = compiledRest;
    if (current == null) {
      current = EngineFactory.create(name, TrainedPart.behind(plan, border), 1, threads);
      compiledRest = current;
    }
    return current;
  }

  private synchronized void changed() {
    engine.weights().markChanged();
    if (compiled != null) {
      compiled.close();
      compiled = null;
    }
    if (compiledRest != null) {
      compiledRest.close();
      compiledRest = null;
    }
  }

  @Override
  public List<NetworkOperation> operations() {
    requireOpen();
    return PlanReader.operations(plan);
  }

  @Override
  public List<FeatureMap> extract(List<RgbImage> images) {
    requireOpen();
    return compiled().extract(images);
  }

  @Override
  public List<FeatureMap> frozen(List<RgbImage> images) {
    requireOpen();
    if (trunk != null) {
      return trunk.extract(images);
    }
    List<FeatureMap> maps = new ArrayList<>();
    for (RgbImage image : images) {
      FloatBuffer buffer = FloatBuffer.allocate(image.height() * image.width() * 3);
      pixels.write(image, buffer);
      maps.add(FeatureMap.ofOwned(3, image.height(), image.width(), buffer.array()));
    }
    return maps;
  }

  @Override
  public List<FeatureMap> forward(List<RgbImage> images) {
    requireOpen();
    if (images.isEmpty()) {
      throw new IllegalArgumentException("training batch must have at least 1 image but has 0");
    }
    int h = images.get(0).height();
    int w = images.get(0).width();
    for (RgbImage image : images) {
      if (image.height() != h || image.width() != w) {
        throw new IllegalArgumentException(
            "training images must all be "
                + w
                + "x"
                + h
                + " but one is "
                + image.width()
                + "x"
                + image.height());
      }
    }
    if (trunk != null) {
      return forwardFrom(trunk.extract(images));
    }
    return remember(
        engine.forward(
            images.size(), h, w, buffer -> images.forEach(image -> pixels.write(image, buffer))));
  }

  @Override
  public List<FeatureMap> forwardFrom(List<FeatureMap> maps) {
    requireOpen();
    if (maps.isEmpty()) {
      throw new IllegalArgumentException("training batch must have at least 1 map but has 0");
    }
    FeatureMap first = maps.get(0);
    for (FeatureMap map : maps) {
      if (map.channels() != first.channels()
          || map.height() != first.height()
          || map.width() != first.width()) {
        throw new IllegalArgumentException(
            "training maps must all be " + first + " but one is " + map);
      }
    }
    return remember(
        engine.forward(
            maps.size(),
            first.height(),
            first.width(),
            buffer -> maps.forEach(map -> buffer.put(map.sharedValues()))));
  }

  @Override
  public List<FeatureMap> extractFrom(List<FeatureMap> maps) {
    InferenceEngine rest = compiledRest();
    List<FeatureMap> out = new ArrayList<>();
    for (FeatureMap map : maps) {
      out.addAll(rest.run(1, map.height(), map.width(), buffer -> buffer.put(map.sharedValues())));
    }
    return out;
  }

  private List<FeatureMap> remember(List<FeatureMap> maps) {
    FeatureMap first = maps.get(0);
    pending = new int[] {maps.size(), first.channels(), first.height(), first.width()};
    return maps;
  }

  @Override
  public void backward(List<FeatureMap> gradients) {
    requireOpen();
    if (pending.length == 0) {
      throw new IllegalStateException("backward must follow a forward, once each");
    }
    if (gradients.size() != pending[0]) {
      throw new IllegalArgumentException(
          "gradients must number " + pending[0] + " but were " + gradients.size());
    }
    for (int i = 0; i < gradients.size(); i++) {
      FeatureMap map = gradients.get(i);
      if (map.channels() != pending[1] || map.height() != pending[2] || map.width() != pending[3]) {
        throw new IllegalArgumentException(
            "gradient "
                + i
                + " must have shape ["
                + pending[1]
                + ","
                + pending[2]
                + ","
                + pending[3]
                + "] but was "
                + map);
      }
    }
    pending = new int[0];
    engine.backward(gradients);
  }

  @Override
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /** Native memory of the training programs, without the weights. */
  long trainingBytes() {
    return engine.bytes();
  }

  /**
   * Writes the network with its current weights; {@link NetworkBackbones#open} and, for the
   * networks of {@link ResNets}, the provider of the same name read it.
   */
  @Override
  public void save(Path file) throws IOException {
    requireOpen();
    NetworkFile.write(file, new NetworkFile.Content(name, layer, preprocessing, plan), false);
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backbone is closed: " + name);
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (compiled != null) {
      compiled.close();
    }
    if (compiledRest != null) {
      compiledRest.close();
    }
    if (trunk != null) {
      trunk.close();
    }
    engine.close();
  }

  @Override
  public String toString() {
    return "TrainableGraphBackbone[" + name + " to " + layer + "]";
  }

  /** Options of a trainable backbone. */
  public static final class Builder {
    private final String name;
    private final String layer;
    private final Preprocessing preprocessing;
    private final NetworkPlan plan;
    private final List<String> order;
    private String trainFrom = "";
    private int threads;

    private Builder(
        String name,
        String layer,
        Preprocessing preprocessing,
        NetworkPlan plan,
        List<String> order) {
      this.name = Objects.requireNonNull(name, "name");
      this.layer = Objects.requireNonNull(layer, "layer");
      this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
      this.plan = plan;
      this.order = List.copyOf(order);
    }

    /**
     * Leaves every layer before one untrained.
     *
     * @param vertex the first layer to train, or a block or stage by the beginning of its layers'
     *     names, such as {@code layer4} or {@code block_12}; empty, the default, for all
     * @return this builder
     */
    public Builder trainFrom(String vertex) {
      trainFrom = Objects.requireNonNull(vertex, "vertex");
      return this;
    }

    /**
     * Sets how many threads work on a step.
     *
     * @param count at least 0; 0, the default, takes what OpenMP chooses
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
     * Makes the backbone.
     *
     * @return a backbone
     * @throws IllegalArgumentException if there is no such layer to train from
     */
    public TrainableGraphBackbone build() {
      return new TrainableGraphBackbone(this);
    }
  }
}
