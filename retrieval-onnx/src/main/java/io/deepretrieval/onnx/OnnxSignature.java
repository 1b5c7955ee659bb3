// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import io.deepretrieval.RgbImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The image that a network takes and the output that is its map, by name and shape. */
final class OnnxSignature {
  private final Path file;
  private final String input;
  private final long[] inputShape;
  private final String output;
  private final long[] outputShape;

  private OnnxSignature(
      Path file, String input, long[] inputShape, String output, long[] outputShape) {
    this.file = file;
    this.input = input;
    this.inputShape = inputShape;
    this.output = output;
    this.outputShape = outputShape;
  }

  /**
   * Finds the input and the output.
   *
   * @param file for messages
   * @param inputs of the network
   * @param outputs of the network
   * @param asked the name of the output, or null for the only one
   * @return both
   * @throws IOException if there is no such input or output
   * @throws IllegalArgumentException if there is no output of that name
   */
  static OnnxSignature of(
      Path file,
      Map<String, NodeInfo> inputs,
      Map<String, NodeInfo> outputs,
      @Nullable String asked)
      throws IOException {
    if (inputs.size() != 1) {
      throw error(file, "must have one input but has " + described(inputs));
    }
    String input = inputs.keySet().iterator().next();
    long[] in = tensor(file, inputs, input, "input").getShape();
    if (in.length != 4 || (in[1] != 3 && in[1] != -1)) {
      throw error(file, "must have an input [N,3,H,W] but has " + described(inputs));
    }
    if (in[0] > 1) {
      throw error(file, "must take a batch of 1 but takes " + described(inputs));
    }
    String output = output(file, asked, outputs);
    long[] out = tensor(file, outputs, output, "output").getShape();
    if (out.length != 3 && out.length != 4) {
      throw error(
          file,
          "must have an output [N,C,H,W] or [N,T,C] but '"
              + output
              + "' has not: outputs "
              + described(outputs));
    }
    return new OnnxSignature(file, input, in, output, out);
  }

  /** A fault of a file. */
  static IOException error(Path file, String what) {
    return new IOException("ONNX file " + file + " " + what);
  }

  private static String output(Path file, @Nullable String name, Map<String, NodeInfo> outputs)
      throws IOException {
    if (name == null && outputs.size() == 1) {
      return outputs.keySet().iterator().next();
    }
    if (name == null) {
      throw error(file, "has several outputs, one must be chosen: " + described(outputs));
    }
    if (!outputs.containsKey(name)) {
      throw new IllegalArgumentException(
          "ONNX file " + file + " has no output '" + name + "', it has " + described(outputs));
    }
    return name;
  }

  private static TensorInfo tensor(Path file, Map<String, NodeInfo> nodes, String name, String kind)
      throws IOException {
    NodeInfo node = nodes.get(name);
    if (node != null
        && node.getInfo() instanceof TensorInfo tensor
        && tensor.type == OnnxJavaType.FLOAT
        && tensor.onnxType == TensorInfo.OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      return tensor;
    }
    throw error(file, "must have a float32 " + kind + " but has " + described(nodes));
  }

  private static String described(Map<String, NodeInfo> nodes) {
    List<String> parts = new ArrayList<>();
    nodes.forEach(
        (name, node) ->
            parts.add(
                name
                    + " "
                    + (node.getInfo() instanceof TensorInfo tensor
                        ? tensor.type + Arrays.toString(tensor.getShape()).replace("-1", "?")
                        : "no tensor")));
    return String.join(", ", parts);
  }

  String input() {
    return input;
  }

  String output() {
    return output;
  }

  /** Whether the output is {@code [N,T,C]}, the tokens of a transformer. */
  boolean tokens() {
    return outputShape.length == 3;
  }

  /** Channels of the output, or less than 1 where the file does not say them. */
  long channels() {
    return outputShape[tokens() ? 2 : 1];
  }

  /** Whether images of one width only are taken. */
  boolean fixedWidth() {
    return inputShape[3] > 0;
  }

  /** The height that images must have, or the given one where any will do. */
  int heightOr(int other) {
    return inputShape[2] > 0 ? (int) inputShape[2] : other;
  }

  /** The width that images must have, or the given one where any will do. */
  int widthOr(int other) {
    return inputShape[3] > 0 ? (int) inputShape[3] : other;
  }

  /**
   * Refuses an image that the input does not take.
   *
   * @param image for the message
   * @param height rows that are taken of it
   * @param width columns that are taken of it
   * @throws IllegalArgumentException if the input has another size
   */
  void requireSize(RgbImage image, int height, int width) {
    if ((inputShape[2] > 0 && inputShape[2] != height)
        || (inputShape[3] > 0 && inputShape[3] != width)) {
      throw new IllegalArgumentException(
          "image must have the fixed size "
              + (inputShape[3] > 0 ? inputShape[3] : "any")
              + "x"
              + (inputShape[2] > 0 ? inputShape[2] : "any")
              + " of ONNX file "
              + file
              + " but was "
              + image.width()
              + "x"
              + image.height());
    }
  }
}
