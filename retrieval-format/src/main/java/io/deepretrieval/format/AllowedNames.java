// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import net.razorvine.pickle.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * What one kind of pickle may name, which operations it may have beside those that make plain data,
 * how many of them, and how it is refused. It counts, so each unpickling has its own.
 */
abstract class AllowedNames {
  /** Operations that make texts, numbers, lists, tuples and dictionaries, or that ask by name. */
  private static final short[] DATA = {
    Opcodes.MARK,
    Opcodes.STOP,
    Opcodes.PROTO,
    Opcodes.FRAME,
    Opcodes.NONE,
    Opcodes.NEWTRUE,
    Opcodes.NEWFALSE,
    Opcodes.INT,
    Opcodes.BININT,
    Opcodes.BININT1,
    Opcodes.BININT2,
    Opcodes.LONG,
    Opcodes.LONG1,
    Opcodes.LONG4,
    Opcodes.FLOAT,
    Opcodes.BINFLOAT,
    Opcodes.STRING,
    Opcodes.BINSTRING,
    Opcodes.SHORT_BINSTRING,
    Opcodes.UNICODE,
    Opcodes.BINUNICODE,
    Opcodes.SHORT_BINUNICODE,
    Opcodes.BINUNICODE8,
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
    Opcodes.LONG_BINGET,
    Opcodes.GLOBAL,
    Opcodes.INST,
    Opcodes.STACK_GLOBAL
  };

  private final boolean[] allowed = new boolean[256];
  private final long mostSteps;
  private long steps;

  /**
   * Makes a list.
   *
   * @param mostSteps operations and elements
   * @param more operations beside those of plain data
   */
  AllowedNames(long mostSteps, short... more) {
    this.mostSteps = mostSteps;
    for (short opcode : DATA) {
      allowed[opcode] = true;
    }
    for (short opcode : more) {
      allowed[opcode] = true;
    }
  }

  /** Whether an operation, 0 to 255, may occur. */
  final boolean allows(short opcode) {
    return allowed[opcode];
  }

  /** Counts operations, and elements that one operation makes many of. */
  final void charge(long count) throws IOException {
    steps += count;
    if (steps > mostSteps) {
      throw tooMany(mostSteps);
    }
  }

  /** What None becomes. */
  @Nullable Object none() {
    return null;
  }

  /**
   * What stands for a name.
   *
   * @param module any object where a pickle takes it from the stack
   * @throws IOException if the list has it not
   */
  abstract Object find(@Nullable Object module, @Nullable Object name) throws IOException;

  /** What a name makes of arguments. */
  abstract @Nullable Object call(@Nullable Object callee, @Nullable Object arguments)
      throws IOException;

  /** Fills an object that was made before. */
  abstract void setState(@Nullable Object target, @Nullable Object state) throws IOException;

  /** What a persistent id stands for. */
  abstract Object persistent(@Nullable Object id) throws IOException;

  /** Refuses what cannot be a key. */
  abstract void requireKey(@Nullable Object key) throws IOException;

  /** The length that a line of an operation may have. */
  int mostOfLine(short opcode) {
    return switch (opcode) {
      case Opcodes.GLOBAL, Opcodes.INST -> 256;
      case Opcodes.STRING, Opcodes.UNICODE -> Integer.MAX_VALUE;
      default -> 64;
    };
  }

  /** A part of a name; anything but a text is in no list, and printing it may take for ever. */
  static String text(@Nullable Object part) {
    return part instanceof String text ? text : "?";
  }

  /** A value for a message; a list may hold itself, or be printed for ever. */
  static String printed(@Nullable Object value) {
    return value == null || value instanceof String || value instanceof Number
        ? String.valueOf(value)
        : "a " + value.getClass().getSimpleName();
  }

  // ---- wording

  abstract IOException tooMany(long most);

  abstract IOException notAllowed(short opcode);

  /** A line is longer than it may be. */
  abstract IOException longLine(int most, long position);

  /**
   * A value is longer than what is left.
   *
   * @param left bytes behind those that state its length
   * @param width bytes that state its length
   */
  abstract IOException beyondEnd(long length, long left, int width);

  /** Something is appended to what is no list. */
  abstract IOException notAList();

  /** Something else than pairs is put into a dictionary, or pairs into something else. */
  abstract IOException notPairs(boolean odd);

  /**
   * What ended the unpickling, in the words of this kind of file.
   *
   * @param at the byte where the operation begins that failed
   * @param cause of this class, of the library or of the JVM
   */
  abstract IOException failure(long at, PickleInput in, Throwable cause);
}
