// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.deepretrieval.dl4j.plan.Window;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The graph that a functional model's {@code model_config} describes, checked before Deeplearning4j
 * sees it: its import looks without end for the channels of a layer that it does not find, gives a
 * layer around another the name of the inner one, and joins all uses of a layer that is used twice.
 *
 * <pre>
 * config: {layers: [layer, …], input_layers: [[name, 0, 0], …], output_layers: [[name, 0, 0], …]}
 * layer:  {name, class_name, config: {name, …}, inbound_nodes: [] | [[[name, 0, 0, {…}], …]]}
 * </pre>
 *
 * <p>A sound one has each layer once, under one name; input layers read nothing and are the inputs
 * of the model; every other layer reads at least one that stands before it. Then there is no ring
 * and each layer can be reached from the inputs.
 */
final class KerasDescription {
  private static final String INPUT = "InputLayer";
  private static final int MOST_SHOWN = 100;

  private static final List<String> AT_LEAST_ONE =
      List.of("kernel_size", "strides", "pool_size", "dilation_rate", "size");

  /** What each layer reads, in the order of the file. */
  private final Map<String, List<String>> reads = new LinkedHashMap<>();

  private final Set<String> inputs = new HashSet<>();

  private KerasDescription() {}

  /**
   * Checks a model.
   *
   * @throws IOException if the import must not see it; the message names the layer, not the file
   */
  static void require(JsonObject model) throws IOException {
    JsonObject config = object(model, "config", "model_config");
    KerasDescription description = new KerasDescription();
    for (JsonElement element : array(config, "layers", "model_config")) {
      description.add(element);
    }
    description.requireReads();
    description.requireEnds(config);
  }

  private void add(JsonElement element) throws IOException {
    if (!element.isJsonObject()) {
      throw new IOException("model_config must list layers as objects but one is another value");
    }
    JsonObject layer = element.getAsJsonObject();
    String name = text(layer, "name", "a layer of model_config");
    String what = "layer " + shown(name);
    if (reads.containsKey(name)) {
      throw new IOException("model_config must have each layer once but has " + what + " twice");
    }
    JsonObject config = object(layer, "config", what);
    String inner = text(config, "name", what + "'s config");
    if (!inner.equals(name)) {
      throw new IOException(what + " must have one name but is also called " + shown(inner));
    }
    for (String nested : List.of("layer", "layers")) {
      if (config.has(nested)) {
        throw new IOException(
            what + " must be a layer alone but holds others (config has " + shown(nested) + ")");
      }
    }
    for (Map.Entry<String, JsonElement> entry : config.entrySet()) {
      int least = AT_LEAST_ONE.contains(entry.getKey()) ? 1 : 0;
      if (least == 1 || entry.getKey().equals("padding") || entry.getKey().equals("cropping")) {
        requirePixels(entry.getValue(), least, what + ": " + entry.getKey());
      }
    }
    List<String> read = reads(array(layer, "inbound_nodes", what), what);
    boolean input = text(layer, "class_name", what).equals(INPUT);
    if (input != read.isEmpty()) {
      throw new IOException(
          what
              + (input
                  ? " must read nothing, as an input, but reads " + shown(read.get(0))
                  : " must read at least one layer but reads none"));
    }
    if (input) {
      inputs.add(name);
    }
    reads.put(name, read);
  }

  private static void requirePixels(JsonElement value, int least, String what) throws IOException {
    if (value.isJsonArray()) {
      for (JsonElement part : value.getAsJsonArray()) {
        requirePixels(part, least, what);
      }
    } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
      double pixels = value.getAsDouble();
      if (!(pixels >= least && pixels <= Window.MOST_PIXELS)) {
        throw new IOException(
            what
                + " must be "
                + least
                + " to "
                + Window.MOST_PIXELS
                + " but is "
                + shown(value.toString()));
      }
    }
  }

  /** What the one use of a layer reads. */
  private static List<String> reads(JsonArray nodes, String what) throws IOException {
    List<String> names = new ArrayList<>();
    if (nodes.size() > 1) {
      throw new IOException(what + " must be used once but has " + nodes.size() + " inbound_nodes");
    }
    for (JsonElement node : nodes) {
      if (!node.isJsonArray()) {
        throw new IOException(what + " must have lists as inbound_nodes, as Keras 2 writes them");
      }
      for (JsonElement reference : node.getAsJsonArray()) {
        names.add(referred(reference, what + ": a part of inbound_nodes"));
      }
    }
    return names;
  }

  private void requireReads() throws IOException {
    Set<String> before = new HashSet<>();
    for (Map.Entry<String, List<String>> layer : reads.entrySet()) {
      String name = layer.getKey();
      for (String input : layer.getValue()) {
        String what = "layer " + shown(name) + " must read layers that stand before it but reads ";
        if (!reads.containsKey(input)) {
          throw new IOException(what + shown(input) + ", which is not in model_config");
        }
        if (!before.contains(input)) {
          throw new IOException(
              what
                  + shown(input)
                  + (reaches(name, input)
                      ? ", which reads it: a ring"
                      : ", which stands behind it"));
        }
      }
      before.add(name);
    }
  }

  /** Whether a layer is read by another, at once or by way of others. */
  private boolean reaches(String from, String to) {
    List<String> open = new ArrayList<>(List.of(to));
    Set<String> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      String next = open.remove(open.size() - 1);
      if (next.equals(from)) {
        return true;
      }
      for (String input : reads.getOrDefault(next, List.of())) {
        if (seen.add(input)) {
          open.add(input);
        }
      }
    }
    return false;
  }

  private void requireEnds(JsonObject config) throws IOException {
    Set<String> unread = new HashSet<>(inputs);
    for (String name : ends(config, "input_layers")) {
      if (!inputs.contains(name)) {
        throw new IOException(
            "input_layers must name layers of the class InputLayer but name " + shown(name));
      }
      unread.remove(name);
    }
    if (!unread.isEmpty()) {
      throw new IOException(
          "input_layers must name each layer of the class InputLayer but lack "
              + shown(unread.iterator().next()));
    }
    for (String name : ends(config, "output_layers")) {
      if (!reads.containsKey(name)) {
        throw new IOException(
            "output_layers must name layers of model_config but name " + shown(name));
      }
    }
  }

  private static List<String> ends(JsonObject config, String key) throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonElement reference : array(config, key, "model_config")) {
      String name = referred(reference, "a part of " + key);
      if (names.contains(name)) {
        throw new IOException(
            key + " must name each layer once but name " + shown(name) + " twice");
      }
      names.add(name);
    }
    if (names.isEmpty()) {
      throw new IOException(key + " must name at least one layer but name none");
    }
    return names;
  }

  /** The layer of [name, 0, 0, …]: the first output of its only use. */
  private static String referred(JsonElement reference, String what) throws IOException {
    if (reference.isJsonArray()) {
      JsonArray parts = reference.getAsJsonArray();
      if (parts.size() >= 3
          && isText(parts.get(0))
          && isZero(parts.get(1))
          && isZero(parts.get(2))) {
        return parts.get(0).getAsString();
      }
    }
    throw new IOException(what + " must be [name, 0, 0] but is " + shown(reference.toString()));
  }

  private static boolean isText(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
  }

  private static boolean isZero(JsonElement element) {
    return element.isJsonPrimitive() && element.getAsString().equals("0");
  }

  private static String text(JsonObject holder, String key, String what) throws IOException {
    JsonElement element = holder.get(key);
    if (element == null || !isText(element)) {
      throw new IOException(what + " must have the text " + key + " but has none");
    }
    return element.getAsString();
  }

  private static JsonObject object(JsonObject holder, String key, String what) throws IOException {
    JsonElement element = holder.get(key);
    if (element == null || !element.isJsonObject()) {
      throw new IOException(what + " must have the object " + key + " but has none");
    }
    return element.getAsJsonObject();
  }

  private static JsonArray array(JsonObject holder, String key, String what) throws IOException {
    JsonElement element = holder.get(key);
    if (element == null || !element.isJsonArray()) {
      throw new IOException(what + " must have the list " + key + " but has none");
    }
    return element.getAsJsonArray();
  }

  /** Text of the file for a message: short, and without control characters. */
  private static String shown(String text) {
    String plain = text.replaceAll("[^ -~]", "?");
    return "'" + (plain.length() > MOST_SHOWN ? plain.substring(0, MOST_SHOWN) + "…" : plain) + "'";
  }
}
