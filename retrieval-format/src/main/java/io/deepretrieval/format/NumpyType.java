// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.razorvine.pickle.PickleException;
import org.jspecify.annotations.Nullable;

/** What the elements of a numpy array are: whole numbers, floats, texts or objects. */
final class NumpyType {
  private static final Pattern NAME =
      Pattern.compile("([iu])([1248])|(f)([48])|([US])([1-9][0-9]{0,3})|(O)[48]?");

  private final char kind;
  private final int size;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  private NumpyType(char kind, int size) {
    this.kind = kind;
    this.size = size;
  }

  static NumpyType of(@Nullable Object name) {
    Matcher matcher = NAME.matcher(name instanceof String text ? text : "");
    if (!matcher.matches()) {
      throw new PickleException(
          "numpy type must be i, u, f, U, S or O with its size but was '"
              + AllowedNames.printed(name)
              + "'");
    }
    for (int group = 1; group < 7; group += 2) {
      if (matcher.group(group) != null) {
        char kind = matcher.group(group).charAt(0);
        int size = Integer.parseInt(matcher.group(group + 1));
        return new NumpyType(kind, kind == 'U' ? 4 * size : size);
      }
    }
    return new NumpyType('O', 0);
  }

  /** Takes the state of a pickle: version, byte order, parts, and more that is not needed. */
  void setState(@Nullable Object state) {
    if (!(state instanceof Object[] values)
        || values.length < 5
        || !(values[1] instanceof String mark)
        || !mark.matches("[<>|=]")) {
      throw new PickleException("numpy type must have a state with a byte order");
    }
    for (int i = 2; i < 5; i++) {
      if (values[i] != null) {
        throw new PickleException("numpy type must be simple but has parts");
      }
    }
    order = mark.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** The number of elements of an array whose axes but one have the length 1. */
  static int count(@Nullable Object shape) {
    if (!(shape instanceof Object[] axes)) {
      throw new PickleException("numpy shape must be a tuple");
    }
    long count = 1;
    int longAxes = 0;
    for (Object axis : axes) {
      if (!(axis instanceof Integer || axis instanceof Long)
          || ((Number) axis).longValue() < 0
          || ((Number) axis).longValue() > Integer.MAX_VALUE) {
        throw new PickleException(
            "numpy axis must be in [0, 2147483647] but was " + AllowedNames.printed(axis));
      }
      long length = ((Number) axis).longValue();
      longAxes += length == 1 ? 0 : 1;
      count *= length;
    }
    if (longAxes > 1) {
      throw new PickleException("numpy array must have one axis but has " + axes.length);
    }
    return (int) count;
  }

  /** Reads so many elements: Long, Double, String, or what a list of objects has. */
  List<Object> values(@Nullable Object data, int count) {
    if (kind == 'O') {
      if (!(data instanceof List<?> list) || list.size() != count) {
        throw new PickleException("numpy array must have a list of " + count + " objects");
      }
      return new ArrayList<>(list);
    }
    byte[] raw = bytes(data);
    if (raw.length != (long) count * size) {
      throw new PickleException(
          "numpy array of "
              + count
              + " elements must have "
              + (long) count * size
              + " bytes but has "
              + raw.length);
    }
    ByteBuffer in = ByteBuffer.wrap(raw).order(order);
    List<Object> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      values.add(element(in));
    }
    return values;
  }

  private Object element(ByteBuffer in) {
    return switch (kind) {
      case 'f' -> size == 4 ? (double) in.getFloat() : in.getDouble();
      case 'i' ->
          switch (size) {
            case 1 -> (long) in.get();
            case 2 -> (long) in.getShort();
            case 4 -> (long) in.getInt();
            default -> in.getLong();
          };
      case 'u' ->
          switch (size) {
            case 1 -> (long) (in.get() & 0xFF);
            case 2 -> (long) (in.getShort() & 0xFFFF);
            case 4 -> in.getInt() & 0xFFFFFFFFL;
            default -> unsigned(in.getLong());
          };
      default -> text(in);
    };
  }

  private static Object unsigned(long value) {
    if (value < 0) {
      throw new PickleException(
          "numpy number must be less than 2^63 but was " + Long.toUnsignedString(value));
    }
    return value;
  }

  /** A text is filled up with zeros. */
  private String text(ByteBuffer in) {
    StringBuilder text = new StringBuilder();
    int end = 0;
    for (int i = 0; i < size; i += kind == 'U' ? 4 : 1) {
      int character = kind == 'U' ? in.getInt() : in.get() & 0xFF;
      if (!Character.isValidCodePoint(character)) {
        throw new PickleException("numpy text must be Unicode but has " + character);
      }
      text.appendCodePoint(character);
      end = character == 0 ? end : text.length();
    }
    return text.substring(0, end);
  }

  /** Bytes; pickles of Python 2 have a text with a character for each byte instead. */
  static byte[] bytes(@Nullable Object data) {
    if (data instanceof byte[] raw) {
      return raw;
    }
    if (data instanceof String text && text.chars().allMatch(c -> c < 256)) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
    throw new PickleException("numpy elements must be bytes");
  }
}
