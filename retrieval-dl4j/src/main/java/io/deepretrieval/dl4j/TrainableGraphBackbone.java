// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import io.deepretrieval.BackboneSpec;
import io.deepretrieval.FeatureMap;
import io.deepretrieval.Parameter;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.RgbImage;
import io.deepretrieval.TrainableBackbone;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph with folded normalisation that can be trained from outside and extracts through its
 * compiled plan, which is made anew when a parameter has changed.
 *
 * <p>The training methods are for one thread at a time; {@link #extract} is thread-safe between
 * steps. {@link #spec} names the hash of the current weights, so it changes with them.
 */
public final class TrainableGraphBackbone implements TrainableBackbone {
  private final String name;
  private final ComputationGraph graph;
  private final String layer;
  private final Preprocessing preprocessing;
  private final PixelWriter pixels;
  private final List<GraphParameter> parameters = new ArrayList<>();
  private @Nullable GraphBackbone compiled;
  private int[] pending = {};
  private boolean closed;

  /**
   * Makes a backbone.
   *
   * @param name kebab-case name for the recipe
   * @param graph an initialised {@code [N,3,H,W]} graph without batch normalisation whose one
   *     output is the map, such as {@link ResNets#create} makes (retained)
   * @param preprocessing how bytes become its input
   * @throws IllegalArgumentException if the graph has several outputs or batch normalisation, whose
   *     frozen form Deeplearning4j trains wrongly
   */
  public TrainableGraphBackbone(String name, ComputationGraph graph, Preprocessing preprocessing) {
    this.name = Objects.requireNonNull(name, "name");
    this.graph = Objects.requireNonNull(graph, "graph");
    this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
    this.pixels = new PixelWriter(preprocessing);
    List<String> outputs = graph.getConfiguration().getNetworkOutputs();
    if (outputs.size() != 1) {
      throw new IllegalArgumentException("network must have one output but has " + outputs);
    }
    this.layer = outputs.get(0);
    graph
        .getConfiguration()
        .getVertices()
        .forEach(
            (vertex, conf) -> {
              if (conf instanceof LayerVertex l
                  && l.getLayerConf().getLayer() instanceof BatchNormalization) {
                throw new IllegalArgumentException(
                    "network must have its normalisation folded but has layer '" + vertex + "'");
              }
            });
    for (int index : graph.topologicalSortOrder()) {
      if (graph.getVertices()[index].hasLayer()) {
        String vertex = graph.getVertices()[index].getVertexName();
        graph
            .getLayer(vertex)
            .paramTable()
            .forEach((key, array) -> parameters.add(new GraphParameter(vertex, key, array)));
      }
    }
  }

  @Override
  public BackboneSpec spec() {
    return compiled().spec();
  }

  private synchronized GraphBackbone compiled() {
    GraphBackbone current = compiled;
    if (current == null) {
      current = GraphBackbone.builder(name, graph, layer, preprocessing).build();
      compiled = current;
      if (closed) {
        current.close();
      }
    }
    return current;
  }

  private synchronized void changed() {
    if (compiled != null) {
      compiled.close();
      compiled = null;
    }
  }

  @Override
  public List<FeatureMap> extract(List<RgbImage> images) {
    requireOpen();
    return compiled().extract(images);
  }

  @Override
  public List<FeatureMap> forward(List<RgbImage> images) {
    requireOpen();
    if (images.isEmpty()) {
      throw new IllegalArgumentException("training batch must have at least 1 image but has 0");
    }
    int h = images.get(0).height();
    int w = images.get(0).width();
    FloatBuffer buffer = FloatBuffer.allocate(images.size() * h * w * 3);
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
      pixels.write(image, buffer);
    }
    INDArray input =
        Nd4j.create(buffer.array(), new long[] {images.size(), h, w, 3}, 'c')
            .permute(0, 3, 1, 2)
            .dup('c');
    graph.setInputs(input);
    INDArray output =
        Objects.requireNonNull(
            graph.feedForward(new INDArray[] {input}, true, false).get(layer), layer);
    pending = Arrays.stream(output.shape()).mapToInt(n -> (int) n).toArray();
    float[] values = NetworkPlan.Weights.read(output);
    int each = values.length / images.size();
    List<FeatureMap> maps = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      maps.add(
          FeatureMap.copyOfChannelsFirst(
              pending[1],
              pending[2],
              pending[3],
              Arrays.copyOfRange(values, i * each, (i + 1) * each)));
    }
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
    int each = pending[1] * pending[2] * pending[3];
    float[] values = new float[pending[0] * each];
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
      System.arraycopy(map.toChannelsFirst(), 0, values, i * each, each);
    }
    INDArray epsilon =
        Nd4j.create(values, new long[] {pending[0], pending[1], pending[2], pending[3]}, 'c');
    pending = new int[0];
    Gradient result = graph.backpropGradient(epsilon);
    for (GraphParameter parameter : parameters) {
      parameter.add(
          Objects.requireNonNull(
              result.getGradientFor(parameter.vertex + "_" + parameter.key), parameter.name()));
    }
  }

  @Override
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  @Override
  public void save(Path file) throws IOException {
    requireOpen();
    TorchvisionWeights.save(graph, file);
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backbone is closed: " + name);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (compiled != null) {
      compiled.close();
    }
  }

  /** A parameter of a layer, called weight or bias as in PyTorch. */
  private final class GraphParameter implements Parameter {
    private final String vertex;
    private final String key;
    private final INDArray array;
    private float[] gradient;

    GraphParameter(String vertex, String key, INDArray array) {
      this.vertex = vertex;
      this.key = key;
      this.array = array;
      this.gradient = new float[0];
    }

    void add(INDArray more) {
      float[] values = NetworkPlan.Weights.read(more);
      if (gradient.length == 0) {
        gradient = values;
        return;
      }
      for (int i = 0; i < values.length; i++) {
        gradient[i] += values[i];
      }
    }

    @Override
    public String name() {
      return vertex + (key.equals("W") ? ".weight" : ".bias");
    }

    @Override
    public List<Integer> shape() {
      return key.equals("W")
          ? Arrays.stream(array.shape()).mapToObj(n -> (int) n).toList()
          : List.of((int) array.length());
    }

    @Override
    public float[] values() {
      return NetworkPlan.Weights.read(array);
    }

    @Override
    public void set(float[] values) {
      if (values.length != array.length()) {
        throw new IllegalArgumentException(
            "parameter "
                + name()
                + " must have "
                + array.length()
                + " values but got "
                + values.length);
      }
      array.assign(Nd4j.create(values.clone(), array.shape(), 'c'));
      changed();
    }

    @Override
    public float[] gradient() {
      return gradient.length == 0 ? new float[(int) array.length()] : gradient.clone();
    }

    @Override
    public void clearGradient() {
      gradient = new float[0];
    }
  }
}
