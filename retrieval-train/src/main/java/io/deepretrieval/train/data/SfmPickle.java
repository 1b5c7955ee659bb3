// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.train.data;

import io.deepretrieval.format.PickleFormatException;
import io.deepretrieval.format.SafeUnpickler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the pickle of a training set; whatever is not data in it is refused. */
final class SfmPickle {
  private SfmPickle() {}

  /** Reads a file: a Map, a List or another kind of plain data. */
  static @Nullable Object read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new TrainingDataException(file, "file does not exist");
    }
    try {
      return SafeUnpickler.readArrays(file);
    } catch (PickleFormatException e) {
      throw new TrainingDataException(file, String.valueOf(e.getMessage()), e);
    }
  }

  /** The elements of a list or an array. */
  static @Nullable List<?> elements(@Nullable Object value) {
    return value instanceof List<?> list ? list : null;
  }

  /** For messages: what there is in a dict. */
  static List<String> keys(Map<?, ?> dict) {
    return dict.keySet().stream().map(String::valueOf).sorted().limit(10).toList();
  }
}
