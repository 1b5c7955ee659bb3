// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An HDF5 file as h5py writes it by default, read in Java: groups, attributes of text, data sets of
 * floating-point numbers. The C library is not used: damaged metadata can end its process.
 *
 * <p>Read are superblocks 0 and 1, object headers 1, groups as symbol tables, attributes 1 to 3,
 * texts of fixed and variable length, and what {@link Hdf5Values} lists. Files of the newer form
 * ({@code libver='latest'}) are refused.
 *
 * <p>Every address and length is checked against the file before memory is taken. All structure
 * that is read adds up to a bound, so that a file whose parts refer to each other in a ring ends in
 * an error. A file is used by one thread.
 *
 * @see <a href="https://docs.hdfgroup.org/hdf5/v1_14/_f_m_t3.html">HDF5 File Format Specification
 *     3.0</a>
 */
public final class Hdf5File implements Closeable {
  private static final long SIGNATURE = 0x0A1A0A0D46444889L;
  private static final int UNDEFINED = -1;

  /** Structure is read at most so many times the file; a sound one is read about once. */
  private static final long MOST_READS = 8;

  /** Values are at most so many times the file: weights shrink by 1.1 to 4 when compressed. */
  private static final long MOST_EXPANSION = 32;

  private static final long SMALL = 1 << 20;

  /** Text of an attribute: its elements, as they are stored. */
  private record Attribute(Datatype type, long count, ByteBuffer data) {}

  /**
   * What an element is.
   *
   * @param variable whether it is text of variable length
   * @param size bytes of an element
   * @param order of the bytes of a number
   */
  record Datatype(int kind, int size, ByteOrder order, boolean variable) {
    static final int FLOAT = 1;
    static final int TEXT = 3;
    private static final int SEQUENCE = 9;

    private static Datatype of(ByteBuffer in) throws IOException {
      int head = in.get() & 0xFF;
      int bits = (in.get() & 0xFF) | (in.get() & 0xFF) << 8 | (in.get() & 0xFF) << 16;
      int size = in.getInt();
      if (size < 1) {
        throw new IOException("a type must have at least 1 byte but has " + size);
      }
      ByteOrder order = (bits & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      int kind = head & 0xF;
      return new Datatype(kind, size, order, kind == SEQUENCE && (bits & 0xF) == 1);
    }
  }

  /** A group or a data set. */
  public final class Node {
    private final String path;
    private final Map<String, Attribute> attributes = new LinkedHashMap<>();
    private long tree = UNDEFINED;
    private long heap = UNDEFINED;
    private @Nullable Map<String, Long> links;
    private long @Nullable [] sizes;
    private @Nullable Datatype type;
    private @Nullable ByteBuffer layout;
    private @Nullable ByteBuffer filters;

    private Node(String path) {
      this.path = path;
    }

    /** Names of what a group holds, in the order of the file; none for a data set. */
    Set<String> names() throws IOException {
      return guarded(path, () -> links().keySet());
    }

    /** A group or data set within a group, several levels down where the path has a slash. */
    public Optional<Node> child(String relative) throws IOException {
      return guarded(path + "/" + relative, () -> descend(relative));
    }

    private Optional<Node> descend(String relative) throws IOException {
      Node node = this;
      for (String name : relative.split("/", -1)) {
        Long address = node.links().get(name);
        if (address == null) {
          return Optional.empty();
        }
        node = node(node.path + "/" + name, address);
      }
      return Optional.of(node);
    }

    private Map<String, Long> links() throws IOException {
      Map<String, Long> known = links;
      if (known == null) {
        known = new LinkedHashMap<>();
        if (tree != UNDEFINED) {
          readGroup(tree, heapData(heap), known, 255);
        }
        links = known;
      }
      return known;
    }

    /** The texts of an attribute; empty where there is none. */
    public Optional<List<String>> texts(String name) throws IOException {
      Attribute attribute = attributes.get(name);
      String what = path + "@" + name;
      return attribute == null
          ? Optional.empty()
          : Optional.of(guarded(what, () -> Hdf5File.this.texts(what, attribute)));
    }

    /** The values of a data set, row-major, and its sizes. */
    public SafetensorsFile.Tensor tensor() throws IOException {
      long[] knownSizes = sizes;
      Datatype knownType = type;
      ByteBuffer knownLayout = layout;
      if (knownSizes == null || knownType == null || knownLayout == null) {
        throw new IOException(path + " must be a data set but is none");
      }
      return guarded(
          path,
          () -> Hdf5Values.read(Hdf5File.this, path, knownSizes, knownType, knownLayout, filters));
    }
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  /** A length that lies about what follows ends a buffer early. */
  private static <T> T guarded(String what, Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IOException(what + " must be sound but is damaged: " + e, e);
    }
  }

  private final FileChannel channel;
  private final ByteSource bytes;
  private final Map<Long, Map<Integer, ByteBuffer>> collections = new HashMap<>();
  private final Node root;
  private long structure;
  private long values;

  private Hdf5File(FileChannel channel) throws IOException {
    this.channel = channel;
    this.bytes = ByteSource.of(channel);
    if (channel.size() < Long.BYTES || block(0, Long.BYTES, "signature").getLong() != SIGNATURE) {
      throw new IOException("it must be an HDF5 file but begins otherwise");
    }
    ByteBuffer head = block(0, 96, "superblock");
    head.position(Long.BYTES);
    int version = head.get(8) & 0xFF;
    if (version > 1) {
      throw new IOException(
          "it must be written in the form that h5py has by default (superblock 0) but is of the"
              + " newer one (superblock "
              + version
              + ", libver='latest')");
    }
    if (head.get(13) != 8 || head.get(14) != 8) {
      throw new IOException(
          "addresses and lengths must have 8 bytes but have "
              + head.get(13)
              + " and "
              + head.get(14));
    }
    int at = version == 0 ? 24 : 28;
    long base = head.getLong(at);
    long end = head.getLong(at + 16);
    if (base != 0) {
      throw new IOException("its base address must be 0 but is " + base);
    }
    if (end < 96 || end > bytes.size()) {
      throw new IOException("it must have " + end + " bytes but has " + bytes.size());
    }
    root = node("", head.getLong(at + 40));
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read or is not such a file; the message does not name it
   */
  public static Hdf5File open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return guarded("superblock", () -> new Hdf5File(channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The outermost group. */
  public Node root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads structure, little-endian. */
  ByteBuffer block(long address, long length, String what) throws IOException {
    long size = bytes.size();
    if (address < 0 || length < 0 || length > size || address > size - length) {
      throw new IOException(
          what
              + " of "
              + length
              + " bytes at "
              + address
              + " must lie within the "
              + size
              + " bytes of the file");
    }
    count(length);
    return load(address, length);
  }

  private void count(long length) throws IOException {
    structure += length;
    if (structure > MOST_READS * bytes.size() + SMALL) {
      throw new IOException("its parts must not refer to each other in a ring but do");
    }
  }

  /** Reads stored values, of which there is nothing to refer to each other. */
  ByteBuffer load(long address, long length) throws IOException {
    byte[] block = new byte[Math.toIntExact(length)];
    bytes.slice(address, length).read(0, block, block.length);
    return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Counts values before memory is taken for them. */
  void reserve(long more) throws IOException {
    values += more;
    long most = MOST_EXPANSION * bytes.size() + SMALL;
    if (more < 0 || values < 0 || values > most) {
      throw new IOException(
          "its values must have at most "
              + most
              + " bytes, "
              + MOST_EXPANSION
              + " times the file and 1 MB, but have at least "
              + values);
    }
  }

  private static void require(ByteBuffer block, String signature, String what) throws IOException {
    byte[] found = new byte[signature.length()];
    block.get(found);
    if (!new String(found, StandardCharsets.ISO_8859_1).equals(signature)) {
      throw new IOException(what + " must begin with " + signature + " but begins otherwise");
    }
  }

  private Node node(String path, long address) throws IOException {
    String what = "header of " + (path.isEmpty() ? "/" : path);
    ByteBuffer head = block(address, 16, what);
    int version = head.get() & 0xFF;
    if (version != 1) {
      throw new IOException(
          what + " must be of version 1, as h5py writes it by default, but is of " + version);
    }
    Node node = new Node(path);
    int messages = head.getShort(2) & 0xFFFF;
    Deque<ByteBuffer> blocks = new ArrayDeque<>();
    blocks.add(block(address + 16, head.getInt(8) & 0xFFFFFFFFL, what));
    while (messages > 0 && !blocks.isEmpty()) {
      ByteBuffer block = blocks.remove();
      while (messages > 0 && block.remaining() >= 8) {
        messages--;
        int type = block.getShort() & 0xFFFF;
        int size = block.getShort() & 0xFFFF;
        int flags = block.get() & 0xFF;
        block.position(block.position() + 3);
        if (size > block.remaining()) {
          throw new IOException(
              what
                  + ": a message of "
                  + size
                  + " bytes must lie within its block but has "
                  + block.remaining());
        }
        ByteBuffer message = slice(block, size);
        if (type == 0x10) {
          blocks.add(block(message.getLong(), message.getLong(), what));
        } else {
          message(node, type, flags, message, what);
        }
      }
    }
    return node;
  }

  /** The next bytes of a block, which goes on behind them. */
  static ByteBuffer slice(ByteBuffer block, int length) throws IOException {
    if (length < 0 || length > block.remaining()) {
      throw new IOException(
          "a part of " + length + " bytes must fit its block but that has " + block.remaining());
    }
    ByteBuffer part = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    block.position(block.position() + length);
    return part;
  }

  private static void message(Node node, int type, int flags, ByteBuffer message, String what)
      throws IOException {
    switch (type) {
      case 0x01, 0x03, 0x08, 0x0B, 0x0C -> {
        if ((flags & 2) != 0) {
          throw new IOException(
              what + " must hold its parts itself but shares one of type " + type);
        }
      }
      default -> {}
    }
    switch (type) {
      case 0x01 -> node.sizes = sizes(message, what);
      case 0x03 -> node.type = Datatype.of(message);
      case 0x08 -> node.layout = message;
      case 0x0B -> node.filters = message;
      case 0x0C -> attribute(node, message, what);
      case 0x11 -> {
        node.tree = message.getLong();
        node.heap = message.getLong();
      }
      case 0x02, 0x06, 0x15 ->
          throw new IOException(
              what + " must be of the form that h5py has by default but is of libver='latest'");
      default -> {} // Times, fill values and comments say nothing about values.
    }
  }

  private static long[] sizes(ByteBuffer in, String what) throws IOException {
    int version = in.get();
    int rank = in.get() & 0xFF;
    if (version != 1 && version != 2) {
      throw new IOException(what + ": dimensions must be of version 1 or 2 but are of " + version);
    }
    boolean nothing = version == 2 && in.get(3) == 2;
    in.position(version == 1 ? 8 : 4);
    long[] sizes = new long[nothing ? 1 : rank];
    for (int i = 0; i < rank && !nothing; i++) {
      sizes[i] = in.getLong();
      if (sizes[i] < 0) {
        throw new IOException(what + " must have sizes of at least 0 but has " + sizes[i]);
      }
    }
    return sizes;
  }

  private static void attribute(Node node, ByteBuffer in, String what) throws IOException {
    int version = in.get();
    if (version < 1 || version > 3) {
      throw new IOException(what + ": attributes must be of version 1 to 3 but are of " + version);
    }
    if (in.get() != 0 && version > 1) {
      throw new IOException(what + ": an attribute must hold its type itself but shares it");
    }
    int nameSize = in.getShort() & 0xFFFF;
    int typeSize = in.getShort() & 0xFFFF;
    int spaceSize = in.getShort() & 0xFFFF;
    if (version == 3) {
      in.get();
    }
    int unit = version == 1 ? 8 : 1;
    String name = text(slice(in, padded(nameSize, unit)), nameSize);
    Datatype type = Datatype.of(slice(in, padded(typeSize, unit)));
    long count = 1;
    for (long size : sizes(slice(in, padded(spaceSize, unit)), what)) {
      count = multiply(count, size, what);
    }
    node.attributes.put(name, new Attribute(type, count, in.slice().order(in.order())));
  }

  private static int padded(int size, int unit) {
    return (size + unit - 1) / unit * unit;
  }

  /** A product that cannot overflow unnoticed. */
  static long multiply(long a, long b, String what) throws IOException {
    try {
      return Math.multiplyExact(a, b);
    } catch (ArithmeticException e) {
      throw new IOException(what + " must have sizes that can be counted but they overflow", e);
    }
  }

  /** Text of at most so many bytes, to the first NUL. */
  private static String text(ByteBuffer in, int most) {
    int end = 0;
    int length = Math.min(most, in.remaining());
    while (end < length && in.get(in.position() + end) != 0) {
      end++;
    }
    byte[] raw = new byte[end];
    in.get(raw);
    return new String(raw, StandardCharsets.UTF_8);
  }

  private List<String> texts(String what, Attribute attribute) throws IOException {
    Datatype type = attribute.type;
    if (attribute.count == 0) {
      return List.of(); // NumPy makes an empty list one of numbers.
    }
    if (type.kind != Datatype.TEXT && !type.variable) {
      throw new IOException(what + " must be text but is of the type class " + type.kind);
    }
    ByteBuffer data = attribute.data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (multiply(attribute.count, type.size, what) > data.remaining()
        || (type.variable && type.size != 16)) {
      throw new IOException(
          what
              + " must have "
              + attribute.count
              + " elements of "
              + type.size
              + " bytes but has "
              + data.remaining()
              + " bytes");
    }
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < attribute.count; i++) {
      if (type.variable) {
        int length = data.getInt();
        ByteBuffer stored = collection(data.getLong(), what).get(data.getInt());
        if (stored == null || length < 0 || length > stored.remaining()) {
          throw new IOException(what + " must refer to text of the file but does not");
        }
        count(length); // Many may refer to one.
        texts.add(text(stored.duplicate(), length));
      } else {
        texts.add(text(slice(data, type.size), type.size));
      }
    }
    return texts;
  }

  /** The texts of variable length that lie together, by index. */
  private Map<Integer, ByteBuffer> collection(long address, String what) throws IOException {
    Map<Integer, ByteBuffer> known = collections.get(address);
    if (known != null) {
      return known;
    }
    ByteBuffer head = block(address, 16, what);
    require(head, "GCOL", what);
    long size = head.getLong(8);
    if (size < 16) {
      throw new IOException(what + ": its collection must have at least 16 bytes but has " + size);
    }
    ByteBuffer all = block(address, size, what).position(16);
    Map<Integer, ByteBuffer> found = new HashMap<>();
    while (all.remaining() >= 16) {
      int index = all.getShort() & 0xFFFF;
      all.position(all.position() + 6);
      long length = all.getLong();
      if (index == 0) {
        break;
      }
      if (length < 0 || length > all.remaining()) {
        throw new IOException(
            what + ": text of " + length + " bytes must fit its collection but does not");
      }
      found.put(index, slice(all, (int) length));
      all.position(all.position() + Math.min(all.remaining(), (int) (-length & 7)));
    }
    collections.put(address, found);
    return found;
  }

  private ByteBuffer heapData(long address) throws IOException {
    ByteBuffer head = block(address, 32, "heap of names");
    require(head, "HEAP", "heap of names");
    return block(head.getLong(24), head.getLong(8), "heap of names");
  }

  private void readGroup(long address, ByteBuffer heap, Map<String, Long> into, int mostLevel)
      throws IOException {
    ByteBuffer head = block(address, 24, "group");
    require(head, "TREE", "group");
    int level = treeLevel(head, 0, mostLevel, "group");
    int entries = head.getShort(6) & 0xFFFF;
    ByteBuffer body = block(address + 24, 16L * entries + 8, "group");
    for (int i = 0; i < entries; i++) {
      long child = body.getLong(16 * i + 8);
      if (level > 0) {
        readGroup(child, heap, into, level - 1);
      } else {
        readNames(child, heap, into);
      }
    }
  }

  /** The level of a node of a tree, checked to fall from parent to child. */
  static int treeLevel(ByteBuffer head, int kind, int most, String what) throws IOException {
    int level = head.get(5) & 0xFF;
    if (head.get(4) != kind || level > most) {
      throw new IOException(
          what
              + ": a node of its tree must be of kind "
              + kind
              + " and of a level up to "
              + most
              + " but is of "
              + head.get(4)
              + " and "
              + level);
    }
    return level;
  }

  private void readNames(long address, ByteBuffer heap, Map<String, Long> into) throws IOException {
    ByteBuffer head = block(address, 8, "names of a group");
    require(head, "SNOD", "names of a group");
    int count = head.getShort(6) & 0xFFFF;
    ByteBuffer body = block(address + 8, 40L * count, "names of a group");
    for (int i = 0; i < count; i++) {
      long name = body.getLong(40 * i);
      if (name < 0 || name >= heap.capacity()) {
        throw new IOException(
            "a name at " + name + " must lie within its heap of " + heap.capacity() + " bytes");
      }
      ByteBuffer rest = heap.duplicate().position((int) name);
      String text = text(rest, rest.remaining());
      count(text.length());
      into.put(text, body.getLong(40 * i + 8));
    }
  }
}
