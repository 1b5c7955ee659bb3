// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;

/** Writes small ONNX files for tests, right ones and wrong ones. */
final class OnnxFiles {
  private OnnxFiles() {}

  /** A message of protobuf under construction. */
  static final class Msg {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    Msg n(int field, long value) throws IOException {
      out.writeInt64(field, value);
      return this;
    }

    Msg s(int field, String value) throws IOException {
      return b(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Msg b(int field, byte[] value) throws IOException {
      out.writeByteArray(field, value);
      return this;
    }

    Msg m(int field, Msg value) throws IOException {
      return b(field, value.done());
    }

    byte[] done() throws IOException {
      out.flush();
      return bytes.toByteArray();
    }
  }

  static Msg floats(String name, float[] values, long... dims) throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return dims(dims).n(2, 1).s(8, name).b(9, raw.array());
  }

  static Msg longs(String name, long... values) throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return dims(values.length).n(2, 7).s(8, name).b(9, raw.array());
  }

  static Msg external(String name, String location, String offset, String length, long... dims)
      throws IOException {
    return dims(dims)
        .n(2, 1)
        .s(8, name)
        .m(13, new Msg().s(1, "location").s(2, location))
        .m(13, new Msg().s(1, "offset").s(2, offset))
        .m(13, new Msg().s(1, "length").s(2, length))
        .n(14, 1);
  }

  private static Msg dims(long... dims) throws IOException {
    Msg tensor = new Msg();
    for (long dim : dims) {
      tensor.n(1, dim);
    }
    return tensor;
  }

  static Msg ints(String name, long... values) throws IOException {
    Msg attribute = new Msg().s(1, name);
    for (long value : values) {
      attribute.n(8, value);
    }
    return attribute.n(20, 7);
  }

  static Msg node(String op, String domain, String inputs, String output, Msg... attributes)
      throws IOException {
    Msg node = new Msg();
    for (String input : inputs.split(" ", -1)) {
      node.s(1, input);
    }
    node.s(2, output).s(4, op);
    for (Msg attribute : attributes) {
      node.m(5, attribute);
    }
    return domain.isEmpty() ? node : node.s(7, domain);
  }

  /** A value of float32; a size below 0 is dynamic. */
  static Msg value(String name, long... dims) throws IOException {
    Msg shape = new Msg();
    for (long dim : dims) {
      shape.m(1, dim < 0 ? new Msg().s(2, "d" + -dim) : new Msg().n(1, dim));
    }
    return new Msg().s(1, name).m(2, new Msg().m(1, new Msg().n(1, 1).m(2, shape)));
  }

  static byte[] model(Msg graph, long opset, Map<String, String> metadata) throws IOException {
    Msg model = new Msg().n(1, 8).m(7, graph.s(2, "g")).m(8, new Msg().s(1, "").n(2, opset));
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      model.m(14, new Msg().s(1, entry.getKey()).s(2, entry.getValue()));
    }
    return model.done();
  }

  static float[] weights(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Convolution 4x4 of stride 4 to 6 channels and ReLU, outputs y and r. */
  static Msg convGraph(Msg weight, long height, long width) throws IOException {
    return new Msg()
        .m(1, conv("x w", "y"))
        .m(1, node("Relu", "", "y", "r"))
        .m(5, weight)
        .m(11, value("x", -1, 3, height, width))
        .m(12, value("r", -1, 6, -4, -5));
  }

  static Msg conv(String inputs, String output) throws IOException {
    return node("Conv", "", inputs, output, ints("kernel_shape", 4, 4), ints("strides", 4, 4));
  }

  static byte[] conv() throws IOException {
    return model(convGraph(floats("w", weights(288), 6, 3, 4, 4), -2, -3), 17, Map.of());
  }

  /** Patches of 4 to 6 channels as tokens, some tokens of 7 in front. */
  static byte[] tokens(int prefix) throws IOException {
    float[] front = new float[prefix * 6];
    java.util.Arrays.fill(front, 7);
    return model(
        new Msg()
            .m(1, conv("x w", "y"))
            .m(1, node("Reshape", "", "y s", "f"))
            .m(1, node("Transpose", "", "f", "t", ints("perm", 0, 2, 1)))
            .m(1, node("Concat", "", "c t", "r", new Msg().s(1, "axis").n(3, 1).n(20, 2)))
            .m(5, floats("w", weights(288), 6, 3, 4, 4))
            .m(5, longs("s", 0, 6, -1))
            .m(5, floats("c", front, 1, prefix, 6))
            .m(11, value("x", -1, 3, -2, -3))
            .m(12, value("r", -1, -4, 6)),
        17,
        Map.of());
  }
}
