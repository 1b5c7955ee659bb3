// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.Unpickler;

/**
 * Reads pickles as data. A name in a pickle is looked up in {@link PickleNames}; any other is
 * refused and nothing is executed. Operations that torch does not write are refused too, and every
 * length is checked against what is left of the file before memory is taken.
 *
 * <p>Gives: a dictionary as {@code LinkedHashMap}, a list as {@code ArrayList}, a tuple as {@code
 * Object[]}, None as {@link Optional#empty}, whole numbers as {@code Integer}, {@code Long} or
 * {@code BigInteger}, bytes as {@code byte[]} or, from Python 2, as text of Latin-1.
 */
final class PickleReader extends Unpickler {
  /** A checkpoint of ResNet-152 with its optimizer has a tenth of it. */
  private static final int MOST_OPERATIONS = 2_000_000;

  private static final long MOST_BYTES = 256L << 20;

  /** Printing a number takes quadratic time. */
  private static final long MOST_OF_NUMBER = 256;

  /** Finds what a persistent id stands for. */
  interface Persistent {
    Object load(Object id) throws IOException;
  }

  private final PickleInput in;
  private final Persistent persistent;
  private long operations;

  PickleReader(PickleInput in, Persistent persistent) {
    this.in = in;
    this.persistent = persistent;
  }

  /**
   * Reads the next pickle of the stream.
   *
   * @throws IOException if it is damaged or asks for more than data
   */
  Object read() throws IOException {
    try {
      return load(in);
    } catch (RuntimeException | StackOverflowError e) {
      throw new IOException("its pickle is damaged near byte " + in.position() + ": " + e, e);
    }
  }

  @Override
  protected Object dispatch(short key) throws IOException {
    count(1);
    switch (key) {
      case Opcodes.STOP,
          Opcodes.MARK,
          Opcodes.POP,
          Opcodes.DUP,
          Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.SHORT_BINSTRING,
          Opcodes.SHORT_BINBYTES,
          Opcodes.SHORT_BINUNICODE,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST,
          Opcodes.LIST,
          Opcodes.APPEND,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE -> {
        return super.dispatch(key);
      }
      case Opcodes.BINUNICODE, Opcodes.BINSTRING, Opcodes.BINBYTES -> {
        requireLength(in.peek(4), MOST_BYTES);
        return super.dispatch(key);
      }
      case Opcodes.LONG4 -> {
        requireLength(in.peek(4), MOST_OF_NUMBER);
        return super.dispatch(key);
      }
      case Opcodes.BINUNICODE8, Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> {
        requireLength(in.peek(8), MOST_BYTES);
        return super.dispatch(key);
      }
      case Opcodes.INT,
          Opcodes.LONG,
          Opcodes.FLOAT,
          Opcodes.STRING,
          Opcodes.UNICODE,
          Opcodes.GET,
          Opcodes.PUT -> {
        return dispatchLine(key);
      }
      case Opcodes.NONE -> stack.add(Optional.empty());
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
      case Opcodes.APPENDS -> {
        // The base class trims the list each time, which takes quadratic time.
        List<Object> items = stack.pop_all_since_marker();
        if (!(stack.peek() instanceof ArrayList<?>)) {
          throw new IOException("its pickle must append to a list but appends to another object");
        }
        @SuppressWarnings("unchecked")
        List<Object> list = (List<Object>) stack.peek();
        list.addAll(items);
      }
      case Opcodes.GLOBAL -> stack.add(PickleNames.find(in.line() + "." + in.line()));
      case Opcodes.INST -> {
        String name = in.line() + "." + in.line();
        PickleNames.find(name);
        throw unsupported(key);
      }
      case Opcodes.STACK_GLOBAL -> {
        Object name = stack.pop();
        stack.add(PickleNames.find(stack.pop() + "." + name));
      }
      case Opcodes.REDUCE, Opcodes.NEWOBJ -> {
        Object arguments = stack.pop();
        count(PickleNames.copied(arguments));
        stack.add(PickleNames.call(stack.pop(), arguments));
      }
      case Opcodes.BUILD -> {
        Object state = stack.pop();
        count(PickleNames.copied(state));
        PickleNames.setState(stack.peek(), state);
      }
      case Opcodes.BINPERSID -> stack.add(persistent.load(stack.pop()));
      default -> throw unsupported(key);
    }
    return NO_RETURN_VALUE;
  }

  private void count(long more) throws IOException {
    operations += more;
    if (operations > MOST_OPERATIONS) {
      throw new IOException("its pickle must have at most " + MOST_OPERATIONS + " operations");
    }
  }

  private static IOException unsupported(short key) {
    return new IOException(
        String.format("its pickle must have operations that torch writes but has 0x%02x", key));
  }

  private void requireLength(long length, long limit) throws IOException {
    long most = Math.min(limit, in.remaining());
    if (length < 0 || length > most) {
      throw new IOException(
          "text or bytes of a pickle must have at most " + most + " bytes but have " + length);
    }
  }

  /** Bounds the line that the base class reads. */
  private Object dispatchLine(short key) throws IOException {
    InputStream before = input;
    input = new ByteArrayInputStream((in.line() + "\n").getBytes(StandardCharsets.ISO_8859_1));
    Object result = super.dispatch(key);
    input = before;
    return result;
  }

  /** Keys are compared by value, and comparing nested ones may take for ever. */
  private static void putAll(Object target, List<Object> items) throws IOException {
    if (!(target instanceof Map<?, ?>) || items.size() % 2 != 0) {
      throw new IOException("its pickle must put pairs into a dictionary but puts something else");
    }
    @SuppressWarnings("unchecked")
    Map<Object, Object> map = (Map<Object, Object>) target;
    for (int i = 0; i < items.size(); i += 2) {
      map.put(requireKey(items.get(i)), items.get(i + 1));
    }
  }

  /** Returns a key that is text, a number or a truth value. */
  static Object requireKey(Object key) throws IOException {
    if (key instanceof String || key instanceof Number || key instanceof Boolean) {
      return key;
    }
    throw new IOException(
        "keys of a dictionary must be text or numbers but one is a "
            + key.getClass().getSimpleName());
  }
}
