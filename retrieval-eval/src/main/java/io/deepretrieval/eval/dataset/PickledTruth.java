// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.format.PickleFormatException;
import io.deepretrieval.format.SafeUnpickler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Ground truth as a pickle: a dictionary of lists. */
final class PickledTruth {
  private final Path file;

  private PickledTruth(Path file) {
    this.file = file;
  }

  static IndexedTruth.Raw read(Path file, List<String> lists) throws IOException {
    PickledTruth truth = new PickledTruth(file);
    Map<?, ?> top = truth.dict(unpickled(file), "the pickle");
    List<Map<String, double[]>> queries = new ArrayList<>();
    List<?> gnd = truth.list(truth.member(top, "gnd", "the pickle"), "gnd");
    for (int i = 0; i < gnd.size(); i++) {
      String at = "gnd[" + i + "]";
      Map<?, ?> query = truth.dict(gnd.get(i), at);
      Map<String, double[]> parts = new HashMap<>();
      parts.put("bbx", truth.numbers(truth.member(query, "bbx", at), at + ".bbx"));
      for (String list : lists) {
        parts.put(list, truth.numbers(truth.member(query, list, at), at + "." + list));
      }
      queries.add(parts);
    }
    Map<String, List<String>> names = new HashMap<>();
    for (String list : List.of("imlist", "qimlist")) {
      names.put(list, truth.texts(truth.member(top, list, "the pickle"), list));
    }
    return new IndexedTruth.Raw(names, Optional.empty(), queries, 0);
  }

  private static Object unpickled(Path file) throws IOException {
    try {
      return SafeUnpickler.readPlain(file);
    } catch (PickleFormatException e) {
      throw new DataSetException(file.toString(), String.valueOf(e.getMessage()), e);
    }
  }

  private Object member(Map<?, ?> dict, String key, String where) throws DataSetException {
    Object value = dict.get(key);
    if (value == null) {
      throw SourceLocation.of(file).error(where + " must have the entry '" + key + "' but has not");
    }
    return value;
  }

  private Map<?, ?> dict(Object value, String where) throws DataSetException {
    if (value instanceof Map<?, ?> dict) {
      return dict;
    }
    throw unlike(where, "a dictionary", value);
  }

  private List<?> list(Object value, String where) throws DataSetException {
    if (value instanceof List<?> list) {
      return list;
    }
    if (value instanceof Object[] tuple) {
      return Arrays.asList(tuple);
    }
    throw unlike(where, "a list", value);
  }

  private List<String> texts(Object value, String where) throws DataSetException {
    List<String> texts = new ArrayList<>();
    for (Object element : list(value, where)) {
      if (!(element instanceof String text)) {
        throw unlike(where + "[" + texts.size() + "]", "a text", element);
      }
      texts.add(text);
    }
    return texts;
  }

  private double[] numbers(Object value, String where) throws DataSetException {
    List<?> elements = list(value, where);
    double[] numbers = new double[elements.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(elements.get(i) instanceof Number number)) {
        throw unlike(where + "[" + i + "]", "a number", elements.get(i));
      }
      numbers[i] = number.doubleValue();
    }
    return numbers;
  }

  /** Names the kind only: a value may be long, or hold itself. */
  private DataSetException unlike(String where, String kind, Object value) {
    String found;
    if (value instanceof String) {
      found = "a text";
    } else if (value instanceof Number) {
      found = "a number";
    } else if (value instanceof List<?> || value instanceof Object[]) {
      found = "a list";
    } else {
      found = value instanceof Map<?, ?> ? "a dictionary" : "something else";
    }
    return SourceLocation.of(file).error(where + " must be " + kind + " but is " + found);
  }
}
