// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.deepretrieval.internal.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named tensors in a {@code .safetensors} file: an unsigned 64-bit little-endian length, a JSON
 * header of that length, then the raw tensors.
 *
 * <pre>
 * offset  size  content
 * 0       8     n, length of the header, little-endian, at most 8 MB
 * 8       n     JSON: {"__metadata__": {text: text}, "name": {"dtype", "shape", "data_offsets"}, …}
 * 8+n     …     tensors, row-major little-endian; data_offsets count from here
 * </pre>
 *
 * <p>Read are F32, F16 and BF16, all as float32; written are F32 and F16. Every length is checked
 * before memory is taken for it; nothing in the file is executed.
 */
public final class SafetensorsFile {
  /** The format allows 100 MB; parsed JSON takes some thirty times its text. */
  private static final long MAX_HEADER = 8_000_000;

  /**
   * A tensor.
   *
   * @param shape sizes, outermost first; empty for a single number (copied)
   * @param values row-major, as many as the product of the sizes (not copied)
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record Tensor(List<Integer> shape, float[] values) {
    /**
     * Holds a tensor; that shape and values fit is not checked.
     *
     * @param shape sizes, outermost first; empty for a single number (copied)
     * @param values row-major, as many as the product of the sizes (not copied)
     */
    public Tensor {
      shape = List.copyOf(shape);
    }
  }

  private SafetensorsFile() {}

  /**
   * Reads all tensors.
   *
   * @param file the file
   * @return the tensors by name, in the order of the header
   * @throws IOException if the file cannot be read or breaks the format; the message names it
   */
  public static Map<String, Tensor> read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      int headerLength = headerLength(channel, file);
      JsonObject header = header(channel, headerLength, file);
      long start = 8L + headerLength;
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      long left = size - start;
      for (Map.Entry<String, JsonElement> entry : header.entrySet()) {
        if (!entry.getKey().equals("__metadata__")) {
          Place place = place(start, size, left, entry.getKey(), entry.getValue(), file);
          left -= place.bytes;
          tensors.put(entry.getKey(), tensor(channel, place, file));
        }
      }
      return Collections.unmodifiableMap(tensors);
    }
  }

  /**
   * Reads the texts of the header.
   *
   * @param file the file
   * @return texts by name, empty if there are none
   * @throws IOException if the file cannot be read or breaks the format; the message names it
   */
  public static Map<String, String> metadata(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Map<String, String> texts = new LinkedHashMap<>();
      JsonElement metadata = header(channel, headerLength(channel, file), file).get("__metadata__");
      if (metadata != null && metadata.isJsonObject()) {
        for (Map.Entry<String, JsonElement> entry : metadata.getAsJsonObject().entrySet()) {
          if (!entry.getValue().isJsonPrimitive()) {
            throw corrupt(file, "metadata '" + entry.getKey() + "' must be text");
          }
          texts.put(entry.getKey(), entry.getValue().getAsString());
        }
      }
      return Collections.unmodifiableMap(texts);
    }
  }

  private static int headerLength(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    ByteBuffer length = readFully(channel, 0, 8, file).order(ByteOrder.LITTLE_ENDIAN);
    long headerLength = length.getLong();
    if (headerLength < 2 || headerLength > Math.min(MAX_HEADER, size - 8)) {
      throw corrupt(
          file,
          "header length must be 2 to "
              + Math.min(MAX_HEADER, size - 8)
              + " but was "
              + headerLength);
    }
    return (int) headerLength;
  }

  private static JsonObject header(FileChannel channel, int length, Path file) throws IOException {
    try {
      String json =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(readFully(channel, 8, length, file))
              .toString();
      JsonElement header = JsonParser.parseString(json);
      if (header.isJsonObject()) {
        return header.getAsJsonObject();
      }
    } catch (JsonParseException | CharacterCodingException | StackOverflowError e) {
      throw corrupt(file, "header must be a JSON object: " + e);
    }
    throw corrupt(file, "header must be a JSON object");
  }

  /** Where a tensor is. */
  private record Place(String type, List<Integer> shape, int count, long start, int bytes) {}

  /** Checks a tensor; those of a file share its bytes, so that together they are not larger. */
  private static Place place(
      long start, long size, long left, String name, JsonElement element, Path file)
      throws IOException {
    String type;
    List<Integer> shape = new ArrayList<>();
    long begin;
    long end;
    long count = 1;
    try {
      JsonObject object = element.getAsJsonObject();
      type = object.get("dtype").getAsString();
      for (JsonElement n : object.getAsJsonArray("shape")) {
        int s = n.getAsInt();
        if (s < 0) {
          throw corrupt(file, "tensor " + name + " must have sizes >= 0 but has " + s);
        }
        shape.add(s);
        count = Math.multiplyExact(count, (long) s);
      }
      JsonArray offsets = object.getAsJsonArray("data_offsets");
      begin = offsets.get(0).getAsLong();
      end = offsets.get(1).getAsLong();
    } catch (IllegalStateException
        | UnsupportedOperationException
        | ClassCastException
        | NumberFormatException
        | ArithmeticException
        | IndexOutOfBoundsException
        | NullPointerException e) {
      throw corrupt(file, "tensor " + name + " must have dtype, shape and data_offsets: " + e);
    }
    int width = width(type, name, file);
    if (begin < 0
        || end < begin
        || end > size - start
        || count > Integer.MAX_VALUE / 4
        || end - begin != count * width) {
      throw corrupt(
          file,
          "tensor "
              + name
              + " of "
              + count
              + " "
              + type
              + " must lie within the file of "
              + size
              + " bytes but its data_offsets are "
              + begin
              + " and "
              + end);
    }
    if (end - begin > left) {
      throw corrupt(file, "tensors must not overlap but " + name + " overlaps others");
    }
    return new Place(type, shape, (int) count, start + begin, (int) (end - begin));
  }

  private static Tensor tensor(FileChannel channel, Place place, Path file) throws IOException {
    ByteBuffer data =
        readFully(channel, place.start, place.bytes, file).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[place.count];
    switch (place.type) {
      case "F32" -> data.asFloatBuffer().get(values);
      case "BF16" -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(data.getShort() << 16);
        }
      }
      default -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float16.toFloat(data.getShort());
        }
      }
    }
    return new Tensor(place.shape, values);
  }

  private static int width(String type, String name, Path file) throws IOException {
    return switch (type) {
      case "F32" -> 4;
      case "F16", "BF16" -> 2;
      default ->
          throw corrupt(
              file, "tensor " + name + " must be of dtype F32, F16 or BF16 but is " + type);
    };
  }

  private static ByteBuffer readFully(FileChannel channel, long position, int length, Path file)
      throws IOException {
    if (position + length > channel.size()) {
      throw corrupt(
          file, "it must have " + (position + length) + " bytes but has " + channel.size());
    }
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw corrupt(file, "it ended at byte " + (position + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private static IOException corrupt(Path file, String reason) {
    return new IOException("cannot read weights " + file + " (safetensors): " + reason);
  }

  /**
   * Writes tensors under a temporary name, forces them to disk and renames the file.
   *
   * @param file where to
   * @param metadata texts for the header
   * @param tensors by name, written in this order
   * @param half true to write F16, false for F32
   * @throws IOException if the file cannot be written; an earlier file of that name is then intact
   */
  public static void write(
      Path file, Map<String, String> metadata, Map<String, Tensor> tensors, boolean half)
      throws IOException {
    int width = half ? 2 : 4;
    JsonObject header = new JsonObject();
    JsonObject meta = new JsonObject();
    metadata.forEach(meta::addProperty);
    header.add("__metadata__", meta);
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      JsonObject object = new JsonObject();
      object.addProperty("dtype", half ? "F16" : "F32");
      JsonArray shape = new JsonArray();
      tensor.shape.forEach(shape::add);
      object.add("shape", shape);
      JsonArray offsets = new JsonArray();
      offsets.add(offset);
      offset += (long) width * tensor.values.length;
      offsets.add(offset);
      object.add("data_offsets", offsets);
      header.add(entry.getKey(), object);
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    try (AtomicFile out = AtomicFile.create(file)) {
      ByteBuffer head = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
      out.write(head.putLong(json.length).put(json).flip());
      for (Tensor tensor : tensors.values()) {
        ByteBuffer data =
            ByteBuffer.allocate(width * tensor.values.length).order(ByteOrder.LITTLE_ENDIAN);
        if (half) {
          for (float value : tensor.values) {
            data.putShort(Float16.fromFloat(value));
          }
          data.flip();
        } else {
          data.asFloatBuffer().put(tensor.values);
        }
        out.write(data);
      }
      out.commit();
    }
  }

  /**
   * Writes tensors as F32, under a temporary name, forced to disk and renamed.
   *
   * @param file where to
   * @param metadata texts for the header
   * @param tensors by name, written in this order
   * @throws IOException if the file cannot be written; an earlier file of that name is then intact
   */
  public static void write(Path file, Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    write(file, metadata, tensors, false);
  }
}
