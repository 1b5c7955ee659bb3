// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.Pickler;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Struct;

/** Makes ground truth in the two layouts that count images, and empty images. */
final class TruthFiles {
  final List<Object> images = new ArrayList<>();
  final List<Object> queries = new ArrayList<>();
  final List<Object> gnd = new ArrayList<>();

  TruthFiles images(String... names) {
    images.addAll(List.of(names));
    return this;
  }

  /**
   * Adds a query.
   *
   * @param lists alternately a name and the numbers of images from 0
   */
  TruthFiles query(String name, List<? extends Number> box, Object... lists) {
    queries.add(name);
    Map<String, Object> query = new LinkedHashMap<>();
    query.put("bbx", new ArrayList<>(box));
    for (int i = 0; i < lists.length; i += 2) {
      query.put((String) lists[i], new ArrayList<>((List<?>) lists[i + 1]));
    }
    gnd.add(query);
    return this;
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> gnd(int index) {
    return (Map<String, Object>) gnd.get(index);
  }

  Map<String, Object> dict() {
    Map<String, Object> dict = new LinkedHashMap<>();
    dict.put("gnd", gnd);
    dict.put("imlist", images);
    dict.put("qimlist", queries);
    return dict;
  }

  static Path pickle(Path file, Object value) {
    try {
      return Files.write(file, new Pickler().dumps(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Counts from 1; queries by name, or by number in the list of images. */
  Path matlab(Path file, boolean queriesByName) throws IOException {
    MatFile mat = Mat5.newMatFile().addArray("imlist", cell(images));
    if (queriesByName) {
      mat.addArray("qimlist", cell(queries));
    } else {
      Matrix numbers = Mat5.newMatrix(queries.size(), 1);
      for (int i = 0; i < queries.size(); i++) {
        numbers.setDouble(i, images.indexOf(queries.get(i)) + 1.0);
      }
      mat.addArray("qidx", numbers);
    }
    Struct struct = Mat5.newStruct(gnd.size(), 1);
    for (int i = 0; i < gnd.size(); i++) {
      for (Map.Entry<String, Object> part : gnd(i).entrySet()) {
        double base = part.getKey().equals("bbx") ? 0 : 1;
        struct.set(part.getKey(), i, row((List<?>) part.getValue(), base));
      }
    }
    return write(file, mat.addArray("gnd", struct));
  }

  static Path write(Path file, MatFile mat) throws IOException {
    Mat5.writeToFile(mat, file.toFile());
    return file;
  }

  static Cell cell(List<?> texts) {
    Cell cell = Mat5.newCell(texts.size(), 1);
    for (int i = 0; i < texts.size(); i++) {
      cell.set(i, Mat5.newString((String) texts.get(i)));
    }
    return cell;
  }

  static Array row(List<?> numbers, double base) {
    Matrix row = Mat5.newMatrix(numbers.isEmpty() ? 0 : 1, numbers.size());
    for (int i = 0; i < numbers.size(); i++) {
      row.setDouble(i, ((Number) numbers.get(i)).doubleValue() + base);
    }
    return row;
  }

  /** Empty files, which are there but cannot be decoded. */
  static void touch(Path directory, Iterable<String> names) throws IOException {
    for (String name : names) {
      Path file = directory.resolve(name);
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.createFile(file);
    }
  }
}
