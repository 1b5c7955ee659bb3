// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.format;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Values of a checkpoint as what they must be, and as text for messages. */
public final class PickleNames {
  private static final int MOST_SHOWN = 200;
  private static final int MOST_DIMENSIONS = 32;

  private PickleNames() {}

  static String kind(@Nullable Object object) {
    return object instanceof PickledObject || object instanceof TorchNames.Name
        ? object.toString()
        : object == null ? "null" : object.getClass().getSimpleName();
  }

  /**
   * Describes a value of a pickle for a message. A container is named and not printed: it may hold
   * itself.
   *
   * @param object a value of a pickle; null and {@link Optional#empty} stand for None
   * @return a text, number or truth value itself, cut after 200 characters, those beyond ASCII as a
   *     question mark; else {@code nothing}, or {@code a} with the kind of the value
   */
  public static String shown(@Nullable Object object) {
    if (object instanceof String || object instanceof Number || object instanceof Boolean) {
      String text = object.toString().replaceAll("[^ -~]", "?");
      return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "…" : text;
    }
    return object == null || object.equals(Optional.empty()) ? "nothing" : "a " + kind(object);
  }

  /** Returns a key that is text, a number or a truth value. */
  static Object requireKey(@Nullable Object key) throws IOException {
    if (key instanceof String || key instanceof Number || key instanceof Boolean) {
      return key;
    }
    throw new IOException("keys of a dictionary must be text or numbers but one is a " + kind(key));
  }

  /** Returns a tuple of at least so many parts. */
  static Object[] tuple(@Nullable Object object, int least) throws IOException {
    if (object instanceof Object[] parts && parts.length >= least) {
      return parts;
    }
    throw new IOException(
        "its pickle must have a tuple of at least " + least + " parts but has a " + kind(object));
  }

  /** Returns a whole number. */
  static long whole(@Nullable Object object) throws IOException {
    if (object instanceof Integer || object instanceof Long) {
      return ((Number) object).longValue();
    }
    throw new IOException(
        "its pickle must have a whole number of 64 bits but has " + shown(object));
  }

  /** Returns a tuple of whole numbers. */
  static long[] sizes(@Nullable Object object) throws IOException {
    Object[] parts = tuple(object, 0);
    if (parts.length > MOST_DIMENSIONS) {
      throw new IOException(
          "a tensor must have a rank of 0 to " + MOST_DIMENSIONS + " but has " + parts.length);
    }
    long[] sizes = new long[parts.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = whole(parts[i]);
    }
    return sizes;
  }
}
