// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import io.deepretrieval.internal.Sha256;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a descriptor was made: backbone, SHA-256 of its weights, cut layer, preprocessing, resize
 * rule, pooling, scales and transforms, as named parts in a fixed order. Two descriptors may be
 * compared only if their recipes are equal; an index stores the recipe and refuses every other.
 *
 * <p>Its text form is one line, {@code name=value; name=value; …}. A name or value must not contain
 * {@code ;}, {@code =} (names only) or a line break.
 *
 * <p>Immutable and thread-safe.
 */
public final class Recipe {
  /** The recipe of vectors of unknown origin, equal only to itself. */
  public static final Recipe NONE = new Recipe(Map.of());

  private final Map<String, String> parts;
  private final String text;
  private final String fingerprint;

  private Recipe(Map<String, String> parts) {
    this.parts = parts;
    StringBuilder line = new StringBuilder();
    parts.forEach(
        (name, value) -> {
          if (line.length() > 0) {
            line.append("; ");
          }
          line.append(name).append('=').append(value);
        });
    this.text = line.length() == 0 ? "none" : line.toString();
    this.fingerprint = Sha256.hex(text);
  }

  /**
   * Makes a recipe of named parts.
   *
   * @param parts names and values; the iteration order is kept (copied)
   * @return the recipe; {@link #NONE} if there is no part
   * @throws IllegalArgumentException if a name or value is blank or has a character that the text
   *     form reserves
   */
  public static Recipe of(Map<String, String> parts) {
    if (parts.isEmpty()) {
      return NONE;
    }
    parts.forEach(
        (name, value) -> {
          if (name.isBlank() || name.matches("(?s).*[;=\\r\\n].*") || !name.equals(name.strip())) {
            throw new IllegalArgumentException(
                "recipe part name must be plain text without ; or = but was '" + name + "'");
          }
          if (value.isBlank()
              || value.matches("(?s).*[;\\r\\n].*")
              || !value.equals(value.strip())) {
            throw new IllegalArgumentException(
                "recipe part " + name + " must be plain text without ; but was '" + value + "'");
          }
        });
    return new Recipe(Collections.unmodifiableMap(new LinkedHashMap<>(parts)));
  }

  /**
   * Reads the text form that {@link #toString} writes.
   *
   * @param text one line
   * @return the recipe
   * @throws IllegalArgumentException if the line has another form
   */
  public static Recipe parse(String text) {
    if (text.equals("none")) {
      return NONE;
    }
    Map<String, String> parts = new LinkedHashMap<>();
    for (String part : text.split("; ", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "recipe part must be name=value but was '" + part + "' in '" + text + "'");
      }
      String name = part.substring(0, equals);
      if (parts.put(name, part.substring(equals + 1)) != null) {
        throw new IllegalArgumentException(
            "recipe must name each part once but has '" + name + "' twice in '" + text + "'");
      }
    }
    return of(parts);
  }

  /**
   * Returns the parts by name, in their order.
   *
   * @return an unmodifiable map
   */
  public Map<String, String> parts() {
    return parts;
  }

  /**
   * Returns the identity of the recipe.
   *
   * @return SHA-256 of the text form in UTF-8, 64 hexadecimal digits
   */
  public String fingerprint() {
    return fingerprint;
  }

  /**
   * Refuses vectors of another recipe.
   *
   * @param other the recipe of the vectors that come in
   * @param what what comes in, for the message, for instance {@code "query"}
   * @throws IllegalArgumentException if the recipes differ; the message shows both
   */
  public void requireSame(Recipe other, String what) {
    if (!equals(other)) {
      throw new IllegalArgumentException(
          what + " must have the recipe [" + this + "] but has [" + other + "]");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Recipe that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Returns the one-line text form. */
  @Override
  public String toString() {
    return text;
  }
}
