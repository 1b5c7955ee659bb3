// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.dl4j.checkpoint;

import io.deepretrieval.Preprocessing;
import io.deepretrieval.format.PickleNames;
import io.deepretrieval.format.PickledArray;
import io.deepretrieval.format.StoredTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Entries of dictionaries that a file of torch holds, each of the type that is asked for. */
final class PickledFields {
  private PickledFields() {}

  static Map<?, ?> map(@Nullable Object value, String what) throws MalformedCheckpointException {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new MalformedCheckpointException(
        what
            + " must be a dictionary but is "
            + (value == null ? "absent" : "a " + value.getClass().getSimpleName()));
  }

  static String text(Map<?, ?> map, String name) throws MalformedCheckpointException {
    if (map.get(name) instanceof String text) {
      return text;
    }
    throw new MalformedCheckpointException(
        "its description must have the text "
            + name
            + " but has "
            + PickleNames.shown(map.get(name)));
  }

  static boolean flag(Map<?, ?> map, String name) throws MalformedCheckpointException {
    Object value = map.get(name);
    if (value == null || value.equals(Optional.empty())) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw new MalformedCheckpointException(
        "its " + name + " must be true or false but is " + PickleNames.shown(value));
  }

  static List<String> names(Map<?, ?> sets) {
    List<String> names = new ArrayList<>();
    sets.keySet().forEach(name -> names.add(name.toString()));
    return List.copyOf(names);
  }

  static Preprocessing preprocessing(Map<?, ?> meta) throws MalformedCheckpointException {
    return new Preprocessing(
        Preprocessing.ChannelOrder.RGB, 1 / 255.0, numbers(meta, "mean"), numbers(meta, "std"));
  }

  static List<Double> numbers(Map<?, ?> map, String name) throws MalformedCheckpointException {
    Object value = map.get(name);
    List<?> items =
        value instanceof Object[] tuple
            ? List.of(tuple)
            : value instanceof List<?> l ? l : List.of();
    List<Double> numbers = new ArrayList<>();
    for (Object item : items) {
      if (item instanceof Number number) {
        numbers.add(number.doubleValue());
      }
    }
    if (numbers.size() != 3) {
      throw new MalformedCheckpointException(
          "its "
              + name
              + " must be three numbers but has "
              + numbers.size()
              + " in "
              + items.size());
    }
    return numbers;
  }

  static StoredTensor tensor(Map<?, ?> map, String name, String of)
      throws MalformedCheckpointException {
    Object value = map.get(name);
    if (value instanceof StoredTensor tensor) {
      return tensor;
    }
    if (value instanceof PickledArray array) {
      try {
        return array.tensor();
      } catch (IOException e) {
        throw new MalformedCheckpointException(String.valueOf(e.getMessage()), e);
      }
    }
    throw new MalformedCheckpointException(
        "whitening " + of + " must have numbers " + name + " but has not");
  }
}
