// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
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

  /** A group or a data set of the file. Readable as long as the file is open; for one thread. */
  public final class Node {
    private final String path;
    private final Map<String, Hdf5Texts.Attribute> attributes = new LinkedHashMap<>();
    private long tree = UNDEFINED;
    private long heap = UNDEFINED;
    private @Nullable Map<String, Long> links;
    private long @Nullable [] sizes;
    private @Nullable Hdf5Datatype type;
    private @Nullable ByteBuffer layout;
    private @Nullable ByteBuffer filters;

    private Node(String path) {
      this.path = path;
    }

    /** Names of what a group holds, in the order of the file; none for a data set. */
    Set<String> names() throws IOException {
      return guarded(path, () -> links().keySet());
    }

    /**
     * Finds a group or a data set within this group.
     *
     * @param relative its name, or its path below this group with slashes between the names, as in
     *     {@code conv1/kernel:0}
     * @return the group or data set; empty if there is none of that name or this is a data set
     * @throws IOException if the file is damaged or of the newer form; the message names the path
     */
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
        known = tree == UNDEFINED ? Map.of() : Hdf5Group.links(bytes, tree, heap);
        links = known;
      }
      return known;
    }

    /**
     * Reads an attribute of text.
     *
     * @param name of the attribute
     * @return its texts in the order of the file, one for a single text; an empty list for an
     *     attribute without elements; empty if there is no such attribute
     * @throws IOException if the attribute holds something else than text or the file is damaged;
     *     the message names path and attribute
     */
    public Optional<List<String>> texts(String name) throws IOException {
      Hdf5Texts.Attribute attribute = attributes.get(name);
      String what = path + "@" + name;
      return attribute == null
          ? Optional.empty()
          : Optional.of(guarded(what, () -> texts.read(what, attribute)));
    }

    /**
     * Reads a data set of numbers of 16, 32 or 64 bits.
     *
     * @return its sizes, outermost first, and its values as float32, row-major, in a new array
     * @throws IOException if this is a group, or a data set that holds something else than
     *     floating-point numbers, was never filled, has too many values or is damaged; the message
     *     names the path
     */
    public SafetensorsFile.Tensor tensor() throws IOException {
      long[] knownSizes = sizes;
      Hdf5Datatype knownType = type;
      ByteBuffer knownLayout = layout;
      if (knownSizes == null || knownType == null || knownLayout == null) {
        throw new IOException(path + " must be a data set but is none");
      }
      return guarded(
          path, () -> Hdf5Values.read(bytes, path, knownSizes, knownType, knownLayout, filters));
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
  private final Hdf5Bytes bytes;
  private final Hdf5Texts texts;
  private final Node root;

  private Hdf5File(FileChannel channel) throws IOException {
    this.channel = channel;
    this.bytes = new Hdf5Bytes(ByteSource.of(channel));
    this.texts = new Hdf5Texts(bytes);
    if (channel.size() < Long.BYTES
        || bytes.block(0, Long.BYTES, "signature").getLong() != SIGNATURE) {
      throw new IOException("it must be an HDF5 file but begins otherwise");
    }
    ByteBuffer head = bytes.block(0, 96, "superblock");
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
   * @param file an HDF5 file of superblock 0 or 1
   * @return the file, to be closed
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

  /**
   * Returns the outermost group.
   *
   * @return the group {@code /}
   */
  public Node root() {
    return root;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private Node node(String path, long address) throws IOException {
    String what = "header of " + (path.isEmpty() ? "/" : path);
    ByteBuffer head = bytes.block(address, 16, what);
    int version = head.get() & 0xFF;
    if (version != 1) {
      throw new IOException(
          what + " must be of version 1, as h5py writes it by default, but is of " + version);
    }
    Node node = new Node(path);
    int messages = head.getShort(2) & 0xFFFF;
    Deque<ByteBuffer> blocks = new ArrayDeque<>();
    blocks.add(bytes.block(address + 16, head.getInt(8) & 0xFFFFFFFFL, what));
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
        ByteBuffer message = Hdf5Bytes.slice(block, size);
        if (type == 0x10) {
          blocks.add(bytes.block(message.getLong(), message.getLong(), what));
        } else {
          message(node, type, flags, message, what);
        }
      }
    }
    return node;
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
      case 0x03 -> node.type = Hdf5Datatype.of(message);
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
    String name = Hdf5Bytes.text(Hdf5Bytes.slice(in, padded(nameSize, unit)), nameSize);
    Hdf5Datatype type = Hdf5Datatype.of(Hdf5Bytes.slice(in, padded(typeSize, unit)));
    long count = 1;
    for (long size : sizes(Hdf5Bytes.slice(in, padded(spaceSize, unit)), what)) {
      count = Hdf5Bytes.multiply(count, size, what);
    }
    node.attributes.put(name, new Hdf5Texts.Attribute(type, count, in.slice().order(in.order())));
  }

  private static int padded(int size, int unit) {
    return (size + unit - 1) / unit * unit;
  }
}
