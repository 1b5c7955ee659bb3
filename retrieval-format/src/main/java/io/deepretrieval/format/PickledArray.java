// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** An array of NumPy; a pickle makes it first and fills it later. */
public final class PickledArray {
  PickledArray() {}

  /** An element type of NumPy; its byte order, too, comes later. */
  static final class Type {
    private final String code;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    Type(String code) {
      this.code = code;
    }

    /** State (version, byte order, …). */
    void setState(@Nullable Object state) throws IOException {
      Object[] parts = PickleNames.tuple(state, 2);
      order = ">".equals(parts[1]) ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    StoredTensor tensor(Object data, long[] shape, boolean fortran) throws IOException {
      ElementType type =
          ElementType.ofNumpy(code)
              .orElseThrow(
                  () -> new IOException("arrays must be of plain numbers but one is of " + code));
      ByteSource bytes = bytes(data);
      StoredTensor.Storage storage =
          new StoredTensor.Storage(type, order, bytes.size() / type.width());
      storage.place(bytes);
      StoredTensor tensor = StoredTensor.dense(storage, shape, fortran);
      long needed = tensor.length();
      if (needed * type.width() != bytes.size()) {
        throw new IOException(
            "array "
                + tensor
                + " must have "
                + needed * type.width()
                + " bytes but has "
                + bytes.size());
      }
      return tensor;
    }
  }

  private @Nullable StoredTensor tensor;

  /** State (version, shape, type, column-major, bytes). */
  void setState(@Nullable Object state) throws IOException {
    Object[] parts = PickleNames.tuple(state, 5);
    if (!(parts[2] instanceof Type type)) {
      throw new IOException(
          "an array must have an element type but has " + PickleNames.shown(parts[2]));
    }
    tensor = type.tensor(parts[4], PickleNames.sizes(parts[1]), Boolean.TRUE.equals(parts[3]));
  }

  /**
   * Returns the array as a tensor.
   *
   * @return its shape and, once they are read, its values
   * @throws IOException if the pickle made the array and never filled it
   */
  public StoredTensor tensor() throws IOException {
    if (tensor == null) {
      throw new IOException("an array must have values but has none");
    }
    return tensor;
  }

  /** Bytes, which Python 2 writes as text. */
  private static ByteSource bytes(Object data) throws IOException {
    if (data instanceof byte[] bytes) {
      return ByteSource.of(bytes);
    }
    if (data instanceof String text) {
      return ByteSource.of(text);
    }
    throw new IOException("an array must have bytes but has a " + data.getClass().getSimpleName());
  }
}
