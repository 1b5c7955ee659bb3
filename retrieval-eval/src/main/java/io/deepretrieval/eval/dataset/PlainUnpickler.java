// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads pickles that hold lists, tuples, dictionaries, texts, numbers, true, false and none, and
 * nothing else: a pickle is a program, and all that could make an object or call one is refused by
 * name. Lists come as {@link java.util.List}, tuples as arrays, dictionaries as {@link
 * java.util.Map}.
 */
final class PlainUnpickler extends Unpickler {
  private static final long MAX_BYTES = 64L << 20;

  private PlainUnpickler() {}

  static Object read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new DataSetException(
          file, "pickle must have at most " + MAX_BYTES + " bytes but has " + size);
    }
    try {
      Object value = new PlainUnpickler().load(new ByteArrayInputStream(Files.readAllBytes(file)));
      if (value == null) {
        throw new DataSetException(file, "pickle must hold a value but holds none");
      }
      return value;
    } catch (DataSetException e) {
      throw e;
    } catch (Refused e) {
      throw SourceLocation.of(file)
          .error(
              "pickle must hold plain lists, dictionaries, texts and numbers but " + e.getMessage(),
              e);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // A list that holds itself has no hash code, so as a key it overflows the stack.
      throw SourceLocation.of(file).error("pickle cannot be read: " + e, e);
    }
  }

  /** What the pickle asks for and must not have. */
  private static final class Refused extends PickleException {
    private static final long serialVersionUID = 1L;

    Refused(String what) {
      super(what);
    }
  }

  @Override
  protected Object dispatch(short key) throws IOException {
    switch (key) {
      case Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.MARK,
          Opcodes.STOP,
          Opcodes.POP,
          Opcodes.POP_MARK,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.INT,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG,
          Opcodes.LONG1,
          Opcodes.FLOAT,
          Opcodes.BINFLOAT,
          Opcodes.STRING,
          Opcodes.SHORT_BINSTRING,
          Opcodes.UNICODE,
          Opcodes.SHORT_BINUNICODE,
          Opcodes.EMPTY_LIST,
          Opcodes.LIST,
          Opcodes.APPEND,
          Opcodes.APPENDS,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_DICT,
          Opcodes.DICT,
          Opcodes.SETITEM,
          Opcodes.SETITEMS,
          Opcodes.PUT,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE,
          Opcodes.GET,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET -> {}
      case Opcodes.BINSTRING, Opcodes.BINUNICODE, Opcodes.LONG4 -> requireRest(4);
      case Opcodes.BINUNICODE8 -> requireRest(8);
      case Opcodes.GLOBAL, Opcodes.INST ->
          throw new Refused(
              "asks for class '"
                  + PickleUtils.readline(input)
                  + "."
                  + PickleUtils.readline(input)
                  + "'");
      case Opcodes.STACK_GLOBAL -> {
        Object name = stack.pop();
        throw new Refused("asks for class '" + text(stack.pop()) + "." + text(name) + "'");
      }
      default -> throw new Refused("has the opcode " + key);
    }
    return super.dispatch(key);
  }

  private static String text(Object value) {
    return value instanceof String text ? text : "?";
  }

  /** The library makes an array of the stated length before it reads. */
  private void requireRest(int bytes) throws IOException {
    input.mark(bytes);
    byte[] length = PickleUtils.readbytes(input, bytes);
    input.reset();
    long stated =
        bytes == 4
            ? Integer.toUnsignedLong(PickleUtils.bytes_to_integer(length))
            : PickleUtils.bytes_to_long(length, 0);
    if (stated < 0 || stated > input.available() - bytes) {
      throw new PickleException(
          "a text of " + stated + " bytes is in the last " + input.available() + " of the file");
    }
  }
}
