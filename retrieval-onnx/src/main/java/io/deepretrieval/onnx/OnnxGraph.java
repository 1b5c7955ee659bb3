// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import io.deepretrieval.dl4j.plan.Activation;
import io.deepretrieval.dl4j.plan.NetworkOperation;
import io.deepretrieval.dl4j.plan.NetworkOperation.Concat;
import io.deepretrieval.dl4j.plan.NetworkOperation.Convolution;
import io.deepretrieval.dl4j.plan.NetworkOperation.Elementwise;
import io.deepretrieval.dl4j.plan.NetworkOperation.Pooling;
import io.deepretrieval.dl4j.plan.NetworkOperation.PoolingKind;
import io.deepretrieval.dl4j.plan.NetworkOperation.Sum;
import io.deepretrieval.dl4j.plan.NetworkOperation.ZeroPadding;
import io.deepretrieval.dl4j.plan.Window;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The operations of a network as nodes of ONNX, opset 17.
 *
 * @param nodes in an order in which each reads only what was made before it
 * @param initializers constants, by unique names
 * @param output name of the result, the layer
 * @param outputChannels channels of the result
 */
record OnnxGraph(
    List<Node> nodes, List<Initializer> initializers, String output, int outputChannels) {
  static final String INPUT = "image";
  static final int INPUT_CHANNELS = 3;

  OnnxGraph {
    nodes = List.copyOf(nodes);
    initializers = List.copyOf(initializers);
  }

  /**
   * An operator; its name is that of its output.
   *
   * @param attributes by name: a {@code Float}, a {@code Long}, a {@code String} or a list of
   *     {@code Long}s
   */
  record Node(String type, List<String> inputs, String output, Map<String, Object> attributes) {}

  /** A constant. */
  sealed interface Initializer {
    String name();

    /** Sizes, none for a single number. */
    List<Long> shape();
  }

  /** Float32 values, made when they are written. */
  record Floats(String name, List<Long> shape, Supplier<float[]> values) implements Initializer {}

  /** Int64 values. */
  record Longs(String name, List<Long> values) implements Initializer {
    @Override
    public List<Long> shape() {
      return List.of((long) values.size());
    }
  }

  /**
   * Lowers a network.
   *
   * @throws IllegalArgumentException if the layer has the name of the input, or an operation has no
   *     counterpart
   */
  static OnnxGraph of(List<NetworkOperation> operations, String layer) {
    return new Lowering(operations, layer).run();
  }

  private static final class Lowering {
    private final List<NetworkOperation> operations;
    private final String layer;
    private final List<Node> nodes = new ArrayList<>();
    private final List<Initializer> initializers = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final List<String> values = new ArrayList<>(List.of(INPUT));

    Lowering(List<NetworkOperation> operations, String layer) {
      if (layer.equals(INPUT)) {
        throw new IllegalArgumentException(
            "layer to export must not be called '" + INPUT + "', which is the name of the input");
      }
      this.operations = operations;
      this.layer = layer;
      names.add(INPUT);
      names.add(layer);
    }

    OnnxGraph run() {
      for (int i = 0; i < operations.size(); i++) {
        NetworkOperation operation = operations.get(i);
        String output = i == operations.size() - 1 ? layer : unique(operation.name());
        lower(operation, operation.inputs().stream().map(values::get).toList(), output);
        values.add(output);
      }
      if (operations.isEmpty()) {
        node("Identity", List.of(INPUT), layer, Map.of());
      }
      int channels =
          operations.isEmpty() ? INPUT_CHANNELS : operations.get(operations.size() - 1).channels();
      return new OnnxGraph(nodes, initializers, layer, channels);
    }

    /** The name, or with a number behind it where something else has it. */
    private String unique(String name) {
      String free = name;
      for (int n = 2; !names.add(free); n++) {
        free = name + "_" + n;
      }
      return free;
    }

    private void node(
        String type, List<String> inputs, String output, Map<String, Object> attributes) {
      nodes.add(new Node(type, inputs, output, attributes));
    }

    private String floats(String name, List<Long> shape, Supplier<float[]> values) {
      String free = unique(name);
      initializers.add(new Floats(free, shape, values));
      return free;
    }

    private String number(String name, float value) {
      return floats(name, List.of(), () -> new float[] {value});
    }

    private String longs(String name, Long... values) {
      String free = unique(name);
      initializers.add(new Longs(free, List.of(values)));
      return free;
    }

    private void lower(NetworkOperation operation, List<String> inputs, String output) {
      if (operation instanceof Convolution convolution) {
        lower(convolution, inputs.get(0), output);
      } else if (operation instanceof Pooling pooling) {
        lower(pooling, inputs.get(0), output);
      } else if (operation instanceof Sum) {
        node(inputs.size() == 2 ? "Add" : "Sum", inputs, output, Map.of());
      } else if (operation instanceof Concat) {
        node("Concat", inputs, output, Map.of("axis", 1L));
      } else if (operation instanceof Elementwise elementwise) {
        lower(elementwise, inputs.get(0), output);
      } else {
        ZeroPadding pad = (ZeroPadding) operation;
        String pads =
            longs(
                pad.name() + ".pads",
                0L,
                0L,
                (long) pad.top(),
                (long) pad.left(),
                0L,
                0L,
                (long) pad.bottom(),
                (long) pad.right());
        node("Pad", List.of(inputs.get(0), pads), output, Map.of());
      }
    }

    private void lower(Convolution convolution, String input, String output) {
      String name = convolution.name();
      Window window = convolution.window();
      Map<String, Object> attributes = window(window);
      String read = input;
      if (!hasFixedPadding(window) && isBeyondAutoPad(window)) {
        read = padded(name, input, window, number(name + ".pad.value", 0));
        attributes.put("pads", List.of(0L, 0L, 0L, 0L));
      } else {
        padding(window, attributes);
      }
      attributes.put("dilations", List.of((long) window.dilationH(), (long) window.dilationW()));
      attributes.put("group", (long) convolution.groups());
      String kernel =
          floats(
              name + ".weight",
              List.of(
                  (long) convolution.channels(),
                  (long) convolution.inputChannels() / convolution.groups(),
                  (long) window.kernelH(),
                  (long) window.kernelW()),
              convolution.kernel());
      String bias =
          floats(name + ".bias", List.of((long) convolution.channels()), convolution.bias());
      node("Conv", List.of(read, kernel, bias), output, attributes);
    }

    private void lower(Pooling pooling, String input, String output) {
      boolean max = pooling.kind() == PoolingKind.MAX;
      if (pooling.global()) {
        node(max ? "GlobalMaxPool" : "GlobalAveragePool", List.of(input), output, Map.of());
        return;
      }
      Window window = pooling.window();
      if (window.dilationH() > 1 || window.dilationW() > 1) {
        throw new IllegalArgumentException(
            "pooling '"
                + pooling.name()
                + "' must have a dilation of 1x1 to be exported but has "
                + window.dilationH()
                + "x"
                + window.dilationW());
      }
      String type = max ? "MaxPool" : "AveragePool";
      Map<String, Object> attributes = window(window);
      if (!hasFixedPadding(window) && isBeyondAutoPad(window)) {
        sized(pooling, type, attributes, input, output);
        return;
      }
      padding(window, attributes);
      if (!max) {
        attributes.put(
            "count_include_pad", pooling.kind() == PoolingKind.MEAN_INCLUDING_PADDING ? 1L : 0L);
      }
      node(type, List.of(input), output, attributes);
    }

    /** A pooling of a value that has its padding already. */
    private void sized(
        Pooling pooling, String type, Map<String, Object> attributes, String input, String output) {
      String name = pooling.name();
      Window window = pooling.window();
      boolean max = pooling.kind() == PoolingKind.MAX;
      String value = number(name + ".pad.value", max ? Float.NEGATIVE_INFINITY : 0);
      String read = padded(name, input, window, value);
      if (pooling.kind() != PoolingKind.MEAN_EXCLUDING_PADDING) {
        node(type, List.of(read), output, attributes);
        return;
      }
      // The mean of ones and padding is the share of cells that are in the map.
      String leading = longs(name + ".leading", 1L, 1L);
      String size = made("Shape", name + ".shape", Map.of("start", 2L), input);
      String shape = made("Concat", name + ".mask.shape", Map.of("axis", 0L), leading, size);
      String ones = made("Expand", name + ".mask", number(name + ".mask.value", 1), shape);
      String mask = padded(name + ".mask", ones, window, value);
      String share = made(type, name + ".share", attributes, mask);
      String mean = made(type, name + ".mean", attributes, read);
      node("Div", List.of(mean, share), output, Map.of());
    }

    private static Map<String, Object> window(Window window) {
      Map<String, Object> attributes = new LinkedHashMap<>();
      attributes.put("kernel_shape", List.of((long) window.kernelH(), (long) window.kernelW()));
      attributes.put("strides", List.of((long) window.strideH(), (long) window.strideW()));
      return attributes;
    }

    private static void padding(Window window, Map<String, Object> attributes) {
      if (!window.same()) {
        attributes.put(
            "pads",
            List.of(
                (long) window.top(),
                (long) window.left(),
                (long) window.bottom(),
                (long) window.right()));
      } else if (hasFixedPadding(window)) {
        long rows = (long) (window.kernelH() - 1) * window.dilationH();
        long columns = (long) (window.kernelW() - 1) * window.dilationW();
        attributes.put(
            "pads", List.of(rows / 2, columns / 2, rows - rows / 2, columns - columns / 2));
      } else {
        attributes.put("auto_pad", "SAME_UPPER");
      }
    }

    /** SAME padding depends on the size only where steps of several cells meet a larger kernel. */
    private static boolean hasFixedPadding(Window window) {
      return !window.same()
          || ((window.kernelH() == 1 || window.strideH() == 1)
              && (window.kernelW() == 1 || window.strideW() == 1));
    }

    /**
     * ONNX Runtime refuses auto_pad with a dilation, and shifts where the kernel is the smaller.
     */
    private static boolean isBeyondAutoPad(Window window) {
      return window.dilationH() > 1
          || window.dilationW() > 1
          || window.kernelH() < window.strideH()
          || window.kernelW() < window.strideW();
    }

    /**
     * The value with SAME padding that is computed from its size: total = max(0, (ceil(in / stride)
     * - 1) stride + extent - in), of which half, rounded down, goes before.
     */
    private String padded(String layer, String input, Window window, String value) {
      String name = layer + ".pad";
      String one = longs(name + ".one", 1L, 1L);
      String two = longs(name + ".two", 2L, 2L);
      String none = longs(name + ".none", 0L, 0L);
      String stride = longs(name + ".stride", (long) window.strideH(), (long) window.strideW());
      String extent =
          longs(
              name + ".extent",
              (long) (window.kernelH() - 1) * window.dilationH() + 1,
              (long) (window.kernelW() - 1) * window.dilationW() + 1);
      String size = made("Shape", name + ".size", Map.of("start", 2L), input);
      // (in - 1) / stride = ceil(in / stride) - 1
      String steps = made("Div", name + ".steps", made("Sub", name + ".last", size, one), stride);
      String read = made("Add", name + ".read", made("Mul", name + ".at", steps, stride), extent);
      String total = made("Max", name + ".total", made("Sub", name + ".lack", read, size), none);
      String before = made("Div", name + ".before", total, two);
      String behind = made("Sub", name + ".behind", total, before);
      String pads = made("Concat", name + ".pads", Map.of("axis", 0L), none, before, none, behind);
      return made("Pad", name, Map.of(), input, pads, value);
    }

    private String made(String type, String name, String... inputs) {
      return made(type, name, Map.of(), inputs);
    }

    private String made(
        String type, String name, Map<String, Object> attributes, String... inputs) {
      String output = unique(name);
      node(type, List.of(inputs), output, attributes);
      return output;
    }

    private void lower(Elementwise elementwise, String input, String output) {
      Activation activation = elementwise.activation();
      List<String> inputs = List.of(input);
      switch (activation.kind()) {
        case IDENTITY -> node("Identity", inputs, output, Map.of());
        case RELU -> {
          if (activation.alpha() == 0) {
            node("Relu", inputs, output, Map.of());
          } else {
            node("LeakyRelu", inputs, output, Map.of("alpha", activation.alpha()));
          }
        }
        case CLIP ->
            node(
                "Clip",
                List.of(
                    input,
                    number(elementwise.name() + ".min", activation.alpha()),
                    number(elementwise.name() + ".max", activation.beta())),
                output,
                Map.of());
        case SIGMOID -> node("Sigmoid", inputs, output, Map.of());
        case TANH -> node("Tanh", inputs, output, Map.of());
        case ELU -> node("Elu", inputs, output, Map.of("alpha", activation.alpha()));
        case SWISH -> {
          String scaled =
              activation.alpha() == 1
                  ? input
                  : made(
                      "Mul",
                      elementwise.name() + ".scaled",
                      input,
                      number(elementwise.name() + ".factor", activation.alpha()));
          node(
              "Mul",
              List.of(input, made("Sigmoid", elementwise.name() + ".sigmoid", scaled)),
              output,
              Map.of());
        }
      }
    }
  }
}
