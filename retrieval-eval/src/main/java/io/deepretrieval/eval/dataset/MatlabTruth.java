// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.Char;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sources;
import us.hebi.matlab.mat.types.Struct;

/** Ground truth as a file of MATLAB 5: cells of texts and an array of structures. */
final class MatlabTruth {
  private final Path file;
  private final Map<String, Array> variables = new HashMap<>();

  private MatlabTruth(Path file) {
    this.file = file;
  }

  static IndexedTruth.Raw read(Path file, List<String> lists) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (new String(bytes, 0, Math.min(10, bytes.length), StandardCharsets.ISO_8859_1)
        .equals("MATLAB 7.3")) {
      throw new DataSetException(
          file, "file of MATLAB must have version 5 but has 7.3; save it again with -v6");
    }
    MatlabTruth truth = new MatlabTruth(file);
    try (MatFile mat = Mat5.newReader(Sources.wrap(bytes)).readMat()) {
      mat.getEntries().forEach(entry -> truth.variables.put(entry.getName(), entry.getValue()));
      return truth.raw(lists);
    } catch (DataSetException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw SourceLocation.of(file).error("file of MATLAB cannot be read: " + e, e);
    }
  }

  private IndexedTruth.Raw raw(List<String> lists) throws DataSetException {
    Struct gnd = as(Struct.class, variable("gnd"), "gnd", "an array of structures");
    List<Map<String, double[]>> queries = new ArrayList<>();
    for (int i = 0; i < gnd.getNumElements(); i++) {
      Map<String, double[]> parts = new HashMap<>();
      parts.put("bbx", part(gnd, "bbx", i));
      for (String list : lists) {
        parts.put(list, part(gnd, list, i));
      }
      queries.add(parts);
    }
    Map<String, List<String>> names = new HashMap<>();
    names.put("imlist", texts("imlist"));
    if (variables.containsKey("qimlist")) {
      names.put("qimlist", texts("qimlist"));
      return new IndexedTruth.Raw(names, Optional.empty(), queries, 1);
    }
    double[] numbers = numbers(variable("qidx"), "qidx");
    return new IndexedTruth.Raw(names, Optional.of(numbers), queries, 1);
  }

  private Array variable(String name) throws DataSetException {
    Array value = variables.get(name);
    if (value == null) {
      throw SourceLocation.of(file).error("variable " + name + " is missing");
    }
    return value;
  }

  private double[] part(Struct gnd, String field, int index) throws DataSetException {
    String where = "gnd(" + (index + 1) + ")." + field;
    if (!gnd.getFieldNames().contains(field)) {
      throw SourceLocation.of(file).error("field " + where + " is missing");
    }
    Array value = gnd.get(field, index);
    return numbers(value, where);
  }

  private List<String> texts(String name) throws DataSetException {
    Cell cell = as(Cell.class, variable(name), name, "a cell of texts");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < cell.getNumElements(); i++) {
      String where = name + "(" + (i + 1) + ")";
      Array element = cell.get(i);
      texts.add(as(Char.class, element, where, "a text").getString());
    }
    return texts;
  }

  private double[] numbers(Array value, String where) throws DataSetException {
    Matrix matrix = as(Matrix.class, value, where, "a matrix of numbers");
    double[] numbers = new double[matrix.getNumElements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = matrix.getDouble(i);
    }
    return numbers;
  }

  private <T extends Array> T as(Class<T> type, Array value, String where, String kind)
      throws DataSetException {
    if (!type.isInstance(value)) {
      throw SourceLocation.of(file)
          .error(where + " must be " + kind + " but is of type " + value.getType());
    }
    return type.cast(value);
  }
}
