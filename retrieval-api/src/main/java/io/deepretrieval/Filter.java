// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A condition on the metadata of a vector: a small closed algebra, so that a store can evaluate it
 * and a remote engine translate it.
 *
 * <p>A vector may lack a field. Then {@link Eq}, {@link In}, {@link Range} and {@link Exists} of
 * that field do not hold, and {@link Not} of one of them holds: {@code not(eq("city", "Oslo"))} is
 * true of a vector without a city. There is no third truth value. A field that no vector of an
 * index has is an error, since it is most likely misspelled: {@link #requireFields}.
 *
 * <p>Immutable; equal if written the same way.
 */
public sealed interface Filter {
  /**
   * Evaluates the condition.
   *
   * @param metadata of one vector, value by field
   * @return true if it holds
   */
  boolean test(Map<String, String> metadata);

  /**
   * Returns the fields that the condition asks about.
   *
   * @return names, sorted
   */
  Set<String> fields();

  /**
   * Checks that all fields exist.
   *
   * @param known the fields of an index
   * @throws IllegalArgumentException if the condition asks about another; the message lists the
   *     known ones
   */
  default void requireFields(Set<String> known) {
    for (String field : fields()) {
      if (!known.contains(field)) {
        throw new IllegalArgumentException(
            known.isEmpty()
                ? "field '" + field + "' must be noted beside a vector but none has any field"
                : "field must be one of "
                    + String.join(", ", new TreeSet<>(known))
                    + " but was '"
                    + field
                    + "'");
      }
    }
  }

  /**
   * Holds if a field has a value.
   *
   * @param field name of the field
   * @param value compared character by character
   * @return the condition
   */
  static Filter eq(String field, String value) {
    return new Eq(field, value);
  }

  /**
   * Holds if a field has one of some values.
   *
   * @param field name of the field
   * @param values none for a condition that never holds
   * @return the condition
   */
  static Filter in(String field, String... values) {
    return new In(field, new LinkedHashSet<>(Arrays.asList(values)));
  }

  /**
   * Holds if a field is a number within bounds.
   *
   * @param field name of the field
   * @param least the least number; negative infinity for no bound
   * @param most the greatest number; infinity for no bound
   * @return the condition
   * @throws IllegalArgumentException if a bound is not a number, or the least is above the most
   */
  static Filter range(String field, double least, double most) {
    return new Range(field, least, most);
  }

  /**
   * Holds if a vector has a field, whatever its value.
   *
   * @param field name of the field
   * @return the condition
   */
  static Filter exists(String field) {
    return new Exists(field);
  }

  /**
   * Holds if all conditions do.
   *
   * @param all any number; of none it always holds
   * @return the condition
   */
  static Filter and(Filter... all) {
    return new And(List.of(all));
  }

  /**
   * Holds if any of the conditions does.
   *
   * @param any any number; of none it never holds
   * @return the condition
   */
  static Filter or(Filter... any) {
    return new Or(List.of(any));
  }

  /**
   * Holds if a condition does not.
   *
   * @param filter the condition
   * @return its opposite
   */
  static Filter not(Filter filter) {
    return new Not(filter);
  }

  /**
   * A field has a value.
   *
   * @param field name of the field
   * @param value compared character by character
   */
  record Eq(String field, String value) implements Filter {
    /**
     * Checks that there are both.
     *
     * @param field name of the field
     * @param value compared character by character
     */
    public Eq {
      Objects.requireNonNull(field, "field");
      Objects.requireNonNull(value, "value");
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      return value.equals(metadata.get(field));
    }

    @Override
    public Set<String> fields() {
      return Set.of(field);
    }

    @Override
    public String toString() {
      return field + " = " + Filter.quote(value);
    }
  }

  /**
   * A field has one of some values.
   *
   * @param field name of the field
   * @param values compared character by character
   */
  record In(String field, Set<String> values) implements Filter {
    /**
     * Copies the values.
     *
     * @param field name of the field
     * @param values compared character by character
     */
    public In {
      Objects.requireNonNull(field, "field");
      values.forEach(value -> Objects.requireNonNull(value, "value"));
      values = Collections.unmodifiableSet(new LinkedHashSet<>(values));
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      String value = metadata.get(field);
      return value != null && values.contains(value);
    }

    @Override
    public Set<String> fields() {
      return Set.of(field);
    }

    @Override
    public String toString() {
      return field
          + values.stream().map(Filter::quote).collect(Collectors.joining(", ", " in (", ")"));
    }
  }

  /**
   * A field is a decimal number within bounds, compared as double. A value that is no such number
   * is outside.
   *
   * @param field name of the field
   * @param least the least number that is inside; negative infinity for no bound
   * @param most the greatest number that is inside; infinity for no bound
   */
  record Range(String field, double least, double most) implements Filter {
    private static final Pattern NUMBER =
        Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    /**
     * Checks the bounds.
     *
     * @param field name of the field
     * @param least the least number that is inside; negative infinity for no bound
     * @param most the greatest number that is inside; infinity for no bound
     * @throws IllegalArgumentException if a bound is not a number, or the least is above the most
     */
    public Range {
      Objects.requireNonNull(field, "field");
      if (!(least <= most)) {
        throw new IllegalArgumentException(
            "range of "
                + field
                + " must go from a number to one not below it but goes from "
                + least
                + " to "
                + most);
      }
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      String value = metadata.get(field);
      if (value == null || !NUMBER.matcher(value).matches()) {
        return false;
      }
      double number = Double.parseDouble(value);
      return number >= least && number <= most;
    }

    @Override
    public Set<String> fields() {
      return Set.of(field);
    }

    @Override
    public String toString() {
      return field + " from " + least + " to " + most;
    }
  }

  /**
   * A vector has a field.
   *
   * @param field name of the field
   */
  record Exists(String field) implements Filter {
    /**
     * Checks that there is a name.
     *
     * @param field name of the field
     */
    public Exists {
      Objects.requireNonNull(field, "field");
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      return metadata.containsKey(field);
    }

    @Override
    public Set<String> fields() {
      return Set.of(field);
    }

    @Override
    public String toString() {
      return "exists " + field;
    }
  }

  /**
   * All conditions hold.
   *
   * @param all any number; of none it always holds
   */
  record And(List<Filter> all) implements Filter {
    /**
     * Copies the list.
     *
     * @param all any number; of none it always holds
     */
    public And {
      all = List.copyOf(all);
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      return all.stream().allMatch(filter -> filter.test(metadata));
    }

    @Override
    public Set<String> fields() {
      return Filter.fields(all);
    }

    @Override
    public String toString() {
      return all.isEmpty() ? "all" : Filter.join(all, " and ");
    }
  }

  /**
   * At least one of the conditions holds.
   *
   * @param any any number; of none it never holds
   */
  record Or(List<Filter> any) implements Filter {
    /**
     * Copies the list.
     *
     * @param any any number; of none it never holds
     */
    public Or {
      any = List.copyOf(any);
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      return any.stream().anyMatch(filter -> filter.test(metadata));
    }

    @Override
    public Set<String> fields() {
      return Filter.fields(any);
    }

    @Override
    public String toString() {
      return any.isEmpty() ? "none" : Filter.join(any, " or ");
    }
  }

  /**
   * A condition does not hold.
   *
   * @param filter the condition
   */
  record Not(Filter filter) implements Filter {
    /**
     * Checks that there is a condition.
     *
     * @param filter the condition
     */
    public Not {
      Objects.requireNonNull(filter, "filter");
    }

    @Override
    public boolean test(Map<String, String> metadata) {
      return !filter.test(metadata);
    }

    @Override
    public Set<String> fields() {
      return filter.fields();
    }

    @Override
    public String toString() {
      return "not (" + filter + ")";
    }
  }

  private static Set<String> fields(List<Filter> filters) {
    Set<String> fields = new TreeSet<>();
    filters.forEach(filter -> fields.addAll(filter.fields()));
    return Collections.unmodifiableSet(fields);
  }

  private static String join(List<Filter> filters, String between) {
    return filters.stream().map(Filter::toString).collect(Collectors.joining(between, "(", ")"));
  }

  private static String quote(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
