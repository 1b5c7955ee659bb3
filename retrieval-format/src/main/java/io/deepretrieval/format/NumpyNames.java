// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import org.jspecify.annotations.Nullable;

/** The names of NumPy's arrays of one axis, as the training sets of retrieval-SfM have them. */
final class NumpyNames extends AllowedNames {
  /** Operations and elements of arrays: twenty times the set of 120,000 images. */
  private static final int MOST_STEPS = 1 << 24;

  /** What a pickle may name. */
  private enum Global {
    RECONSTRUCT,
    SCALAR,
    FROM_BUFFER,
    ARRAY,
    TYPE,
    ENCODE,
    BYTES
  }

  private static final ImmutableMap<String, Global> GLOBALS =
      ImmutableMap.ofEntries(
          Map.entry("numpy.core.multiarray._reconstruct", Global.RECONSTRUCT),
          Map.entry("numpy._core.multiarray._reconstruct", Global.RECONSTRUCT),
          Map.entry("numpy.core.multiarray.scalar", Global.SCALAR),
          Map.entry("numpy._core.multiarray.scalar", Global.SCALAR),
          Map.entry("numpy.core.numeric._frombuffer", Global.FROM_BUFFER),
          Map.entry("numpy._core.numeric._frombuffer", Global.FROM_BUFFER),
          Map.entry("numpy.ndarray", Global.ARRAY),
          Map.entry("numpy.dtype", Global.TYPE),
          Map.entry("_codecs.encode", Global.ENCODE),
          Map.entry("__builtin__.bytes", Global.BYTES),
          Map.entry("builtins.bytes", Global.BYTES));

  /** An array, empty until its state comes. */
  private static final class NumpyArray extends AbstractList<Object> {
    private List<Object> values = List.of();

    @Override
    public Object get(int index) {
      return values.get(index);
    }

    @Override
    public int size() {
      return values.size();
    }
  }

  private final long mostBytes;
  private long converted;

  /**
   * Makes the list.
   *
   * @param mostBytes of the elements of all arrays
   */
  NumpyNames(long mostBytes) {
    super(
        MOST_STEPS,
        Opcodes.SHORT_BINBYTES,
        Opcodes.BINBYTES,
        Opcodes.BINBYTES8,
        Opcodes.BYTEARRAY8,
        Opcodes.REDUCE,
        Opcodes.BUILD);
    this.mostBytes = mostBytes;
  }

  @Override
  Object find(@Nullable Object module, @Nullable Object part) throws IOException {
    String name = text(module) + "." + text(part);
    Global known = GLOBALS.get(name);
    if (known == null) {
      throw new PickleFormatException(
          "global "
              + name.substring(0, Math.min(256, name.length()))
              + " is not allowed, as it is neither plain data nor a numpy array");
    }
    return known;
  }

  @Override
  @Nullable Object call(@Nullable Object callee, @Nullable Object arguments) throws IOException {
    if (!(callee instanceof Global known) || !(arguments instanceof Object[] given)) {
      throw new PickleException("only a global can be called, with a tuple");
    }
    // Five are more than any of them takes: what is missing is null.
    Object[] args = Arrays.copyOf(given, 5);
    return switch (known) {
      case RECONSTRUCT -> {
        if (args[0] != Global.ARRAY) {
          throw new PickleException("_reconstruct must make a numpy.ndarray");
        }
        yield new NumpyArray();
      }
      case SCALAR -> values(args[0], args[1], 1).get(0);
      case FROM_BUFFER -> {
        NumpyArray array = new NumpyArray();
        array.values = values(args[1], args[0], NumpyType.count(args[2]));
        yield array;
      }
      case TYPE -> NumpyType.of(args[0]);
      case ENCODE -> encode(args[0], args[1]);
      case BYTES -> {
        if (given.length > 0) {
          throw new PickleException("bytes must be called without arguments");
        }
        yield new byte[0];
      }
      case ARRAY -> throw new PickleException("numpy.ndarray must be made by _reconstruct");
    };
  }

  private byte[] encode(@Nullable Object text, @Nullable Object charset) {
    if (!"latin1".equals(charset) && !"latin-1".equals(charset)) {
      throw new PickleException("encode must be asked for latin1 but was for " + printed(charset));
    }
    chargeBytes(text);
    return NumpyType.bytes(text);
  }

  /** The same bytes can be asked for again and again. */
  private void chargeBytes(@Nullable Object data) {
    converted += data instanceof String text ? text.length() : 0;
    converted += data instanceof byte[] raw ? raw.length : 0;
    if (converted > mostBytes) {
      throw new PickleException(
          "numpy arrays must have at most " + mostBytes + " bytes in all but have more");
    }
  }

  private List<Object> values(@Nullable Object type, @Nullable Object data, int count)
      throws IOException {
    if (!(type instanceof NumpyType numpy)) {
      throw new PickleException("numpy elements must have a numpy.dtype");
    }
    charge(count);
    chargeBytes(data);
    return numpy.values(data, count);
  }

  @Override
  void setState(@Nullable Object target, @Nullable Object state) throws IOException {
    if (target instanceof NumpyType type) {
      type.setState(state);
    } else if (target instanceof NumpyArray array
        && state instanceof Object[] parts
        && parts.length == 5) {
      array.values = values(parts[2], parts[4], NumpyType.count(parts[1]));
    } else {
      throw new PickleException("only a numpy array or type can have a state");
    }
  }

  @Override
  Object persistent(@Nullable Object id) throws IOException {
    throw notAllowed(Opcodes.BINPERSID);
  }

  /** Texts alone are keys: the hash of a list of lists can take for ever. */
  @Override
  void requireKey(@Nullable Object key) throws IOException {
    if (!(key instanceof String)) {
      throw new PickleFormatException("dict must have texts as keys");
    }
  }

  // ---- wording

  @Override
  IOException tooMany(long most) {
    return new PickleFormatException("pickle must have at most " + most + " values but has more");
  }

  @Override
  IOException notAllowed(short opcode) {
    return new PickleFormatException(
        String.format(
            Locale.ROOT, "opcode 0x%02x is not allowed, as it is not plain data", opcode));
  }

  @Override
  IOException longLine(int most, long position) {
    return new PickleFormatException("line must have at most " + most + " bytes but has more");
  }

  @Override
  IOException beyondEnd(long length, long left, int width) {
    return new PickleFormatException(
        "value must have at most the " + left + " bytes that are left but declares " + length);
  }

  @Override
  IOException notAList() {
    throw new ClassCastException("elements are appended to what is no list");
  }

  @Override
  IOException notPairs(boolean odd) {
    if (odd) {
      return new PickleFormatException("dict must have a value for each key");
    }
    throw new ClassCastException("pairs are put into what is no dict");
  }

  @Override
  IOException failure(long at, PickleInput in, Throwable cause) {
    if (cause instanceof PickleFormatException || cause instanceof PickleException) {
      return new PickleFormatException("pickle at byte " + at + ": " + cause.getMessage(), cause);
    }
    if (cause instanceof IOException) {
      // The bytes are in memory: all that can go wrong is that they end.
      return new PickleFormatException(
          "pickle must have an end but was cut off after "
              + (in.position() + in.remaining())
              + " bytes",
          cause);
    }
    return new PickleFormatException("pickle at byte " + at + " is damaged", cause);
  }
}
