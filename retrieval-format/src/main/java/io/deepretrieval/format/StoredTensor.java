// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A strided view of elements in a file, read when it is asked for. It was checked to lie within its
 * storage. Several may share a storage.
 */
public final class StoredTensor {
  /** Elements that a tensor may have although its storage has fewer: one value for all, mostly. */
  private static final long MOST_REPEATED = 1L << 24;

  private static final int CHUNK = 1 << 16;
  private static final int MOST_DIMENSIONS = 32;

  /** A row of elements in a file; where it lies may be known later than that it exists. */
  static final class Storage {
    private final ElementType type;
    private final ByteOrder order;
    private final long elements;
    private @Nullable ByteSource bytes;

    Storage(ElementType type, ByteOrder order, long elements) throws IOException {
      if (elements < 0 || elements > Long.MAX_VALUE / 8) {
        throw new IOException("storage must have at least 0 elements but has " + elements);
      }
      this.type = type;
      this.order = order;
      this.elements = elements;
    }

    ElementType type() {
      return type;
    }

    long elements() {
      return elements;
    }

    boolean isPlaced() {
      return bytes != null;
    }

    /** Says where the elements are; they begin with the first byte. */
    void place(ByteSource source) throws IOException {
      if (source.size() < elements * type.width()) {
        throw new IOException(
            "storage of "
                + elements
                + " "
                + type
                + " must have "
                + elements * type.width()
                + " bytes but has "
                + source.size());
      }
      bytes = source;
    }

    private ByteSource bytes() throws IOException {
      if (bytes == null) {
        throw new IOException(
            "storage of " + elements + " " + type + " must have data but has none");
      }
      return bytes;
    }
  }

  /**
   * A part of a storage, which older versions of torch stored as one of its own.
   *
   * @param offset first element
   * @param elements how many
   */
  record View(Storage root, long offset, long elements) {
    static View of(Storage root) {
      return new View(root, 0, root.elements);
    }

    /** The part of a part, checked. */
    static View of(Storage root, long offset, long elements) throws IOException {
      if (offset < 0 || elements < 0 || elements > root.elements - offset) {
        throw new IOException(
            "view of "
                + elements
                + " elements at "
                + offset
                + " must lie within its storage of "
                + root.elements);
      }
      return new View(root, offset, elements);
    }
  }

  private final View view;
  private final long offset;
  private final int[] shape;
  private final long[] strides;
  private final int length;

  private StoredTensor(View view, long offset, int[] shape, long[] strides, int length) {
    this.view = view;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
    this.length = length;
  }

  /**
   * Checks and makes a tensor.
   *
   * @param offset of its first element in the view
   * @param sizes outermost first
   * @param strides elements a step, at least 0
   * @throws IOException if it does not lie within the view
   */
  static StoredTensor of(View view, long offset, long[] sizes, long[] strides) throws IOException {
    String what = "tensor of shape " + Arrays.toString(sizes);
    if (sizes.length != strides.length || sizes.length > MOST_DIMENSIONS) {
      throw new IOException(
          what
              + " must have as many strides and at most "
              + MOST_DIMENSIONS
              + " but has strides "
              + Arrays.toString(strides));
    }
    int[] shape = new int[sizes.length];
    long count = 1;
    long last = offset;
    try {
      for (int i = 0; i < shape.length; i++) {
        shape[i] = Math.toIntExact(sizes[i]);
        if (sizes[i] < 0 || strides[i] < 0) {
          throw new IOException(
              what
                  + " must have sizes and strides >= 0 but has strides "
                  + Arrays.toString(strides));
        }
        count = Math.multiplyExact(count, sizes[i]);
        if (sizes[i] > 1) {
          last = Math.addExact(last, Math.multiplyExact(sizes[i] - 1, strides[i]));
        }
      }
    } catch (ArithmeticException e) {
      throw new IOException(
          what + " and strides " + Arrays.toString(strides) + " must not overflow but does", e);
    }
    if (offset < 0 || offset > view.elements || (count > 0 && last >= view.elements)) {
      throw new IOException(
          what
              + ", strides "
              + Arrays.toString(strides)
              + " and offset "
              + offset
              + " must lie within its storage of "
              + view.elements
              + " elements");
    }
    if (count > Integer.MAX_VALUE / 4 || count > Math.max(view.elements, MOST_REPEATED)) {
      throw new IOException(
          what + " must have at most " + Math.max(view.elements, MOST_REPEATED) + " elements");
    }
    return new StoredTensor(view, view.offset + offset, shape, strides.clone(), (int) count);
  }

  /** A dense tensor over a whole storage, with the last or the first index running fastest. */
  static StoredTensor dense(Storage storage, long[] sizes, boolean firstFastest)
      throws IOException {
    long[] strides = new long[sizes.length];
    long step = 1;
    try {
      for (int k = 0; k < sizes.length; k++) {
        int i = firstFastest ? k : sizes.length - 1 - k;
        strides[i] = step;
        step = Math.multiplyExact(step, Math.max(1, sizes[i]));
      }
    } catch (ArithmeticException e) {
      throw new IOException("shape " + Arrays.toString(sizes) + " must not overflow but does", e);
    }
    return of(View.of(storage), 0, sizes, strides);
  }

  /**
   * Returns the shape.
   *
   * @return sizes, outermost first, each at least 0; empty for a single number
   */
  public List<Integer> shape() {
    return Arrays.stream(shape).boxed().toList();
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of the sizes; 1 for a single number
   */
  public int length() {
    return length;
  }

  /** What it is stored as. */
  ElementType type() {
    return view.root.type;
  }

  /**
   * Reads all elements.
   *
   * @return a new array, row-major
   * @throws IOException if the file cannot be read
   */
  float[] floats() throws IOException {
    float[] out = new float[length];
    if (length == 0) {
      return out;
    }
    ByteSource bytes = view.root.bytes();
    if (isDense()) {
      readDense(bytes, out);
    } else {
      gather(bytes, out);
    }
    return out;
  }

  private boolean isDense() {
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] > 1 && strides[i] != step) {
        return false;
      }
      step *= shape[i];
    }
    return true;
  }

  private void readDense(ByteSource bytes, float[] out) throws IOException {
    int width = type().width();
    int most = CHUNK / width;
    byte[] chunk = new byte[Math.min(most, out.length) * width];
    for (int from = 0; from < out.length; from += most) {
      int n = Math.min(most, out.length - from);
      bytes.read((offset + from) * width, chunk, n * width);
      ByteBuffer buffer = ByteBuffer.wrap(chunk).order(view.root.order);
      for (int i = from; i < from + n; i++) {
        out[i] = type().next(buffer);
      }
    }
  }

  private void gather(ByteSource bytes, float[] out) throws IOException {
    int width = type().width();
    long span = 1;
    for (int i = 0; i < shape.length; i++) {
      span += (shape[i] - 1) * strides[i];
    }
    if (span * width > Integer.MAX_VALUE - 16) {
      throw new IOException(
          "tensor of shape " + shape() + " must span less than 2 GB but spans " + span * width);
    }
    byte[] all = new byte[(int) (span * width)];
    bytes.read(offset * width, all, all.length);
    ByteBuffer buffer = ByteBuffer.wrap(all).order(view.root.order);
    int[] index = new int[shape.length];
    long at = 0;
    for (int i = 0; i < out.length; i++) {
      buffer.position((int) (at * width));
      out[i] = type().next(buffer);
      for (int d = shape.length - 1; d >= 0; d--) {
        at += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        at -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
  }

  @Override
  public String toString() {
    return type() + Arrays.toString(shape);
  }
}
