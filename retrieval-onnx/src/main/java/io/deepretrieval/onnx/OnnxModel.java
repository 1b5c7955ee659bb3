// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import com.google.protobuf.CodedOutputStream;
import io.deepretrieval.onnx.OnnxGraph.Floats;
import io.deepretrieval.onnx.OnnxGraph.Initializer;
import io.deepretrieval.onnx.OnnxGraph.Longs;
import io.deepretrieval.onnx.OnnxGraph.Node;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * A graph as the message {@code ModelProto} of ONNX.
 *
 * <p>Fields, with their numbers in onnx.proto:
 *
 * <pre>
 * ModelProto      ir_version 1, producer_name 2, graph 7, opset_import 8, metadata_props 14
 * GraphProto      node 1, name 2, initializer 5, input 11, output 12
 * NodeProto       input 1, output 2, name 3, op_type 4, attribute 5
 * AttributeProto  name 1, f 2, i 3, s 4, ints 8, type 20
 * TensorProto     dims 1, data_type 2, name 8, raw_data 9
 * </pre>
 *
 * @param graph the network
 * @param metadata what the file says of itself
 */
record OnnxModel(OnnxGraph graph, OnnxMetadata metadata) {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 17;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int RAW_DATA = 9;
  private static final int BUFFER = 1 << 16;

  /** Takes bytes one after the other. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes what remains of a buffer, which is used again.
     *
     * @throws IOException if it cannot
     */
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Writes fields of a message into memory. */
  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  /**
   * Writes the model. Everything but the weights is made beforehand, so that the lengths are known;
   * of the weights only one tensor is in memory at a time.
   *
   * @throws IOException if the sink throws it
   * @throws IllegalArgumentException if it would have 2 GB or more; nothing was written then
   */
  void write(Sink sink) throws IOException {
    byte[] before = message(this::head);
    byte[] graphBefore = message(this::nodes);
    List<byte[]> tensors =
        graph.initializers().stream().map(tensor -> message(out -> head(tensor, out))).toList();
    byte[] graphBehind = message(this::ends);
    byte[] behind = message(this::tail);
    long graphLength = (long) graphBefore.length + graphBehind.length;
    for (int i = 0; i < tensors.size(); i++) {
      long length = tensors.get(i).length + bytes(graph.initializers().get(i));
      graphLength += lengthOfHeader(5, length) + length;
    }
    long total = before.length + lengthOfHeader(7, graphLength) + graphLength + behind.length;
    if (total > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "ONNX file must be smaller than 2 GB (2147483648 bytes) but would have "
              + total
              + " bytes");
    }
    sink.write(ByteBuffer.wrap(before));
    sink.write(header(7, graphLength));
    sink.write(ByteBuffer.wrap(graphBefore));
    for (int i = 0; i < tensors.size(); i++) {
      Initializer tensor = graph.initializers().get(i);
      sink.write(header(5, tensors.get(i).length + bytes(tensor)));
      sink.write(ByteBuffer.wrap(tensors.get(i)));
      data(tensor, sink);
    }
    sink.write(ByteBuffer.wrap(graphBehind));
    sink.write(ByteBuffer.wrap(behind));
  }

  private void head(CodedOutputStream out) throws IOException {
    out.writeInt64(1, IR_VERSION);
    out.writeString(2, "deep-retrieval");
  }

  private void tail(CodedOutputStream out) throws IOException {
    write(out, 8, opset -> opset.writeInt64(2, OPSET));
    for (Map.Entry<String, String> entry : metadata.entries().entrySet()) {
      write(
          out,
          14,
          property -> {
            property.writeString(1, entry.getKey());
            property.writeString(2, entry.getValue());
          });
    }
  }

  private void nodes(CodedOutputStream out) throws IOException {
    for (Node node : graph.nodes()) {
      write(out, 1, fields -> node(node, fields));
    }
    out.writeString(2, metadata.backbone());
  }

  private static void node(Node node, CodedOutputStream out) throws IOException {
    for (String input : node.inputs()) {
      out.writeString(1, input);
    }
    out.writeString(2, node.output());
    out.writeString(3, node.output());
    out.writeString(4, node.type());
    for (Map.Entry<String, Object> entry : node.attributes().entrySet()) {
      write(out, 5, fields -> attribute(entry.getKey(), entry.getValue(), fields));
    }
  }

  private static void attribute(String name, Object value, CodedOutputStream out)
      throws IOException {
    out.writeString(1, name);
    if (value instanceof Float number) {
      out.writeFloat(2, number);
      out.writeEnum(20, 1);
    } else if (value instanceof Long number) {
      out.writeInt64(3, number);
      out.writeEnum(20, 2);
    } else if (value instanceof String text) {
      out.writeString(4, text);
      out.writeEnum(20, 3);
    } else {
      for (Object number : (List<?>) value) {
        out.writeInt64(8, (Long) number);
      }
      out.writeEnum(20, 7);
    }
  }

  private void ends(CodedOutputStream out) throws IOException {
    end(out, 11, OnnxGraph.INPUT, OnnxGraph.INPUT_CHANNELS, "height", "width");
    end(out, 12, graph.output(), graph.outputChannels(), "rows", "columns");
  }

  /** ValueInfoProto: name 1, type 2; in it tensor_type 1; in it elem_type 1, shape 2. */
  private static void end(
      CodedOutputStream out, int field, String name, int channels, String rows, String columns)
      throws IOException {
    write(
        out,
        field,
        info -> {
          info.writeString(1, name);
          write(
              info,
              2,
              type ->
                  write(
                      type,
                      1,
                      tensor -> {
                        tensor.writeEnum(1, FLOAT);
                        write(
                            tensor,
                            2,
                            shape -> {
                              write(shape, 1, size -> size.writeString(2, "batch"));
                              write(shape, 1, size -> size.writeInt64(1, channels));
                              write(shape, 1, size -> size.writeString(2, rows));
                              write(shape, 1, size -> size.writeString(2, columns));
                            });
                      }));
        });
  }

  /** All of a tensor but its values; the length of those, and the tag before it, come last. */
  private static void head(Initializer tensor, CodedOutputStream out) throws IOException {
    for (long size : tensor.shape()) {
      out.writeInt64(1, size);
    }
    out.writeInt32(2, tensor instanceof Floats ? FLOAT : INT64);
    out.writeString(8, tensor.name());
    out.writeTag(RAW_DATA, 2);
    out.writeUInt64NoTag(bytes(tensor));
  }

  private static long bytes(Initializer tensor) {
    long count = 1;
    for (long size : tensor.shape()) {
      count = Math.multiplyExact(count, size);
    }
    return Math.multiplyExact(count, tensor instanceof Floats ? 4L : 8L);
  }

  private static void data(Initializer tensor, Sink sink) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    if (tensor instanceof Longs longs) {
      for (long value : longs.values()) {
        buffer.putLong(value);
      }
      sink.write(buffer.flip());
      return;
    }
    Floats floats = (Floats) tensor;
    float[] values = floats.values().get();
    if (4L * values.length != bytes(tensor)) {
      throw new IllegalStateException(
          "weights '"
              + tensor.name()
              + "' of shape "
              + tensor.shape()
              + " must have "
              + bytes(tensor) / 4
              + " values but have "
              + values.length);
    }
    for (int from = 0; from < values.length; from += BUFFER / 4) {
      int count = Math.min(BUFFER / 4, values.length - from);
      buffer.clear().limit(4 * count);
      buffer.asFloatBuffer().put(values, from, count);
      sink.write(buffer);
    }
  }

  private static void write(CodedOutputStream out, int field, Fields fields) throws IOException {
    out.writeByteArray(field, message(fields));
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Tag and length of a message inside another. */
  private static ByteBuffer header(int field, long length) {
    return ByteBuffer.wrap(
        message(
            out -> {
              out.writeTag(field, 2);
              out.writeUInt64NoTag(length);
            }));
  }

  private static int lengthOfHeader(int field, long length) {
    return header(field, length).remaining();
  }
}
