// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;

/**
 * Reads pickles as data. A pickle is a program: a name in it is looked up in a list of allowed ones
 * and stands for data; any other is refused, and nothing is executed. Every length is checked
 * against what is left of the file before memory is taken, and the number of operations is bounded.
 *
 * <p>Gives: a dictionary as {@link Map}, a list or an array as {@link List}, a tuple as {@code
 * Object[]}, whole numbers as {@code Integer}, {@code Long} or {@code BigInteger}, bytes as {@code
 * byte[]} or, from Python 2, as text of Latin-1. Not thread-safe.
 */
public final class SafeUnpickler {
  private static final long MOST_PLAIN_BYTES = 64L << 20;

  /** Thirty times the retrieval-SfM set of 120,000 images. */
  private static final long MOST_ARRAY_BYTES = 1L << 28;

  private static final long MOST_OF_VALUE = 1L << 28;

  /** Printing a number takes quadratic time. */
  private static final long MOST_OF_NUMBER = 256;

  private final PickleInput in;
  private final AllowedNames names;
  private final Machine machine = new Machine();

  /** Where the operation under way begins. */
  private long at;

  SafeUnpickler(PickleInput in, AllowedNames names) {
    this.in = in;
    this.names = names;
  }

  /**
   * Reads lists, tuples, dictionaries, texts, numbers, true, false and none: no name is allowed.
   *
   * @param file of at most 64 MB
   * @return the value, null inside of it for None
   * @throws PickleFormatException if the file is damaged, too large or holds more than plain data
   * @throws IOException if it cannot be read
   */
  public static Object readPlain(Path file) throws IOException {
    return open(file, MOST_PLAIN_BYTES, new PlainNames()).value();
  }

  /**
   * Reads dictionaries with texts as keys, lists, tuples, texts, numbers and NumPy's arrays of one
   * axis, whose elements are {@code Long}, {@code Double}, {@code String} or, of an array of
   * objects, any of these.
   *
   * @param file of at most 256 MB
   * @return the value; null for None
   * @throws PickleFormatException if the file is damaged, too large or holds something else
   * @throws IOException if it cannot be read
   */
  public static @Nullable Object readArrays(Path file) throws IOException {
    return open(file, MOST_ARRAY_BYTES, new NumpyNames(MOST_ARRAY_BYTES)).read();
  }

  private static SafeUnpickler open(Path file, long most, AllowedNames names) throws IOException {
    long size = Files.size(file);
    if (size > most) {
      throw new PickleFormatException(
          "pickle must have at most " + most + " bytes but has " + size);
    }
    byte[] bytes = Files.readAllBytes(file);
    return new SafeUnpickler(new PickleInput(ByteSource.of(bytes)), names);
  }

  /**
   * Reads the next pickle of the stream.
   *
   * @throws IOException if it is damaged or asks for more than data
   */
  @Nullable Object read() throws IOException {
    try {
      return machine.load(in);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // The library gives an empty stack and values of another type as a RuntimeException; a list
      // that holds itself has no hash code, so as a key it overflows the stack.
      throw names.failure(at, in, e);
    }
  }

  /**
   * Reads the next pickle of the stream, which is not None.
   *
   * @throws IOException if it is damaged, None or asks for more than data
   */
  Object value() throws IOException {
    Object value = read();
    if (value == null) {
      throw new PickleFormatException("pickle must hold a value but holds none");
    }
    return value;
  }

  /** Keeps the library's reading of plain data and replaces whatever could look something up. */
  private final class Machine extends Unpickler {
    @Override
    protected Object dispatch(short key) throws IOException {
      at = in.position() - 1;
      names.charge(1);
      if (!names.allows(key)) {
        throw names.notAllowed(key);
      }
      switch (key) {
        case Opcodes.BINUNICODE, Opcodes.BINSTRING, Opcodes.BINBYTES ->
            requireLength(4, MOST_OF_VALUE);
        case Opcodes.LONG4 -> requireLength(4, MOST_OF_NUMBER);
        case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 ->
            requireLength(8, MOST_OF_VALUE);
        case Opcodes.INT,
            Opcodes.LONG,
            Opcodes.FLOAT,
            Opcodes.STRING,
            Opcodes.UNICODE,
            Opcodes.GET,
            Opcodes.PUT -> {
          return dispatchLine(key);
        }
        case Opcodes.NONE,
            Opcodes.EMPTY_DICT,
            Opcodes.DICT,
            Opcodes.SETITEM,
            Opcodes.SETITEMS,
            Opcodes.APPENDS -> {
          collect(key);
          return NO_RETURN_VALUE;
        }
        case Opcodes.GLOBAL,
            Opcodes.INST,
            Opcodes.STACK_GLOBAL,
            Opcodes.REDUCE,
            Opcodes.NEWOBJ,
            Opcodes.BUILD,
            Opcodes.BINPERSID -> {
          make(key);
          return NO_RETURN_VALUE;
        }
        default -> {}
      }
      return super.dispatch(key);
    }

    private void collect(short key) throws IOException {
      switch (key) {
        case Opcodes.NONE -> stack.add(names.none());
        case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<>());
        case Opcodes.DICT -> {
          Map<Object, Object> map = new LinkedHashMap<>();
          putAll(map, stack.pop_all_since_marker());
          stack.add(map);
        }
        case Opcodes.SETITEM -> {
          Object value = stack.pop();
          Object name = stack.pop();
          putAll(stack.peek(), Arrays.asList(name, value));
        }
        case Opcodes.SETITEMS -> {
          List<Object> items = stack.pop_all_since_marker();
          putAll(stack.peek(), items);
        }
        default -> {
          // The base class trims the list each time, which takes quadratic time.
          List<Object> items = stack.pop_all_since_marker();
          if (!(stack.peek() instanceof ArrayList<?>)) {
            throw names.notAList();
          }
          @SuppressWarnings("unchecked")
          List<Object> list = (List<Object>) stack.peek();
          list.addAll(items);
        }
      }
    }

    private void make(short key) throws IOException {
      switch (key) {
        case Opcodes.GLOBAL -> {
          String module = line(key);
          stack.add(names.find(module, line(key)));
        }
        case Opcodes.INST -> {
          String module = line(key);
          names.find(module, line(key));
          throw names.notAllowed(key);
        }
        case Opcodes.STACK_GLOBAL -> {
          Object name = stack.pop();
          stack.add(names.find(stack.pop(), name));
        }
        case Opcodes.BUILD -> {
          Object state = stack.pop();
          names.setState(stack.peek(), state);
        }
        case Opcodes.BINPERSID -> stack.add(names.persistent(stack.pop()));
        default -> {
          Object arguments = stack.pop();
          stack.add(names.call(stack.pop(), arguments));
        }
      }
    }

    private void requireLength(int width, long limit) throws IOException {
      long length = in.peek(width);
      long left = in.remaining() - width;
      if (length < 0 || length > left) {
        throw names.beyondEnd(length, Math.max(0, left), width);
      }
      if (length > limit) {
        throw new PickleFormatException(
            "value must have at most " + limit + " bytes but has " + length);
      }
    }

    private String line(short key) throws IOException {
      int most = names.mostOfLine(key);
      String line = in.line(most);
      if (line == null) {
        throw names.longLine(most, in.position());
      }
      return line;
    }

    /** Bounds the line that the base class reads. */
    private Object dispatchLine(short key) throws IOException {
      InputStream before = input;
      input = new ByteArrayInputStream((line(key) + "\n").getBytes(StandardCharsets.ISO_8859_1));
      Object result = super.dispatch(key);
      input = before;
      return result;
    }

    private void putAll(@Nullable Object target, List<Object> items) throws IOException {
      if (!(target instanceof Map<?, ?>) || items.size() % 2 != 0) {
        throw names.notPairs(items.size() % 2 != 0);
      }
      @SuppressWarnings("unchecked")
      Map<Object, Object> map = (Map<Object, Object>) target;
      for (int i = 0; i < items.size(); i += 2) {
        names.requireKey(items.get(i));
        map.put(items.get(i), items.get(i + 1));
      }
    }
  }
}
