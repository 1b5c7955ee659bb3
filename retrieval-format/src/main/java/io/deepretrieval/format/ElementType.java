// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/** What the elements of a stored tensor are, and how one becomes a float. */
enum ElementType {
  FLOAT64(8),
  FLOAT32(4),
  FLOAT16(2),
  BFLOAT16(2),
  INT64(8),
  INT32(4),
  INT16(2),
  INT8(1),
  UINT8(1),
  BOOL(1);

  private static final Map<String, ElementType> TORCH =
      Map.of(
          "Double", FLOAT64,
          "Float", FLOAT32,
          "Half", FLOAT16,
          "BFloat16", BFLOAT16,
          "Long", INT64,
          "Int", INT32,
          "Short", INT16,
          "Char", INT8,
          "Byte", UINT8,
          "Bool", BOOL);
  private static final Map<String, ElementType> NUMPY =
      Map.of(
          "f8", FLOAT64,
          "f4", FLOAT32,
          "f2", FLOAT16,
          "i8", INT64,
          "i4", INT32,
          "i2", INT16,
          "i1", INT8,
          "u1", UINT8,
          "b1", BOOL);

  private final int width;

  ElementType(int width) {
    this.width = width;
  }

  /** Bytes of one element. */
  int width() {
    return width;
  }

  /** The type of {@code torch.FloatStorage}, {@code torch.cuda.HalfTensor} and the like. */
  static Optional<ElementType> ofTorch(String global) {
    String name = global.replaceFirst("^torch\\.(cuda\\.)?", "");
    if (name.equals(global)) {
      return Optional.empty();
    }
    String kind = name.replaceFirst("(Storage|Tensor)$", "");
    return kind.equals(name) ? Optional.empty() : Optional.ofNullable(TORCH.get(kind));
  }

  /** The type of a NumPy code such as {@code f4}. */
  static Optional<ElementType> ofNumpy(String code) {
    return Optional.ofNullable(NUMPY.get(code));
  }

  /** Reads the next element; whole numbers beyond 2^24 and doubles are rounded. */
  float next(ByteBuffer bytes) {
    return switch (this) {
      case FLOAT64 -> (float) bytes.getDouble();
      case FLOAT32 -> bytes.getFloat();
      case FLOAT16 -> Float16.toFloat(bytes.getShort());
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort() << 16);
      case INT64 -> (float) bytes.getLong();
      case INT32 -> (float) bytes.getInt();
      case INT16 -> bytes.getShort();
      case INT8 -> bytes.get();
      case UINT8 -> bytes.get() & 0xFF;
      case BOOL -> bytes.get() == 0 ? 0 : 1;
    };
  }
}
