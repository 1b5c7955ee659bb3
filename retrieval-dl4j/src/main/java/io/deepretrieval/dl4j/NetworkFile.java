// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.deepretrieval.Preprocessing;
import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkPlan;
import io.deepretrieval.dl4j.plan.NetworkPlan.Concat;
import io.deepretrieval.dl4j.plan.NetworkPlan.Conv;
import io.deepretrieval.dl4j.plan.NetworkPlan.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkPlan.Pool;
import io.deepretrieval.dl4j.plan.NetworkPlan.PoolKind;
import io.deepretrieval.dl4j.plan.NetworkPlan.Step;
import io.deepretrieval.dl4j.plan.NetworkPlan.Sum;
import io.deepretrieval.dl4j.plan.NetworkPlan.Weights;
import io.deepretrieval.dl4j.plan.NetworkPlan.ZeroPad;
import io.deepretrieval.dl4j.plan.Window;
import io.deepretrieval.format.Float16;
import io.deepretrieval.format.SafetensorsFile;
import io.deepretrieval.format.SafetensorsFile.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A network of ours as one file: structure, folded weights and preprocessing, so that it loads
 * without the graph it came from.
 *
 * <p>It is a {@code .safetensors} file. Tensors are {@code <convolution>.weight} ({@code [O,
 * I/groups, kH, kW]}) and {@code <convolution>.bias} ({@code [O]}), F32 or F16. The metadata of the
 * header holds
 *
 * <pre>
 * format         deep-retrieval network
 * version        1
 * name, layer    of the backbone and of its end
 * preprocessing  JSON: order, scale, mean, std
 * plan           JSON: input channels and the steps
 * sha256         over names, shapes and float32 values of the tensors as they are stored
 * </pre>
 */
final class NetworkFile {
  static final String FORMAT = "deep-retrieval network";
  private static final String VERSION = "1";

  /**
   * What a file holds.
   *
   * @param name of the backbone
   * @param layer its end
   */
  record Content(String name, String layer, Preprocessing preprocessing, NetworkPlan plan) {}

  private NetworkFile() {}

  /** Over names, shapes and float32 values of all convolutions, in the order of the plan. */
  static String weightsSha256(NetworkPlan plan) {
    return sha256(tensors(plan));
  }

  private static String sha256(Map<String, Tensor> tensors) {
    WeightsHash hash = new WeightsHash();
    tensors.forEach((name, tensor) -> hash.add(name + tensor.shape(), tensor.values()));
    return hash.hex();
  }

  private static Map<String, Tensor> tensors(NetworkPlan plan) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    List<Integer> channels = new ArrayList<>(List.of(plan.inputChannels()));
    for (Step step : plan.steps()) {
      if (step instanceof Conv conv) {
        Window window = conv.window();
        List<Integer> shape =
            List.of(
                conv.channels(),
                channels.get(conv.input()) / conv.groups(),
                window.kernelH(),
                window.kernelW());
        if (tensors.put(conv.name() + ".weight", new Tensor(shape, conv.weights().kernel()))
            != null) {
          throw new IllegalArgumentException(
              "convolutions must have names of their own but two are '" + conv.name() + "'");
        }
        tensors.put(
            conv.name() + ".bias", new Tensor(List.of(conv.channels()), conv.weights().bias()));
      }
      channels.add(step.channels());
    }
    return tensors;
  }

  /**
   * Writes a network under a temporary name, forces it to disk and renames it.
   *
   * @param half true for float16 weights, which lose up to 5e-4 of a value
   * @throws IOException if the file cannot be written; an earlier file of that name is then intact
   */
  static void write(Path file, Content content, boolean half) throws IOException {
    Map<String, Tensor> tensors = tensors(content.plan);
    if (half) {
      tensors.replaceAll((name, tensor) -> rounded(tensor));
    }
    JsonObject preprocessing = new JsonObject();
    preprocessing.addProperty("order", content.preprocessing.order().name());
    preprocessing.addProperty("scale", content.preprocessing.scale());
    preprocessing.add("mean", numbers(content.preprocessing.mean()));
    preprocessing.add("std", numbers(content.preprocessing.std()));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("name", content.name);
    metadata.put("layer", content.layer);
    metadata.put("preprocessing", preprocessing.toString());
    metadata.put("plan", json(content.plan).toString());
    metadata.put("sha256", sha256(tensors));
    SafetensorsFile.write(file, metadata, tensors, half);
  }

  private static Tensor rounded(Tensor tensor) {
    float[] values = tensor.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = Float16.toFloat(Float16.fromFloat(values[i]));
    }
    return new Tensor(tensor.shape(), values);
  }

  private static JsonArray numbers(List<? extends Number> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  private static JsonObject json(NetworkPlan plan) {
    JsonObject object = new JsonObject();
    object.addProperty("input", plan.inputChannels());
    JsonArray steps = new JsonArray();
    plan.steps().forEach(step -> steps.add(json(step)));
    object.add("steps", steps);
    return object;
  }

  private static JsonObject json(Step step) {
    JsonObject object = new JsonObject();
    object.addProperty("type", step.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    object.addProperty("name", step.name());
    object.add("inputs", numbers(step.inputs()));
    object.addProperty("channels", step.channels());
    if (step instanceof Conv conv) {
      object.addProperty("groups", conv.groups());
      object.add("window", json(conv.window()));
      object.add("activation", json(conv.activation()));
    } else if (step instanceof Pool pool) {
      object.add("window", json(pool.window()));
      object.addProperty("kind", pool.kind().name());
      object.addProperty("global", pool.global());
    } else if (step instanceof Sum sum) {
      object.add("activation", json(sum.activation()));
    } else if (step instanceof Elementwise elementwise) {
      object.add("activation", json(elementwise.activation()));
    } else if (step instanceof ZeroPad pad) {
      object.add("padding", numbers(List.of(pad.top(), pad.bottom(), pad.left(), pad.right())));
    }
    return object;
  }

  private static JsonArray json(Window w) {
    return numbers(
        List.of(
            w.kernelH(),
            w.kernelW(),
            w.strideH(),
            w.strideW(),
            w.dilationH(),
            w.dilationW(),
            w.same() ? 1 : 0,
            w.top(),
            w.bottom(),
            w.left(),
            w.right()));
  }

  private static JsonArray json(Activation activation) {
    JsonArray array = new JsonArray();
    array.add(activation.kind().name());
    array.add(activation.alpha());
    array.add(activation.beta());
    return array;
  }

  /**
   * Reads a network.
   *
   * @throws IOException if the file cannot be read, is not such a file, is of a later version or is
   *     damaged; the message names it
   */
  static Content read(Path file) throws IOException {
    Map<String, String> metadata = SafetensorsFile.metadata(file);
    String format = metadata.getOrDefault("format", "");
    if (!format.equals(FORMAT)) {
      throw broken(file, "format must be '" + FORMAT + "' but was '" + format + "'");
    }
    String version = metadata.getOrDefault("version", "");
    if (!version.equals(VERSION)) {
      throw broken(file, "version must be " + VERSION + " but was '" + version + "'");
    }
    Map<String, Tensor> tensors = SafetensorsFile.read(file);
    String sha256 = sha256(tensors);
    if (!sha256.equals(metadata.get("sha256"))) {
      throw broken(
          file, "SHA-256 of the weights must be " + metadata.get("sha256") + " but was " + sha256);
    }
    try {
      JsonObject preprocessing = object(metadata, "preprocessing");
      JsonObject plan = object(metadata, "plan");
      List<Step> steps = new ArrayList<>();
      for (JsonElement step : plan.getAsJsonArray("steps")) {
        steps.add(step(step.getAsJsonObject(), steps.size(), tensors));
      }
      return new Content(
          text(metadata, "name"),
          text(metadata, "layer"),
          new Preprocessing(
              Preprocessing.ChannelOrder.valueOf(preprocessing.get("order").getAsString()),
              preprocessing.get("scale").getAsDouble(),
              doubles(preprocessing.getAsJsonArray("mean")),
              doubles(preprocessing.getAsJsonArray("std"))),
          checked(new NetworkPlan(plan.get("input").getAsInt(), steps), tensors));
    } catch (RuntimeException | StackOverflowError e) {
      throw new IOException(
          "cannot read network " + file + ": its header must describe a network: " + e, e);
    }
  }

  /** Native code runs the plan: every step fits the values it reads and its kernel. */
  private static NetworkPlan checked(NetworkPlan plan, Map<String, Tensor> tensors) {
    List<Integer> channels = new ArrayList<>(List.of(plan.inputChannels()));
    if (plan.inputChannels() < 1 || plan.steps().isEmpty()) {
      throw new IllegalArgumentException("a plan must have input channels and steps");
    }
    for (Step step : plan.steps()) {
      requireFit(step, channels);
      channels.add(step.channels());
    }
    Map<String, Tensor> wanted = tensors(plan);
    if (!wanted.keySet().equals(tensors.keySet())) {
      throw new IllegalArgumentException(
          "tensors must be " + wanted.keySet() + " but were " + tensors.keySet());
    }
    wanted.forEach(
        (name, tensor) -> {
          List<Integer> shape = Objects.requireNonNull(tensors.get(name), name).shape();
          if (!shape.equals(tensor.shape())) {
            throw new IllegalArgumentException(
                "tensor " + name + " must have shape " + tensor.shape() + " but has " + shape);
          }
        });
    return plan;
  }

  private static void requireFit(Step step, List<Integer> channels) {
    int first = channels.get(step.inputs().get(0));
    long all = step.inputs().stream().mapToLong(channels::get).sum();
    boolean fits =
        step instanceof Conv conv
            ? conv.groups() >= 1
                && first % conv.groups() == 0
                && conv.channels() % conv.groups() == 0
                && (conv.residual() < 0 || channels.get(conv.residual()) == conv.channels())
            : step instanceof Concat
                ? all == step.channels()
                : step.inputs().stream().allMatch(i -> channels.get(i) == step.channels());
    if (!fits || step.channels() < 1) {
      throw new IllegalArgumentException(
          "step "
              + step.name()
              + " must fit the values it reads, of "
              + step.inputs().stream().map(channels::get).toList()
              + " channels, but has "
              + step.channels());
    }
  }

  private static int pixels(int value, int least, String name) {
    if (value < least || value > Window.MOST_PIXELS) {
      throw new IllegalArgumentException(
          "windows and padding of step "
              + name
              + " must be "
              + least
              + " to "
              + Window.MOST_PIXELS
              + " but one is "
              + value);
    }
    return value;
  }

  private static String text(Map<String, String> metadata, String key) {
    String text = metadata.get(key);
    if (text == null) {
      throw new IllegalArgumentException("metadata must have '" + key + "'");
    }
    return text;
  }

  private static JsonObject object(Map<String, String> metadata, String key) {
    return JsonParser.parseString(text(metadata, key)).getAsJsonObject();
  }

  private static List<Double> doubles(JsonArray array) {
    List<Double> list = new ArrayList<>();
    array.forEach(value -> list.add(value.getAsDouble()));
    return list;
  }

  private static List<Integer> integers(JsonArray array) {
    List<Integer> list = new ArrayList<>();
    array.forEach(value -> list.add(value.getAsInt()));
    return list;
  }

  private static Step step(JsonObject json, int index, Map<String, Tensor> tensors) {
    String name = json.get("name").getAsString();
    List<Integer> inputs = integers(json.getAsJsonArray("inputs"));
    int channels = json.get("channels").getAsInt();
    for (int input : inputs) {
      if (input < 0 || input > index) {
        throw new IllegalArgumentException(
            "step " + name + " must read values 0 to " + index + " but reads " + input);
      }
    }
    String type = json.get("type").getAsString();
    return switch (type) {
      case "conv" ->
          new Conv(
              name,
              inputs.get(0),
              inputs.size() > 1 ? inputs.get(1) : -1,
              channels,
              json.get("groups").getAsInt(),
              window(json),
              weights(name, tensors),
              activation(json));
      case "pool" ->
          new Pool(
              name,
              inputs.get(0),
              channels,
              window(json),
              PoolKind.valueOf(json.get("kind").getAsString()),
              json.get("global").getAsBoolean());
      case "sum" -> new Sum(name, inputs, channels, activation(json));
      case "concat" -> new Concat(name, inputs, channels);
      case "elementwise" -> new Elementwise(name, inputs.get(0), channels, activation(json));
      case "zeropad" -> {
        List<Integer> p = integers(json.getAsJsonArray("padding"));
        p.forEach(value -> pixels(value, 0, name));
        yield new ZeroPad(name, inputs.get(0), channels, p.get(0), p.get(1), p.get(2), p.get(3));
      }
      default -> throw new IllegalArgumentException("unknown step type '" + type + "'");
    };
  }

  private static Window window(JsonObject json) {
    List<Integer> w = integers(json.getAsJsonArray("window"));
    for (int i = 0; i < w.size(); i++) {
      pixels(w.get(i), i < 6 ? 1 : 0, json.get("name").getAsString());
    }
    return new Window(
        w.get(0),
        w.get(1),
        w.get(2),
        w.get(3),
        w.get(4),
        w.get(5),
        w.get(6) == 1,
        w.get(7),
        w.get(8),
        w.get(9),
        w.get(10));
  }

  private static Activation activation(JsonObject json) {
    JsonArray a = json.getAsJsonArray("activation");
    return new Activation(
        Activation.Kind.valueOf(a.get(0).getAsString()),
        a.get(1).getAsFloat(),
        a.get(2).getAsFloat());
  }

  private static Weights weights(String name, Map<String, Tensor> tensors) {
    Tensor kernel = tensors.get(name + ".weight");
    Tensor bias = tensors.get(name + ".bias");
    if (kernel == null || bias == null) {
      throw new IllegalArgumentException("tensors must have " + name + ".weight and .bias");
    }
    return new Weights() {
      @Override
      public float[] kernel() {
        return kernel.values().clone();
      }

      @Override
      public float[] bias() {
        return bias.values().clone();
      }
    };
  }

  private static IOException broken(Path file, String reason) {
    return new IOException("cannot read network " + file + ": " + reason);
  }
}
