// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.deepretrieval.dl4j.engine.Nd4jBackend;
import io.deepretrieval.format.Hdf5File;
import io.deepretrieval.format.Hdf5File.Node;
import io.deepretrieval.format.SafetensorsFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasLayer;
import org.deeplearning4j.nn.modelimport.keras.KerasModel;
import org.deeplearning4j.nn.modelimport.keras.exceptions.InvalidKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.exceptions.UnsupportedKerasConfigurationException;
import org.deeplearning4j.nn.modelimport.keras.utils.KerasModelUtils;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Keras {@code .h5} files as graphs: the structure is built by the import of Deeplearning4j, the
 * file is read by {@link Hdf5File}.
 */
public final class KerasNetworks {
  /** A model, not yet its numbers: more than any network of images has. */
  private static final int MOST_TEXT = 8 << 20;

  private KerasNetworks() {}

  /**
   * Imports a functional model with its weights.
   *
   * @param file an HDF5 file as {@code model.save} writes it
   * @return the graph
   * @throws IOException if the file cannot be read, holds no model that can be imported, lacks
   *     weights of a layer or has some that no layer takes; the message names it
   */
  public static ComputationGraph read(Path file) throws IOException {
    try (Hdf5File hdf5 = Hdf5File.open(file)) {
      Nd4jBackend.require();
      return read(hdf5.root());
    } catch (FileSystemException e) {
      throw e;
    } catch (InvalidKerasConfigurationException
        | UnsupportedKerasConfigurationException
        | IOException e) {
      throw new IOException("cannot read weights " + file + " (keras): " + e.getMessage(), e);
    } catch (RuntimeException | StackOverflowError e) {
      throw new IOException("cannot read weights " + file + " (keras): it is damaged: " + e, e);
    }
  }

  private static ComputationGraph read(Node root)
      throws IOException,
          InvalidKerasConfigurationException,
          UnsupportedKerasConfigurationException {
    JsonObject json = description(root);
    Node weights = root.child("model_weights").orElse(root);
    Map<String, Map<String, INDArray>> stored = new LinkedHashMap<>();
    for (String layer : list(weights, "layer_names")) {
      stored.put(layer, Map.of());
    }
    KerasModel model =
        new KerasModel()
            .modelBuilder()
            .modelJson(json.toString())
            .enforceTrainingConfig(false)
            .buildModel();
    requireLayers(model, weights, stored.keySet());
    ComputationGraphConfiguration configuration = model.getComputationGraphConfiguration();
    long values = 0;
    for (String layer : stored.keySet()) {
      if (model.getLayers().containsKey(layer)) {
        Map<String, INDArray> arrays = arrays(weights, layer);
        for (INDArray array : arrays.values()) {
          values += array.length();
        }
        if (!arrays.isEmpty()) {
          model.getLayers().get(layer).setWeights(arrays);
        }
      }
    }
    requireRoom(configuration, values);
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    requireShapes(graph, model);
    KerasModelUtils.copyWeightsToModel(graph, model.getLayers());
    return graph;
  }

  /** The last layer with a map of features: before the flattening of a model with top. */
  static String lastMap(ComputationGraph graph) {
    String last = graph.getConfiguration().getNetworkOutputs().get(0);
    while (isFlat(graph, last)) {
      List<String> inputs = graph.getConfiguration().getVertexInputs().get(last);
      if (inputs == null || inputs.size() != 1) {
        break;
      }
      last = inputs.get(0);
    }
    return last;
  }

  private static boolean isFlat(ComputationGraph graph, String name) {
    GraphVertex vertex = graph.getConfiguration().getVertices().get(name);
    if (!(vertex instanceof LayerVertex layer)) {
      return vertex instanceof PreprocessorVertex;
    }
    Layer kind = layer.getLayerConf().getLayer();
    return kind instanceof GlobalPoolingLayer
        || kind instanceof DenseLayer
        || kind instanceof DropoutLayer
        || kind instanceof BaseOutputLayer
        || kind instanceof LossLayer
        || (kind instanceof ActivationLayer && followsFlat(graph, name));
  }

  private static boolean followsFlat(ComputationGraph graph, String name) {
    List<String> inputs = graph.getConfiguration().getVertexInputs().get(name);
    return inputs != null && inputs.size() == 1 && isFlat(graph, inputs.get(0));
  }

  /** The model as JSON, with what the import looks for in it and Keras keeps beside it. */
  private static JsonObject description(Node root) throws IOException {
    Optional<String> config = single(root, "model_config");
    if (config.isEmpty()) {
      boolean weightsOnly = root.texts("layer_names").isPresent();
      throw new IOException(
          "it must hold a model, as model.save writes it, but "
              + (weightsOnly ? "holds weights alone (save_weights)" : "has no model_config"));
    }
    if (config.get().length() > MOST_TEXT) {
      throw new IOException(
          "model_config must have at most "
              + MOST_TEXT
              + " characters but has "
              + config.get().length());
    }
    JsonObject json;
    try {
      json = JsonParser.parseString(config.get()).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException | StackOverflowError e) {
      throw new IOException("model_config must be a JSON object but is not: " + e, e);
    }
    JsonElement named = json.get("class_name");
    String kind = named != null && named.isJsonPrimitive() ? named.getAsString() : "";
    if (!kind.equals("Model") && !kind.equals("Functional")) {
      throw new IOException(
          "model_config must be of a functional model (Model, Functional) but is of '"
              + kind
              + "'");
    }
    KerasDescription.require(json);
    Node weights = root.child("model_weights").orElse(root);
    for (String name : List.of("keras_version", "backend")) {
      Optional<String> value = single(root, name).or(() -> quiet(weights, name));
      value.ifPresent(text -> json.addProperty(name, text));
    }
    return json;
  }

  private static Optional<String> quiet(Node node, String name) {
    try {
      return single(node, name);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> single(Node node, String name) throws IOException {
    return node.texts(name).filter(texts -> texts.size() == 1).map(texts -> texts.get(0));
  }

  /** A list of texts, which Keras splits where it is too long for one attribute. */
  private static List<String> list(Node node, String name) throws IOException {
    Optional<List<String>> whole = node.texts(name);
    if (whole.isPresent()) {
      return whole.get();
    }
    List<String> all = new ArrayList<>();
    for (int part = 0; ; part++) {
      Optional<List<String>> texts = node.texts(name + part);
      if (texts.isEmpty()) {
        break;
      }
      all.addAll(texts.get());
    }
    return all;
  }

  /** Each layer with parameters has weights, and each weight has a layer. */
  private static void requireLayers(KerasModel model, Node weights, Set<String> stored)
      throws IOException {
    Set<String> lacking = new TreeSet<>();
    Set<String> unused = new TreeSet<>();
    for (Map.Entry<String, KerasLayer> layer : model.getLayers().entrySet()) {
      if (layer.getValue().getNumParams() > 0
          && (!stored.contains(layer.getKey()) || paths(weights, layer.getKey()).isEmpty())) {
        lacking.add(layer.getKey());
      }
    }
    for (String layer : stored) {
      KerasLayer taker = model.getLayers().get(layer);
      if ((taker == null || taker.getNumParams() == 0) && !paths(weights, layer).isEmpty()) {
        unused.addAll(paths(weights, layer));
      }
    }
    if (!lacking.isEmpty() || !unused.isEmpty()) {
      throw new IOException(
          "it must fit its model but its weights lack layers "
              + lacking
              + " and have unused "
              + unused);
    }
  }

  private static List<String> paths(Node weights, String layer) throws IOException {
    Optional<Node> group = weights.child(layer);
    return group.isEmpty() ? List.of() : list(group.get(), "weight_names");
  }

  /** The arrays of a layer by the names that the import knows. */
  private static Map<String, INDArray> arrays(Node weights, String layer) throws IOException {
    Map<String, INDArray> arrays = new HashMap<>();
    for (String path : paths(weights, layer)) {
      Node set =
          weights
              .child(layer + "/" + path)
              .orElseThrow(
                  () -> new IOException("layer " + layer + " must have " + path + " but lacks it"));
      SafetensorsFile.Tensor tensor = set.tensor();
      String name = path.substring(path.lastIndexOf('/') + 1).replaceFirst(":\\d+$", "");
      name = name.startsWith(layer + "_") ? name.substring(layer.length() + 1) : name;
      long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
      if (shape.length == 0 || tensor.values().length == 0) {
        throw new IOException(
            "layer "
                + layer
                + ": "
                + path
                + " must hold numbers but has the shape "
                + tensor.shape());
      }
      if (arrays.put(name, Nd4j.create(tensor.values(), shape, 'c')) != null) {
        throw new IOException("layer " + layer + " must have " + name + " once but has it twice");
      }
    }
    return arrays;
  }

  /**
   * A description that asks for more parameters than the file has is refused before it is built.
   */
  private static void requireRoom(ComputationGraphConfiguration configuration, long values)
      throws IOException {
    long needed = 0;
    for (GraphVertex vertex : configuration.getVertices().values()) {
      needed += vertex.numParams(false);
    }
    // A normalization without scale and shift has four vectors here and two in the file.
    if (needed > 2 * values || needed < 0) {
      throw new IOException(
          "its model must have at most twice the "
              + values
              + " parameters that the file has but has "
              + needed);
    }
  }

  private static void requireShapes(ComputationGraph graph, KerasModel model) throws IOException {
    for (Map.Entry<String, KerasLayer> entry : model.getLayers().entrySet()) {
      Map<String, INDArray> arrays = entry.getValue().getWeights();
      if (arrays == null) {
        continue;
      }
      for (Map.Entry<String, INDArray> array : arrays.entrySet()) {
        INDArray taker = graph.getLayer(entry.getKey()).getParam(array.getKey());
        if (taker == null) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "layer %s must have the parameter %s but has none",
                  entry.getKey(),
                  array.getKey()));
        }
        if (taker.length() != array.getValue().length()
            || (array.getValue().rank() > 2
                && !Arrays.equals(taker.shape(), array.getValue().shape()))) {
          throw new IOException(
              "layer "
                  + entry.getKey()
                  + ": parameter "
                  + array.getKey()
                  + " must have the shape "
                  + Arrays.toString(taker.shape())
                  + " but has "
                  + Arrays.toString(array.getValue().shape()));
        }
      }
    }
  }
}
