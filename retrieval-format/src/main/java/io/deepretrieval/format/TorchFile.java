// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A file that {@code torch.save} wrote, in any of its three containers. It is opened as data by a
 * {@link SafeUnpickler}; tensors are read from the file when they are asked for.
 *
 * <pre>
 * zip     since 1.6      members P/data.pkl (the object) and P/data/K (storage K); stored, not
 *                        compressed
 * pickles 0.1.10 to 1.5  magic number, version 1001, system, object, keys of storages in order;
 *                        then for each an int64 number of elements and the elements
 * tar     before 0.1.10  members storages (number; for each a pickle (key, location, type), an
 *                        int64 number of elements and the elements; then a pickle of views),
 *                        tensors (number; for each a pickle (key, storage, type), int32 rank, 4
 *                        bytes, sizes, strides and offset as int64) and pickle (the object)
 * </pre>
 */
public final class TorchFile implements Closeable {
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  // Protocol 2, LONG1 of 10 bytes, 0x1950a86a20f9469cfc6c, STOP.
  private static final byte[] MAGIC = {
    (byte) 0x80,
    2,
    (byte) 0x8A,
    10,
    0x6C,
    (byte) 0xFC,
    (byte) 0x9C,
    0x46,
    (byte) 0xF9,
    0x20,
    0x6A,
    (byte) 0xA8,
    0x50,
    0x19,
    '.'
  };
  private static final int VERSION = 1001;
  private static final int TAR_BLOCK = 512;
  private static final byte[] TAR = {'u', 's', 't', 'a', 'r'};
  private static final int TAR_MAGIC_AT = 257;
  private static final int MOST_DIMENSIONS = 32;

  private final Path file;
  private final Closeable resource;
  private final Object root;

  private TorchFile(Path file, Closeable resource, Object root) {
    this.file = file;
    this.resource = resource;
    this.root = root;
  }

  /** Tells by its first bytes whether a file is one of the three containers. */
  static boolean isTorch(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      byte[] head = head(ByteSource.of(channel));
      return startsWith(head, 0, ZIP)
          || startsWith(head, 0, MAGIC)
          || startsWith(head, TAR_MAGIC_AT, TAR);
    }
  }

  /**
   * Opens a file and reads its object; the elements of tensors stay in the file.
   *
   * @param file in one of the three containers
   * @return the file, to be closed
   * @throws IOException if it cannot be read, is damaged or needs more than data; the message names
   *     it
   */
  public static TorchFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    Closeable resource = channel;
    try {
      ByteSource bytes = ByteSource.of(channel);
      byte[] head = head(bytes);
      Object root;
      if (startsWith(head, 0, ZIP)) {
        ZipFile zip = new ZipFile(file.toFile());
        resource = zip;
        channel.close();
        root = readZip(zip);
      } else if (startsWith(head, 0, MAGIC)) {
        root = readPickles(bytes);
      } else if (startsWith(head, TAR_MAGIC_AT, TAR)) {
        root = readTar(bytes);
      } else {
        throw new IOException(
            "it must begin as a zip, pickle or tar of torch but begins otherwise");
      }
      return new TorchFile(file, resource, root);
    } catch (IOException | RuntimeException e) {
      resource.close();
      throw broken(file, e);
    }
  }

  /**
   * Makes the error of a file of torch that cannot be used.
   *
   * @param file the file, which the message names
   * @param e the reason: the message of an {@link IOException}, the whole of another exception
   * @return to be thrown, with the reason as its cause
   */
  public static IOException broken(Path file, Exception e) {
    String reason =
        e instanceof ZipException
            ? "it must be a whole zip archive: " + e.getMessage()
            : e instanceof IOException ? e.getMessage() : e.toString();
    return new IOException("cannot read weights " + file + " (torch): " + reason, e);
  }

  private static byte[] head(ByteSource bytes) throws IOException {
    byte[] head = new byte[(int) Math.min(TAR_BLOCK, bytes.size())];
    bytes.read(0, head, head.length);
    return head;
  }

  private static boolean startsWith(byte[] bytes, int from, byte[] with) {
    for (int i = 0; i < with.length; i++) {
      if (from + i >= bytes.length || bytes[from + i] != with[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the object that was saved.
   *
   * @return a value as {@link SafeUnpickler} gives it; a tensor of torch is a {@link StoredTensor},
   *     an array of NumPy a {@link PickledArray}, an object of an allowed class a {@link
   *     PickledObject}
   */
  public Object root() {
    return root;
  }

  /**
   * Returns the file.
   *
   * @return its path, as it was opened
   */
  public Path file() {
    return file;
  }

  /**
   * Reads the elements of one of its tensors.
   *
   * @param name what the message of an error calls it
   * @param tensor a tensor of this file
   * @return its elements as float32, row-major, in a new array; doubles and whole numbers beyond
   *     2^24 are rounded
   * @throws IOException if the file cannot be read; the message names file and tensor
   */
  public float[] read(String name, StoredTensor tensor) throws IOException {
    try {
      return tensor.floats();
    } catch (IOException e) {
      throw broken(file, new IOException("tensor " + name + ": " + e.getMessage(), e));
    }
  }

  @Override
  public void close() throws IOException {
    resource.close();
  }

  private static Object readZip(ZipFile zip) throws IOException {
    List<String> pickles =
        zip.stream().map(ZipEntry::getName).filter(n -> n.matches("([^/]*/)?data\\.pkl")).toList();
    if (pickles.size() != 1) {
      throw new IOException("its archive must have one data.pkl but has " + pickles.size());
    }
    String prefix = pickles.get(0).substring(0, pickles.get(0).length() - "data.pkl".length());
    if (zip.getEntry(prefix + "constants.pkl") != null) {
      throw new IOException("it must be of torch.save but is a TorchScript program");
    }
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    ZipEntry byteOrder = zip.getEntry(prefix + "byteorder");
    if (byteOrder != null && byteOrder.getSize() == 3) {
      order = ByteOrder.BIG_ENDIAN;
    }
    Storages storages = new Storages(order);
    PickleInput input = new PickleInput(ByteSource.of(zip, member(zip, prefix + "data.pkl")));
    Object root = new SafeUnpickler(input, new TorchNames(storages::load)).value();
    for (Map.Entry<Object, StoredTensor.Storage> entry : storages.byKey.entrySet()) {
      ZipEntry data = member(zip, prefix + "data/" + entry.getKey());
      entry.getValue().place(ByteSource.of(zip, data));
    }
    return root;
  }

  private static ZipEntry member(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("its archive must have a member " + name + " but has none");
    }
    return entry;
  }

  private static Object readPickles(ByteSource bytes) throws IOException {
    PickleInput input = new PickleInput(bytes);
    Storages storages = new Storages(ByteOrder.LITTLE_ENDIAN);
    SafeUnpickler reader = new SafeUnpickler(input, new TorchNames(storages::load));
    reader.value();
    Object version = reader.value();
    if (PickleNames.whole(version) != VERSION) {
      throw new IOException(
          "its version must be " + VERSION + " but is " + PickleNames.shown(version));
    }
    if (reader.value() instanceof Map<?, ?> system
        && Boolean.FALSE.equals(system.get("little_endian"))) {
      throw new IOException("its numbers must be little-endian but are big-endian");
    }
    Object root = reader.value();
    if (!(reader.value() instanceof List<?> keys)) {
      throw new IOException("a list of storages must follow its object but does not");
    }
    Set<Object> open = new HashSet<>(storages.byKey.keySet());
    for (Object key : keys) {
      StoredTensor.Storage storage = storages.byKey.get(Storages.key(key));
      if (storage == null || !open.remove(Storages.key(key))) {
        throw new IOException("storage " + key + " must be used and stand once in the list");
      }
      storage.place(elements(bytes, input, storage.type(), storage.elements()));
    }
    if (!open.isEmpty()) {
      throw new IOException("storages must have data but " + open + " have none");
    }
    return root;
  }

  /** Passes over a number of elements and the elements. */
  private static ByteSource elements(
      ByteSource bytes, PickleInput input, ElementType type, long expected) throws IOException {
    long count = input.number(8);
    if (count != expected || count < 0 || count > input.remaining() / type.width()) {
      throw new IOException(
          "storage must have "
              + expected
              + " "
              + type
              + " in the "
              + input.remaining()
              + " bytes that are left but has "
              + count);
    }
    long start = input.position();
    input.skipTo(start + count * type.width());
    return bytes.slice(start, count * type.width());
  }

  private static Object readTar(ByteSource bytes) throws IOException {
    Map<String, ByteSource> members = tarMembers(bytes);
    Map<Object, StoredTensor.View> storages = tarStorages(tarMember(members, "storages"));
    Map<Object, StoredTensor> tensors = tarTensors(tarMember(members, "tensors"), storages);
    PickleInput input = new PickleInput(tarMember(members, "pickle"));
    TorchNames names =
        new TorchNames(
            id -> {
              StoredTensor tensor = tensors.get(Storages.key(id));
              if (tensor != null) {
                return tensor;
              }
              StoredTensor.View storage = storages.get(Storages.key(id));
              if (storage != null) {
                return storage;
              }
              throw new IOException("its object must use tensors of the file but uses " + id);
            });
    return new SafeUnpickler(input, names).value();
  }

  private static Map<String, ByteSource> tarMembers(ByteSource bytes) throws IOException {
    Map<String, ByteSource> members = new HashMap<>();
    byte[] header = new byte[TAR_BLOCK];
    long at = 0;
    while (at + TAR_BLOCK <= bytes.size()) {
      bytes.read(at, header, TAR_BLOCK);
      if (header[0] == 0) {
        break;
      }
      long sum = 8 * ' ';
      for (int i = 0; i < TAR_BLOCK; i++) {
        sum += i >= 148 && i < 156 ? 0 : header[i] & 0xFF;
      }
      long size = octal(header, 124, 12);
      if (sum != octal(header, 148, 8)) {
        throw new IOException("the checksum of its tar header at byte " + at + " must be " + sum);
      }
      at += TAR_BLOCK;
      if (header[156] == '0' || header[156] == 0) {
        members.put(text(header, 0, 100).replaceFirst("^\\./", ""), bytes.slice(at, size));
      }
      at += (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    }
    return members;
  }

  private static String text(byte[] header, int from, int length) {
    String text = new String(header, from, length, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }

  private static long octal(byte[] header, int from, int length) throws IOException {
    String digits = text(header, from, length);
    if (!digits.matches("[0-7]{1,11}")) {
      throw new IOException("a number of its tar header must be octal but is '" + digits + "'");
    }
    return Long.parseLong(digits, 8);
  }

  private static ByteSource tarMember(Map<String, ByteSource> members, String name)
      throws IOException {
    ByteSource member = members.get(name);
    if (member == null) {
      throw new IOException("its tar must have a member " + name + " but has " + members.keySet());
    }
    return member;
  }

  private static Map<Object, StoredTensor.View> tarStorages(ByteSource bytes) throws IOException {
    PickleInput input = new PickleInput(bytes);
    SafeUnpickler reader = new SafeUnpickler(input, new TorchNames(TorchFile::noPersistent));
    Map<Object, StoredTensor.View> storages = new HashMap<>();
    long count = PickleNames.whole(reader.value());
    for (long i = 0; i < count; i++) {
      Object[] parts = PickleNames.tuple(reader.value(), 3);
      if (!(parts[2] instanceof ElementType type)) {
        throw new IOException(
            "a storage must have an element type but has " + PickleNames.shown(parts[2]));
      }
      long elements = input.peek(8);
      StoredTensor.Storage storage =
          new StoredTensor.Storage(type, ByteOrder.LITTLE_ENDIAN, elements);
      storage.place(elements(bytes, input, type, elements));
      storages.put(Storages.key(parts[0]), StoredTensor.View.of(storage));
    }
    if (!(reader.value() instanceof List<?> views)) {
      throw new IOException("a list of views must follow its storages but does not");
    }
    for (Object view : views) {
      Object[] parts = PickleNames.tuple(view, 4);
      StoredTensor.View root = storages.get(Storages.key(parts[1]));
      if (root == null) {
        throw new IOException("a view must be of a storage of the file but is of " + parts[1]);
      }
      storages.put(
          Storages.key(parts[0]),
          StoredTensor.View.of(
              root.root(), PickleNames.whole(parts[2]), PickleNames.whole(parts[3])));
    }
    return storages;
  }

  private static Object noPersistent(Object id) throws IOException {
    throw new IOException("its pickle must not refer to " + PickleNames.shown(id));
  }

  private static Map<Object, StoredTensor> tarTensors(
      ByteSource bytes, Map<Object, StoredTensor.View> storages) throws IOException {
    PickleInput input = new PickleInput(bytes);
    SafeUnpickler reader = new SafeUnpickler(input, new TorchNames(TorchFile::noPersistent));
    Map<Object, StoredTensor> tensors = new HashMap<>();
    long count = PickleNames.whole(reader.value());
    for (long i = 0; i < count; i++) {
      Object[] parts = PickleNames.tuple(reader.value(), 3);
      StoredTensor.View storage = storages.get(Storages.key(parts[1]));
      if (storage == null) {
        throw new IOException("a tensor must have a storage of the file but has " + parts[1]);
      }
      long rank = input.number(4);
      input.number(4);
      if (rank > MOST_DIMENSIONS) {
        throw new IOException("a tensor must have a rank of 0 to 32 but has " + rank);
      }
      long[] sizes = numbers(input, (int) rank);
      long[] strides = numbers(input, (int) rank);
      tensors.put(
          Storages.key(parts[0]), StoredTensor.of(storage, input.number(8), sizes, strides));
    }
    return tensors;
  }

  private static long[] numbers(PickleInput input, int n) throws IOException {
    long[] numbers = new long[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = input.number(8);
    }
    return numbers;
  }

  /** The storages that a pickle refers to, by key. */
  private static final class Storages {
    private final ByteOrder order;
    private final Map<Object, StoredTensor.Storage> byKey = new HashMap<>();

    Storages(ByteOrder order) {
      this.order = order;
    }

    /** Keys are text or numbers, whatever wrote them. */
    static Object key(Object key) throws IOException {
      return PickleNames.requireKey(key).toString();
    }

    /** Id ('storage', type, key, location, elements[, None or (key, offset, elements)]). */
    Object load(Object id) throws IOException {
      Object[] parts = PickleNames.tuple(id, 5);
      if (!parts[0].equals("storage") || !(parts[1] instanceof ElementType type)) {
        throw new IOException(
            "its pickle must refer to storages but refers to " + PickleNames.shown(parts[0]));
      }
      Object key = key(parts[2]);
      long elements = PickleNames.whole(parts[4]);
      StoredTensor.Storage storage = byKey.get(key);
      if (storage == null) {
        storage = new StoredTensor.Storage(type, order, elements);
        byKey.put(key, storage);
      } else if (storage.type() != type || storage.elements() != elements) {
        throw new IOException(
            "storage "
                + key
                + " must be of one type and size but is also of "
                + type
                + " "
                + elements);
      }
      if (parts.length > 5 && !parts[5].equals(Optional.empty())) {
        Object[] view = PickleNames.tuple(parts[5], 3);
        return StoredTensor.View.of(
            storage, PickleNames.whole(view[1]), PickleNames.whole(view[2]));
      }
      return StoredTensor.View.of(storage);
    }
  }
}
