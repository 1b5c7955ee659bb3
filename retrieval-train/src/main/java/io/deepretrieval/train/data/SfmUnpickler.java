// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.format.NumpyType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;

/**
 * Reads pickles of dicts with texts as keys, lists, tuples, texts, numbers and numpy arrays of one
 * axis, protocols 0 to 5. A pickle is a program: whatever else it asks for is refused by its name,
 * and nothing is looked up or called. Time and memory are bounded by the number of steps and the
 * size of the file, not by what it declares.
 */
final class SfmUnpickler extends Unpickler {
  /** Thirty times the set of 120,000 images. */
  static final int MOST_BYTES = 1 << 28;

  /** Opcodes and elements of arrays: twenty times that set. */
  static final int MOST_STEPS = 1 << 24;

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

  private static final Map<String, Global> GLOBALS =
      Map.ofEntries(
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

  /** Opcodes that only make data; those that take a length or a line are in the switch as well. */
  private static final boolean[] PLAIN = new boolean[256];

  static {
    for (short opcode :
        new short[] {
          Opcodes.MARK,
          Opcodes.STOP,
          Opcodes.FLOAT,
          Opcodes.INT,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.LONG,
          Opcodes.BININT2,
          Opcodes.NONE,
          Opcodes.STRING,
          Opcodes.BINSTRING,
          Opcodes.SHORT_BINSTRING,
          Opcodes.UNICODE,
          Opcodes.BINUNICODE,
          Opcodes.APPEND,
          Opcodes.EMPTY_DICT,
          Opcodes.GET,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.LIST,
          Opcodes.EMPTY_LIST,
          Opcodes.PUT,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.TUPLE,
          Opcodes.EMPTY_TUPLE,
          Opcodes.BINFLOAT,
          Opcodes.PROTO,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.LONG1,
          Opcodes.LONG4,
          Opcodes.BINBYTES,
          Opcodes.SHORT_BINBYTES,
          Opcodes.SHORT_BINUNICODE,
          Opcodes.BINUNICODE8,
          Opcodes.BINBYTES8,
          Opcodes.MEMOIZE,
          Opcodes.FRAME,
          Opcodes.BYTEARRAY8
        }) {
      PLAIN[opcode] = true;
    }
  }

  /** An array, empty until its state comes. */
  private static final class NumpyArray {
    private @Nullable List<Object> values;
  }

  private final ByteArrayInputStream in;
  private final int size;

  /** Where the opcode under way is. */
  private int at;

  private long steps;
  private long converted;

  private SfmUnpickler(byte[] bytes) {
    in = new ByteArrayInputStream(bytes);
    size = bytes.length;
  }

  /** Reads a file: a Map, a List or another kind of plain data. */
  static @Nullable Object read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TrainingDataException(file, "file does not exist");
    }
    if (Files.size(file) > MOST_BYTES) {
      throw new TrainingDataException(
          file, "pickle must have at most " + MOST_BYTES + " bytes but has " + Files.size(file));
    }
    byte[] bytes = Files.readAllBytes(file);
    SfmUnpickler unpickler = new SfmUnpickler(bytes);
    try {
      return unpickler.load(unpickler.in);
    } catch (PickleException e) {
      throw new TrainingDataException(
          file, "pickle at byte " + unpickler.at + ": " + e.getMessage(), e);
    } catch (IOException e) {
      // The bytes are in memory: all that can go wrong is that they end.
      throw new TrainingDataException(
          file, "pickle must have an end but was cut off after " + bytes.length + " bytes", e);
    } catch (RuntimeException e) {
      // The unpickler gives an empty stack and values of another type in this way.
      throw new TrainingDataException(file, "pickle at byte " + unpickler.at + " is damaged", e);
    }
  }

  /** The elements of a list or an array. */
  static @Nullable List<?> elements(@Nullable Object value) {
    return value instanceof NumpyArray array
        ? array.values
        : value instanceof List<?> list ? list : null;
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    at = size - in.available() - 1;
    charge(1);
    switch (opcode) {
      case Opcodes.GLOBAL -> global(line(), line());
      case Opcodes.INST -> throw refused(line() + "." + line());
      case Opcodes.STACK_GLOBAL -> {
        Object name = stack.pop();
        global(String.valueOf(stack.pop()), String.valueOf(name));
      }
      case Opcodes.REDUCE -> reduce();
      case Opcodes.BUILD -> build();
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        put(dict(stack.pop(), value));
      }
      case Opcodes.SETITEMS -> put(dict(stack.pop_all_since_marker().toArray()));
      case Opcodes.DICT -> stack.add(dict(stack.pop_all_since_marker().toArray()));
      case Opcodes.APPENDS -> {
        List<Object> values = stack.pop_all_since_marker();
        @SuppressWarnings("unchecked")
        List<Object> list = (List<Object>) stack.peek();
        list.addAll(values);
      }
      default -> {
        if (opcode < 0 || opcode > 255 || !PLAIN[opcode]) {
          throw new PickleException(
              String.format("opcode 0x%02x is not allowed, as it is not plain data", opcode));
        }
        checkLength(opcode);
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  private void charge(long count) {
    steps += count;
    if (steps > MOST_STEPS) {
      throw new PickleException("pickle must have at most " + MOST_STEPS + " values but has more");
    }
  }

  /** Makes sure that what an opcode declares is there, before memory is asked for. */
  private void checkLength(short opcode) {
    switch (opcode) {
      case Opcodes.BINSTRING, Opcodes.BINUNICODE, Opcodes.BINBYTES, Opcodes.LONG4 -> declared(4);
      case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> declared(8);
      case Opcodes.INT, Opcodes.LONG, Opcodes.FLOAT, Opcodes.GET, Opcodes.PUT -> checkLine(64);
      default -> {}
    }
  }

  private void declared(int bytes) {
    in.mark(0);
    long length = 0;
    for (int i = 0; i < bytes; i++) {
      length |= (long) (in.read() & 0xFF) << (8 * i);
    }
    int left = in.available();
    in.reset();
    if (length < 0 || length > left) {
      throw new PickleException(
          "value must have at most the " + left + " bytes that are left but declares " + length);
    }
  }

  private void checkLine(int most) {
    in.mark(0);
    int length = 0;
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (++length > most) {
        throw new PickleException("line must have at most " + most + " bytes but has more");
      }
    }
    in.reset();
  }

  private String line() throws IOException {
    checkLine(256);
    return PickleUtils.readline(in);
  }

  private static PickleException refused(String name) {
    return new PickleException(
        "global "
            + name.substring(0, Math.min(256, name.length()))
            + " is not allowed, as it is neither plain data nor a numpy array");
  }

  private void global(String module, String name) {
    Global known = GLOBALS.get(module + "." + name);
    if (known == null) {
      throw refused(module + "." + name);
    }
    stack.add(known);
  }

  private void reduce() {
    Object arguments = stack.pop();
    Object callee = stack.pop();
    if (!(callee instanceof Global known) || !(arguments instanceof Object[] given)) {
      throw new PickleException("only a global can be called, with a tuple");
    }
    // Five are more than any of them takes: what is missing is null.
    Object[] args = Arrays.copyOf(given, 5);
    switch (known) {
      case RECONSTRUCT -> {
        if (args[0] != Global.ARRAY) {
          throw new PickleException("_reconstruct must make a numpy.ndarray");
        }
        stack.add(new NumpyArray());
      }
      case SCALAR -> stack.add(values(args[0], args[1], 1).get(0));
      case FROM_BUFFER -> {
        NumpyArray array = new NumpyArray();
        array.values = values(args[1], args[0], NumpyType.count(args[2]));
        stack.add(array);
      }
      case TYPE -> stack.add(NumpyType.of(args[0]));
      case ENCODE -> stack.add(encode(args[0], args[1]));
      case BYTES -> {
        if (given.length > 0) {
          throw new PickleException("bytes must be called without arguments");
        }
        stack.add(new byte[0]);
      }
      case ARRAY -> throw new PickleException("numpy.ndarray must be made by _reconstruct");
    }
  }

  private byte[] encode(@Nullable Object text, @Nullable Object charset) {
    if (!"latin1".equals(charset) && !"latin-1".equals(charset)) {
      throw new PickleException("encode must be asked for latin1 but was for " + charset);
    }
    chargeBytes(text);
    return NumpyType.bytes(text);
  }

  /** The same bytes can be asked for again and again. */
  private void chargeBytes(@Nullable Object data) {
    converted += data instanceof String text ? text.length() : 0;
    converted += data instanceof byte[] raw ? raw.length : 0;
    if (converted > MOST_BYTES) {
      throw new PickleException(
          "numpy arrays must have at most " + MOST_BYTES + " bytes in all but have more");
    }
  }

  private List<Object> values(@Nullable Object type, @Nullable Object data, int count) {
    if (!(type instanceof NumpyType numpy)) {
      throw new PickleException("numpy elements must have a numpy.dtype");
    }
    charge(count);
    chargeBytes(data);
    return numpy.values(data, count);
  }

  private void build() {
    Object state = stack.pop();
    Object target = stack.peek();
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

  private void put(Map<String, Object> items) {
    @SuppressWarnings("unchecked")
    Map<Object, Object> dict = (Map<Object, Object>) stack.peek();
    dict.putAll(items);
  }

  /** Texts alone are keys: the hash of a list of lists can take for ever. */
  private static Map<String, Object> dict(Object... items) {
    if (items.length % 2 != 0) {
      throw new PickleException("dict must have a value for each key");
    }
    Map<String, Object> dict = new HashMap<>();
    for (int i = 0; i < items.length; i += 2) {
      if (!(items[i] instanceof String key)) {
        throw new PickleException("dict must have texts as keys");
      }
      dict.put(key, items[i + 1]);
    }
    return dict;
  }

  /** For messages: what there is in a dict. */
  static List<String> keys(Map<?, ?> dict) {
    List<String> keys = new ArrayList<>();
    dict.keySet().forEach(key -> keys.add(String.valueOf(key)));
    keys.sort(null);
    return keys.subList(0, Math.min(10, keys.size()));
  }
}
