// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes pickles operation by operation, and the containers of torch around them. */
public final class Pickles {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Begins a pickle of protocol 2. */
  public static Pickles pickle() {
    return new Pickles().op(0x80).op(2);
  }

  public Pickles op(int... codes) {
    for (int code : codes) {
      bytes.write(code);
    }
    return this;
  }

  /** Operations that are characters, such as {@code "tR"}. */
  public Pickles ops(String codes) {
    return raw(codes.getBytes(StandardCharsets.ISO_8859_1));
  }

  public Pickles raw(byte[] more) {
    bytes.writeBytes(more);
    return this;
  }

  public Pickles global(String module, String name) {
    return ops("c" + module + "\n" + name + "\n");
  }

  public Pickles text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return op('X').little(4, utf8.length).raw(utf8);
  }

  public Pickles whole(long value) {
    return op(0x8A, 8).little(8, value);
  }

  Pickles real(double value) {
    return op('G').raw(ByteBuffer.allocate(8).putDouble(value).array());
  }

  Pickles none() {
    return op('N');
  }

  public Pickles flag(boolean value) {
    return op(value ? 0x88 : 0x89);
  }

  public Pickles little(int count, long value) {
    for (int i = 0; i < count; i++) {
      bytes.write((int) (value >>> (8 * i)));
    }
    return this;
  }

  public Pickles tuple(long... values) {
    op('(');
    for (long value : values) {
      whole(value);
    }
    return op('t');
  }

  /** A tensor of {@code _rebuild_tensor_v2} over a storage. */
  public Pickles tensor(String key, long elements, long offset, long[] sizes, long[] strides) {
    return tensor("FloatStorage", key, elements, offset, sizes, strides);
  }

  public Pickles tensor(
      String storage, String key, long elements, long offset, long[] sizes, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2");
    op('(', '(').text("storage").global("torch", storage).text(key).text("cpu").whole(elements);
    op('t', 'Q').whole(offset).tuple(sizes).tuple(strides).flag(false);
    return global("collections", "OrderedDict").ops(")RtR");
  }

  /** What was written so far. */
  public byte[] bytes() {
    return bytes.toByteArray();
  }

  public byte[] stop() {
    op('.');
    return bytes.toByteArray();
  }

  /** A dense tensor to be written. */
  @SuppressWarnings("ArrayRecordComponent") // a test's own
  public record Tensor(List<Integer> shape, float[] values) {}

  /** Puts a value on the stack: text, numbers, truth values, lists, maps and tensors. */
  private Pickles value(Object value, Map<String, byte[]> data) {
    if (value instanceof String text) {
      return text(text);
    }
    if (value instanceof Integer number) {
      return whole(number);
    }
    if (value instanceof Double number) {
      return real(number);
    }
    if (value instanceof Boolean flag) {
      return flag(flag);
    }
    if (value instanceof List<?> list) {
      ops("](");
      list.forEach(item -> value(item, data));
      return ops("e");
    }
    if (value instanceof Map<?, ?> map) {
      ops("}(");
      map.forEach((key, item) -> value(key, data).value(item, data));
      return ops("u");
    }
    Tensor tensor = (Tensor) value;
    ByteBuffer buffer =
        ByteBuffer.allocate(4 * tensor.values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(tensor.values);
    String key = String.valueOf(data.size());
    data.put(key, buffer.array());
    long[] sizes = tensor.shape.stream().mapToLong(n -> n).toArray();
    long[] strides = new long[sizes.length];
    long step = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= sizes[i];
    }
    return tensor(key, tensor.values.length, 0, sizes, strides);
  }

  /** Writes an object as torch does since 1.6. */
  public static Path save(Path file, Object root) {
    Map<String, byte[]> data = new LinkedHashMap<>();
    byte[] pickle = pickle().value(root, data).stop();
    return zip(file, pickle, data, ZipEntry.STORED);
  }

  /** Writes a zip with a pickle and storages. */
  public static Path zip(Path file, byte[] pickle, Map<String, byte[]> data, int method) {
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put("archive/data.pkl", pickle);
    data.forEach((key, value) -> members.put("archive/data/" + key, value));
    return archive(file, members, method);
  }

  static Path archive(Path file, Map<String, byte[]> members, int method) {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        ZipEntry entry = new ZipEntry(member.getKey());
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
          CRC32 crc = new CRC32();
          crc.update(member.getValue());
          entry.setSize(member.getValue().length);
          entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(member.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** Writes the container before 0.1.10. */
  public static Path tar(Path file, Map<String, byte[]> members) {
    Pickles all = new Pickles();
    members.forEach(
        (name, bytes) -> {
          byte[] header = new byte[512];
          put(header, 0, name);
          put(header, 124, String.format("%011o", bytes.length));
          put(header, 148, "        ");
          put(header, 156, "0");
          put(header, 257, "ustar");
          int sum = 0;
          for (byte b : header) {
            sum += b & 0xFF;
          }
          put(header, 148, String.format("%06o\0 ", sum));
          all.raw(header).raw(bytes).raw(new byte[-bytes.length & 511]);
        });
    try {
      return Files.write(file, all.raw(new byte[1024]).bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void put(byte[] into, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, into, at, bytes.length);
  }

  /** Writes the container of 0.1.10 to 1.5. */
  public static Path pickles(Path file, byte[] pickle, Map<String, byte[]> data, int width) {
    Pickles all = new Pickles();
    all.op(0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, '.');
    all.raw(pickle().whole(1001).stop()).raw(pickle().ops("}").stop()).raw(pickle);
    Pickles keys = pickle().ops("](");
    data.keySet().forEach(keys::text);
    all.raw(keys.ops("e").stop());
    data.values().forEach(value -> all.little(8, value.length / width).raw(value));
    try {
      return Files.write(file, all.bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
