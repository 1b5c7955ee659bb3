// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.onnx;

import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import com.google.common.io.MoreFiles;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads what an ONNX file holds, beside the weights, before native code sees it: its form, the
 * domains of its operators, the sizes of its tensors and where its external data lies.
 *
 * <p>Memory: texts and counts only, weights are skipped. Bounds: the size of the file, {@value
 * #NODES} nodes and as many tensors, graphs {@value #DEPTH} deep, texts of {@value #TEXT} bytes.
 */
final class OnnxFileCheck {
  static final int NODES = 1_000_000;
  static final int DEPTH = 16;
  static final int TEXT = 1 << 20;
  private static final Set<String> DOMAINS =
      Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc");

  private final Path file;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Set<String> domains = new TreeSet<>();
  private final Set<String> functionDomains = new TreeSet<>();
  private final Map<String, Path> external = new LinkedHashMap<>();
  private int nodes;
  private int tensors;
  private int graphs;
  private int opsets;
  private int patch;
  private boolean convSeen;

  private OnnxFileCheck(Path file) {
    this.file = file;
  }

  /**
   * Scans a file.
   *
   * @throws IOException if it cannot be read, is damaged, is none of ONNX, is over a bound, or asks
   *     for what must not be; the message names it
   */
  static OnnxFileCheck read(Path file, long maxBytes) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("ONNX file must be a regular file: " + file);
    }
    OnnxFileCheck scan = new OnnxFileCheck(file);
    long size = Files.size(file);
    if (size > Math.min(maxBytes, Integer.MAX_VALUE)) {
      throw scan.error(
          "must have at most " + Math.min(maxBytes, Integer.MAX_VALUE) + " bytes but has " + size);
    }
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      in.setSizeLimit(Integer.MAX_VALUE);
      in.pushLimit((int) size);
      scan.model(in);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IOException(
          "ONNX file " + file + " is damaged or of another format: " + e.getMessage(), e);
    }
    scan.finish(maxBytes);
    return scan;
  }

  private void finish(long maxBytes) throws IOException {
    if (graphs == 0 || opsets == 0 || nodes == 0) {
      throw error("must have a graph with nodes and an opset: damaged or of another format");
    }
    for (String domain : domains) {
      if (!DOMAINS.contains(domain) && !functionDomains.contains(domain)) {
        throw error("must use operators of ONNX only but uses the domain '" + domain + "'");
      }
    }
    long sum = Files.size(file);
    for (Path path : external.values()) {
      sum += Files.size(path);
    }
    if (sum > maxBytes) {
      throw error("must have at most " + maxBytes + " bytes with its external data but has " + sum);
    }
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** Side of the squares that the first convolution cuts the image into, 0 if it does not. */
  int patch() {
    return patch;
  }

  /** SHA-256 over the file and its external files, in the order of their names. */
  String sha256() throws IOException {
    List<ByteSource> files = new ArrayList<>();
    files.add(MoreFiles.asByteSource(file));
    new TreeMap<>(external).values().forEach(path -> files.add(MoreFiles.asByteSource(path)));
    return ByteSource.concat(files).hash(Hashing.sha256()).toString();
  }

  private IOException error(String what) {
    return new IOException("ONNX file " + file + " " + what);
  }

  /** Reads one field of a message; what it does not know it returns false for. */
  private interface Field {
    boolean read(int number, int wire) throws IOException;
  }

  private static void fields(CodedInputStream in, Field field) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int number = WireFormat.getTagFieldNumber(tag);
      int wire = WireFormat.getTagWireType(tag);
      if (!field.read(number, wire)) {
        in.skipField(tag);
      }
    }
  }

  private void message(CodedInputStream in, int wire, Field field) throws IOException {
    int length = length(in, wire);
    int limit = in.pushLimit(length);
    fields(in, field);
    if (in.getBytesUntilLimit() != 0) {
      throw error("is damaged: a message ends before its length");
    }
    in.popLimit(limit);
  }

  private int length(CodedInputStream in, int wire) throws IOException {
    if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      throw error("is damaged or of another format: a field has wire type " + wire);
    }
    int length = in.readRawVarint32();
    if (length < 0 || length > in.getBytesUntilLimit()) {
      throw error("is damaged or cut off: a part of " + length + " bytes does not fit in it");
    }
    return length;
  }

  private long number(CodedInputStream in, int wire) throws IOException {
    if (wire != WireFormat.WIRETYPE_VARINT) {
      throw error("is damaged or of another format: a number has wire type " + wire);
    }
    return in.readInt64();
  }

  private String text(CodedInputStream in, int wire) throws IOException {
    int length = length(in, wire);
    if (length > TEXT) {
      throw error("must have texts of at most " + TEXT + " bytes but has one of " + length);
    }
    return new String(in.readRawBytes(length), java.nio.charset.StandardCharsets.UTF_8);
  }

  private void model(CodedInputStream in) throws IOException {
    fields(
        in,
        (field, wire) -> {
          switch (field) {
            case 7 -> {
              graphs++;
              graph(in, wire, 1);
            }
            case 8 -> {
              opsets++;
              domains.add(entry(in, wire, 1)[0]);
            }
            case 14 -> {
              String[] entry = entry(in, wire, 2);
              metadata.put(entry[0], entry[1]);
            }
            case 25 -> function(in, wire);
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  /** The texts that are the first fields of a message. */
  private String[] entry(CodedInputStream in, int wire, int texts) throws IOException {
    String[] entry = {"", ""};
    message(
        in,
        wire,
        (f, w) -> {
          if (f < 1 || f > texts) {
            return false;
          }
          entry[f - 1] = text(in, w);
          return true;
        });
    return entry;
  }

  private void function(CodedInputStream in, int wire) throws IOException {
    message(
        in,
        wire,
        (f, w) -> {
          switch (f) {
            case 7 -> node(in, w, 2);
            case 10 -> functionDomains.add(text(in, w));
            case 11 -> attribute(in, w, 2, new HashMap<>());
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  private void graph(CodedInputStream in, int wire, int depth) throws IOException {
    if (depth > DEPTH) {
      throw error("must have graphs at most " + DEPTH + " deep");
    }
    message(
        in,
        wire,
        (f, w) -> {
          switch (f) {
            case 1 -> node(in, w, depth);
            case 5 -> tensor(in, w);
            case 15 -> sparse(in, w);
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  private void node(CodedInputStream in, int wire, int depth) throws IOException {
    if (++nodes > NODES) {
      throw error("must have at most " + NODES + " nodes");
    }
    String[] operator = {""};
    Map<String, List<Long>> ints = new HashMap<>();
    message(
        in,
        wire,
        (f, w) -> {
          switch (f) {
            case 4 -> operator[0] = text(in, w);
            case 5 -> attribute(in, w, depth, ints);
            case 7 -> domains.add(text(in, w));
            default -> {
              return false;
            }
          }
          return true;
        });
    if (operator[0].equals("Conv") && !convSeen) {
      convSeen = true;
      List<Long> kernel = ints.getOrDefault("kernel_shape", List.of());
      if (kernel.size() == 2
          && kernel.equals(ints.get("strides"))
          && kernel.get(0).equals(kernel.get(1))
          && kernel.get(0) > 0
          && kernel.get(0) <= 1024) {
        patch = kernel.get(0).intValue();
      }
    }
  }

  private void attribute(CodedInputStream in, int wire, int depth, Map<String, List<Long>> ints)
      throws IOException {
    String[] name = {""};
    List<Long> values = new ArrayList<>();
    message(
        in,
        wire,
        (f, w) -> {
          switch (f) {
            case 1 -> name[0] = text(in, w);
            case 5, 10 -> tensor(in, w);
            case 6, 11 -> graph(in, w, depth + 1);
            case 8 -> integers(in, w, values);
            case 22, 23 -> sparse(in, w);
            default -> {
              return false;
            }
          }
          return true;
        });
    ints.put(name[0], values);
  }

  private void integers(CodedInputStream in, int wire, List<Long> values) throws IOException {
    if (wire == WireFormat.WIRETYPE_VARINT) {
      values.add(in.readInt64());
      return;
    }
    int limit = in.pushLimit(length(in, wire));
    while (in.getBytesUntilLimit() > 0) {
      values.add(in.readInt64());
      if (values.size() > TEXT) {
        throw error("must have at most " + TEXT + " numbers in one list");
      }
    }
    in.popLimit(limit);
  }

  private void sparse(CodedInputStream in, int wire) throws IOException {
    message(in, wire, (f, w) -> (f == 1 || f == 2) && tensor(in, w));
  }

  private boolean tensor(CodedInputStream in, int wire) throws IOException {
    if (++tensors > NODES) {
      throw error("must have at most " + NODES + " tensors");
    }
    List<Long> dims = new ArrayList<>();
    Map<String, String> outside = new HashMap<>();
    long[] type = {0};
    long[] location = {0};
    long[] raw = {-1};
    String[] name = {""};
    message(
        in,
        wire,
        (f, w) -> {
          switch (f) {
            case 1 -> integers(in, w, dims);
            case 2 -> type[0] = number(in, w);
            case 8 -> name[0] = text(in, w);
            case 9 -> {
              raw[0] = length(in, w);
              in.skipRawBytes((int) raw[0]);
            }
            case 13 -> {
              String[] entry = entry(in, w, 2);
              outside.put(entry[0], entry[1]);
            }
            case 14 -> location[0] = number(in, w);
            default -> {
              return false;
            }
          }
          return true;
        });
    long bytes = bytes(name[0], dims, (int) type[0]);
    if (location[0] == 1 || !outside.isEmpty()) {
      external(name[0], outside, bytes);
    } else if (raw[0] >= 0 && bytes >= 0 && raw[0] != bytes) {
      throw error(
          "is damaged: tensor '"
              + name[0]
              + "' "
              + dims
              + " must have "
              + bytes
              + " bytes but has "
              + raw[0]);
    }
    return true;
  }

  /** Bytes of a tensor, -1 where the type has no whole number of bytes. */
  private long bytes(String name, List<Long> dims, int type) throws IOException {
    long count = 1;
    try {
      for (long dim : dims) {
        if (dim < 0) {
          throw error("is damaged: tensor '" + name + "' has the shape " + dims);
        }
        count = Math.multiplyExact(count, dim);
      }
      return switch (type) {
        case 2, 3, 9 -> count;
        case 4, 5, 10, 16 -> Math.multiplyExact(count, 2L);
        case 1, 6, 12 -> Math.multiplyExact(count, 4L);
        case 7, 11, 13, 14 -> Math.multiplyExact(count, 8L);
        default -> -1;
      };
    } catch (ArithmeticException e) {
      throw new IOException(
          "ONNX file " + file + " is damaged: tensor '" + name + "' has the shape " + dims, e);
    }
  }

  private void external(String tensor, Map<String, String> entries, long bytes) throws IOException {
    String location = entries.getOrDefault("location", "");
    Path folder = file.toAbsolutePath().getParent();
    Path path;
    try {
      if (folder == null || location.isEmpty() || location.contains("\\")) {
        throw outside(location);
      }
      Path relative = Path.of(location);
      path = folder.resolve(relative).normalize();
      if (relative.isAbsolute() || !path.startsWith(folder.normalize())) {
        throw outside(location);
      }
    } catch (java.nio.file.InvalidPathException e) {
      throw new IOException(outside(location).getMessage(), e);
    }
    if (!Files.isRegularFile(path)) {
      throw error("must have its external data '" + location + "' beside it, but there is none");
    }
    if (!path.toRealPath().startsWith(folder.toRealPath())) {
      throw outside(location);
    }
    long offset = integer(entries, "offset", 0);
    long length = integer(entries, "length", bytes);
    long size = Files.size(path);
    if (offset < 0
        || length < 0
        || offset > size
        || length > size - offset
        || (bytes >= 0 && length != bytes)) {
      throw error(
          "must have tensor '"
              + tensor
              + "' of "
              + bytes
              + " bytes in its external data '"
              + location
              + "' of "
              + size
              + " bytes, but it has offset "
              + offset
              + " and length "
              + length);
    }
    external.put(location, path);
  }

  private IOException outside(String location) {
    return error("must have its external data in its folder but names '" + location + "'");
  }

  private long integer(Map<String, String> entries, String key, long otherwise) throws IOException {
    String text = entries.get(key);
    try {
      return text == null ? otherwise : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(
          "ONNX file " + file + " must have a whole number as " + key + " but has '" + text + "'",
          e);
    }
  }
}
