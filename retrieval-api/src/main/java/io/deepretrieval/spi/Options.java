// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.spi;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Options of a provider by name, as text: what a configuration file or a command line gives.
 *
 * <p>Immutable and thread-safe.
 */
public final class Options {
  /** No option. */
  public static final Options NONE = new Options(Map.of());

  private final Map<String, String> values;

  private Options(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Makes options.
   *
   * @param values by name (copied)
   * @return the options
   */
  public static Options of(Map<String, String> values) {
    return new Options(Collections.unmodifiableMap(new TreeMap<>(values)));
  }

  /**
   * Returns these options and one more.
   *
   * @param name its name
   * @param value its text; replaces an earlier one
   * @return a changed copy
   */
  public Options with(String name, String value) {
    Map<String, String> more = new TreeMap<>(values);
    more.put(name, value);
    return new Options(Collections.unmodifiableMap(more));
  }

  /**
   * Refuses options that nobody reads.
   *
   * @param who whose options they are, for the message
   * @param known the names that are read
   * @throws IllegalArgumentException if there is another; the message lists the known ones
   */
  public void requireKnown(String who, String... known) {
    Set<String> names = new TreeSet<>(Set.of(known));
    for (String name : values.keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            who
                + " has no option '"
                + name
                + "'; "
                + (names.isEmpty() ? "it has none" : "known: " + String.join(", ", names)));
      }
    }
  }

  /**
   * Reads a text.
   *
   * @param name the option
   * @return its value; empty if it is not given
   */
  public Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /**
   * Reads a path.
   *
   * @param name the option
   * @return its value; empty if it is not given
   */
  public Optional<Path> path(String name) {
    return text(name).map(Path::of);
  }

  /**
   * Reads a number.
   *
   * @param name the option
   * @param fallback its value if it is not given
   * @return the number
   * @throws IllegalArgumentException if the text is no finite decimal number
   */
  public double number(String name, double fallback) {
    String text = values.get(name);
    if (text == null) {
      return fallback;
    }
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "option " + name + " must be a number but was '" + text + "'", e);
    }
    throw new IllegalArgumentException(
        "option " + name + " must be a finite number but was '" + text + "'");
  }

  /**
   * Reads a whole number.
   *
   * @param name the option
   * @param fallback its value if it is not given
   * @return the number
   * @throws IllegalArgumentException if the text is no whole number of 32 bits
   */
  public int integer(String name, int fallback) {
    String text = values.get(name);
    if (text == null) {
      return fallback;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "option " + name + " must be a whole number but was '" + text + "'", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Options that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
