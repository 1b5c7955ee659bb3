// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The values of a data set of an {@link Hdf5File}: IEEE numbers of 16, 32 or 64 bits of either byte
 * order, stored compactly, in one piece or in chunks, which may be deflated, shuffled and summed
 * (Fletcher-32). All become float32.
 *
 * <p>The memory is bounded by {@link Hdf5Bytes#reserve} before it is taken. Every chunk must be
 * there, once: a data set that was never filled is an error.
 */
final class Hdf5Values {
  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER = 3;

  private final Hdf5Bytes file;
  private final String path;
  private final long[] sizes;
  private final Hdf5Datatype type;
  private final int count;

  private Hdf5Values(Hdf5Bytes file, String path, long[] sizes, Hdf5Datatype type)
      throws IOException {
    this.file = file;
    this.path = path;
    this.sizes = sizes;
    this.type = type;
    boolean real = type.size() == 2 || type.size() == 4 || type.size() == 8;
    if (type.kind() != Hdf5Datatype.FLOAT || !real) {
      throw new IOException(
          path
              + " must hold numbers of float16, float32 or float64 but holds elements of "
              + type.size()
              + " bytes of the type class "
              + type.kind());
    }
    long all = 1;
    for (long size : sizes) {
      all = Hdf5Bytes.multiply(all, size, path);
    }
    file.reserve(Hdf5Bytes.multiply(all, Math.max(4, type.size()), path));
    if (all > Integer.MAX_VALUE / 8) {
      throw new IOException(
          path + " must have at most " + Integer.MAX_VALUE / 8 + " values but has " + all);
    }
    this.count = (int) all;
  }

  static SafetensorsFile.Tensor read(
      Hdf5Bytes file,
      String path,
      long[] sizes,
      Hdf5Datatype type,
      ByteBuffer layout,
      @Nullable ByteBuffer filters)
      throws IOException {
    Hdf5Values values = new Hdf5Values(file, path, sizes, type);
    ByteBuffer in = layout.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int version = in.get();
    if (version != 3) {
      throw new IOException(
          path + " must have a layout of version 3, as h5py has by default, but has " + version);
    }
    int kind = in.get();
    float[] out = new float[values.count];
    if (kind == 2) {
      values.chunked(in, filters == null ? List.of() : filters(path, filters), out);
    } else {
      values.whole(in, kind, out);
    }
    return new SafetensorsFile.Tensor(
        Arrays.stream(sizes).mapToObj(size -> (int) size).toList(), out);
  }

  private void whole(ByteBuffer in, int kind, float[] out) throws IOException {
    long needed = (long) count * type.size();
    ByteBuffer stored;
    if (kind == 0) {
      stored = Hdf5Bytes.slice(in, in.getShort() & 0xFFFF);
    } else if (kind == 1) {
      long address = in.getLong();
      long length = in.getLong();
      if (address < 0 && needed > 0) {
        throw new IOException(path + " must have values but was never filled");
      }
      if (length < needed) {
        throw new IOException(path + " must have " + needed + " bytes but has " + length);
      }
      stored = needed == 0 ? ByteBuffer.allocate(0) : file.load(address, needed);
    } else {
      throw new IOException(path + " must be compact, in one piece or in chunks but is " + kind);
    }
    if (stored.remaining() < needed) {
      throw new IOException(path + " must have " + needed + " bytes but has " + stored.remaining());
    }
    stored.order(type.order());
    for (int i = 0; i < count; i++) {
      out[i] = next(stored);
    }
  }

  private float next(ByteBuffer in) {
    return switch (type.size()) {
      case 2 -> Float16.toFloat(in.getShort());
      case 4 -> in.getFloat();
      default -> (float) in.getDouble();
    };
  }

  /** Filters in the order in which they were applied. */
  private static List<Integer> filters(String path, ByteBuffer message) throws IOException {
    ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int version = in.get();
    int count = in.get() & 0xFF;
    if (version != 1 && version != 2) {
      throw new IOException(path + ": filters must be of version 1 or 2 but are of " + version);
    }
    if (version == 1) {
      in.position(8);
    }
    List<Integer> filters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int id = in.getShort() & 0xFFFF;
      int name = version == 1 || id >= 256 ? in.getShort() & 0xFFFF : 0;
      in.getShort();
      int parameters = in.getShort() & 0xFFFF;
      boolean pad = version == 1 && parameters % 2 == 1;
      Hdf5Bytes.slice(in, name + 4 * parameters + (pad ? 4 : 0));
      if (id < DEFLATE || id > FLETCHER) {
        throw new IOException(
            path + " must be stored by gzip, shuffle and fletcher32 only but is by filter " + id);
      }
      filters.add(id);
    }
    return filters;
  }

  private void chunked(ByteBuffer in, List<Integer> filters, float[] out) throws IOException {
    int rank = (in.get() & 0xFF) - 1;
    long tree = in.getLong();
    int[] chunk = new int[Math.max(0, rank)];
    long each = type.size();
    long chunks = 1;
    if (rank != sizes.length || rank == 0) {
      throw new IOException(
          path + " must have chunks of as many dimensions as itself but has " + rank);
    }
    for (int i = 0; i < rank; i++) {
      chunk[i] = in.getInt();
      if (chunk[i] < 1 || chunk[i] > sizes[i]) {
        throw new IOException(
            path
                + " must have chunks of 1 to "
                + sizes[i]
                + " along dimension "
                + i
                + " but has "
                + chunk[i]);
      }
      each = Hdf5Bytes.multiply(each, chunk[i], path);
      chunks = Hdf5Bytes.multiply(chunks, (sizes[i] + chunk[i] - 1) / chunk[i], path);
    }
    file.reserve(each);
    BitSet found = new BitSet();
    chunks(tree, 255, new Chunks(chunk, (int) each, filters, found, out));
    if (found.cardinality() != chunks) {
      throw new IOException(
          path + " must have " + chunks + " chunks but has " + found.cardinality());
    }
  }

  /** What all chunks of a data set have in common. */
  @SuppressWarnings("ArrayRecordComponent") // private, filled in place
  private record Chunks(int[] sizes, int bytes, List<Integer> filters, BitSet found, float[] out) {}

  private void chunks(long address, int mostLevel, Chunks all) throws IOException {
    ByteBuffer head = file.block(address, 24, path);
    if (head.getInt() != 0x45455254) {
      throw new IOException(path + ": a node of its tree must begin with TREE but does not");
    }
    int level = Hdf5Bytes.treeLevel(head, 1, mostLevel, path);
    int entries = head.getShort(6) & 0xFFFF;
    int key = 16 + 8 * sizes.length;
    ByteBuffer body = file.block(address + 24, (long) entries * (key + 8) + key, path);
    for (int i = 0; i < entries; i++) {
      body.position(i * (key + 8));
      int stored = body.getInt();
      int skipped = body.getInt();
      long[] start = new long[sizes.length];
      for (int d = 0; d < start.length; d++) {
        start[d] = body.getLong();
      }
      body.getLong();
      long child = body.getLong();
      if (level > 0) {
        chunks(child, level - 1, all);
      } else {
        place(start, unfiltered(child, stored, skipped, all), all);
      }
    }
  }

  private ByteBuffer unfiltered(long address, int stored, int skipped, Chunks all)
      throws IOException {
    if (stored < 0 || stored > all.bytes + all.bytes / 8 + 1024) {
      throw new IOException(
          path
              + ": a chunk of "
              + all.bytes
              + " bytes must not be much larger in the file but has "
              + (stored & 0xFFFFFFFFL));
    }
    byte[] bytes = file.load(address, stored).array();
    for (int i = all.filters.size() - 1; i >= 0; i--) {
      if ((skipped >> i & 1) != 0) {
        continue;
      }
      switch (all.filters.get(i)) {
        case FLETCHER -> bytes = checked(bytes);
        case DEFLATE -> bytes = inflated(bytes, all.bytes + 4 * i);
        case SHUFFLE -> bytes = gathered(bytes, type.size());
        default -> throw new IllegalStateException("filters were checked");
      }
    }
    if (bytes.length != all.bytes) {
      throw new IOException(
          path + ": a chunk must have " + all.bytes + " bytes but has " + bytes.length);
    }
    return ByteBuffer.wrap(bytes).order(type.order());
  }

  private byte[] inflated(byte[] bytes, int most) throws IOException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes);
      byte[] out = new byte[most];
      int length = inflater.inflate(out);
      if (!inflater.finished() && inflater.inflate(new byte[1]) > 0) {
        throw new IOException(path + ": a chunk must inflate to at most " + most + " bytes");
      }
      if (!inflater.finished()) {
        throw new IOException(path + ": a chunk must be a whole deflated stream but is cut");
      }
      return length == most ? out : Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      throw new IOException(path + ": a chunk must be deflated but is damaged: " + e, e);
    } finally {
      inflater.end();
    }
  }

  /** Undoes a transposition of elements and their bytes. */
  private static byte[] gathered(byte[] bytes, int width) {
    int elements = bytes.length / width;
    byte[] out = bytes.clone();
    for (int b = 0; b < width; b++) {
      for (int i = 0; i < elements; i++) {
        out[i * width + b] = bytes[b * elements + i];
      }
    }
    return out;
  }

  private byte[] checked(byte[] bytes) throws IOException {
    if (bytes.length < 4) {
      throw new IOException(path + ": a chunk must have a sum of 4 bytes but has fewer");
    }
    byte[] data = Arrays.copyOf(bytes, bytes.length - 4);
    int sum = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(data.length);
    int computed = fletcher(data);
    if (sum != computed) {
      throw new IOException(
          String.format(
              "%s: a chunk must have the Fletcher-32 sum %08x but has %08x", path, sum, computed));
    }
    return data;
  }

  /** Over big-endian words of 16 bits, sums modulo 65,535 folded as the library folds them. */
  private static int fletcher(byte[] data) {
    int a = 0;
    int b = 0;
    int words = data.length / 2;
    for (int i = 0; i < words; ) {
      int stop = Math.min(words, i + 360);
      for (; i < stop; i++) {
        a += (data[2 * i] & 0xFF) << 8 | (data[2 * i + 1] & 0xFF);
        b += a;
      }
      a = (a & 0xFFFF) + (a >>> 16);
      b = (b & 0xFFFF) + (b >>> 16);
    }
    if (data.length % 2 == 1) {
      a += (data[data.length - 1] & 0xFF) << 8;
      b += a;
      a = (a & 0xFFFF) + (a >>> 16);
      b = (b & 0xFFFF) + (b >>> 16);
    }
    a = (a & 0xFFFF) + (a >>> 16);
    b = (b & 0xFFFF) + (b >>> 16);
    return b << 16 | a;
  }

  /** Copies a chunk to where it belongs; what reaches beyond the data set is left out. */
  private void place(long[] start, ByteBuffer chunk, Chunks all) throws IOException {
    int rank = sizes.length;
    long number = 0;
    for (int d = 0; d < rank; d++) {
      if (start[d] < 0 || start[d] >= sizes[d] || start[d] % all.sizes[d] != 0) {
        throw new IOException(
            path + ": a chunk must begin within the data set but begins at " + start[d]);
      }
      number = number * ((sizes[d] + all.sizes[d] - 1) / all.sizes[d]) + start[d] / all.sizes[d];
    }
    if (all.found.get((int) number)) {
      throw new IOException(path + " must have each chunk once but has chunk " + number + " twice");
    }
    all.found.set((int) number);
    int[] index = new int[rank];
    int elements = all.bytes / type.size();
    for (int i = 0; i < elements; i++) {
      long at = 0;
      boolean inside = true;
      for (int d = 0; d < rank; d++) {
        long x = start[d] + index[d];
        inside &= x < sizes[d];
        at = at * sizes[d] + x;
      }
      float value = next(chunk);
      if (inside) {
        all.out[(int) at] = value;
      }
      for (int d = rank - 1; d >= 0 && ++index[d] == all.sizes[d]; d--) {
        index[d] = 0;
      }
    }
  }
}
