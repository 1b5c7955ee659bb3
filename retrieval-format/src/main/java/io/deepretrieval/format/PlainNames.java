// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import org.jspecify.annotations.Nullable;

/** No names: the ground truth of data sets is plain data. */
final class PlainNames extends AllowedNames {
  private static final String RULE =
      "pickle must hold plain lists, dictionaries, texts and numbers but ";

  PlainNames() {
    // Each operation takes a byte at least, so the size of the file bounds them.
    super(Long.MAX_VALUE, Opcodes.POP, Opcodes.POP_MARK);
  }

  @Override
  Object find(@Nullable Object module, @Nullable Object name) throws IOException {
    throw new PickleFormatException(
        RULE + "asks for class '" + text(module) + "." + text(name) + "'");
  }

  @Override
  Object call(@Nullable Object callee, @Nullable Object arguments) throws IOException {
    throw notAllowed(Opcodes.REDUCE);
  }

  @Override
  void setState(@Nullable Object target, @Nullable Object state) throws IOException {
    throw notAllowed(Opcodes.BUILD);
  }

  @Override
  Object persistent(@Nullable Object id) throws IOException {
    throw notAllowed(Opcodes.BINPERSID);
  }

  @Override
  void requireKey(@Nullable Object key) {}

  @Override
  IOException tooMany(long most) {
    return new PickleFormatException("pickle must have at most " + most + " operations");
  }

  @Override
  IOException notAllowed(short opcode) {
    return new PickleFormatException(RULE + "has the opcode " + opcode);
  }

  @Override
  IOException longLine(int most, long position) {
    throw new PickleException("a line is longer than " + most + " bytes at byte " + position);
  }

  @Override
  IOException beyondEnd(long length, long left, int width) {
    throw new PickleException(
        "a text of " + length + " bytes is in the last " + (left + width) + " of the file");
  }

  @Override
  IOException notAList() {
    throw new PickleException("elements are appended to what is no list");
  }

  @Override
  IOException notPairs(boolean odd) {
    throw new PickleException("a dictionary has something else than pairs");
  }

  @Override
  IOException failure(long at, PickleInput in, Throwable cause) {
    return cause instanceof PickleFormatException e
        ? e
        : new PickleFormatException("pickle cannot be read: " + cause, cause);
  }
}
