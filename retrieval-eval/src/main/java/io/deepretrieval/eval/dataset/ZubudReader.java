// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetException;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The layout {@code zubud}, described at {@link DataSets}. */
final class ZubudReader {
  private static final Pattern VIEW = Pattern.compile("object([0-9]{4})\\.view[0-9]{2}");

  private ZubudReader() {}

  static RetrievalDataSet read(String dataSet, Path root, MissingImages missing)
      throws IOException {
    Path truth = root.resolve("zubud_groundtruth.txt");
    DataSetImages views = DataSetImages.in(DataSetImages.first(root, "png-ZuBuD"), missing);
    DataSetImages asked =
        DataSetImages.in(DataSetImages.first(root, "1000city/qimage", "qimage"), missing);
    Labels buildings = new Labels();
    SourceLocation place = SourceLocation.of(views.directory());
    for (DataSetImage image : views.list()) {
      Matcher name = VIEW.matcher(image.id());
      if (!name.matches()) {
        throw place.error(
            "image must be object, four digits, .view and two digits but was '" + image.id() + "'");
      }
      buildings.add(image, Set.of(building(Integer.parseInt(name.group(1)))), place);
    }
    List<Query> queries = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    for (TextLines.Line line : TextLines.read(truth)) {
      String[] fields = line.fields();
      SourceLocation row = SourceLocation.line(truth, line.number());
      if (fields.length != 2) {
        throw row.error("line must be 'query building' but was '" + line.text().strip() + "'");
      }
      if (queries.isEmpty() && fields[0].equals("TEST")) {
        continue;
      }
      int query = row.integer("query", fields[0]);
      String building = building(row.integer("building", fields[1]));
      if (!seen.add(query)) {
        throw row.error("query " + query + " must be listed once but is there twice");
      }
      if (!buildings.has(building)) {
        throw row.error("building " + building + " must have an image but has none");
      }
      String name = String.format(Locale.ROOT, "qimg%04d", query);
      queries.add(
          new Query(
              new DataSetImage(name, asked.find(name, row)),
              Optional.empty(),
              buildings.all(Set.of(building))));
    }
    if (queries.isEmpty()) {
      throw new DataSetException(truth, "must list queries but lists none");
    }
    return RetrievalDataSet.ofProtocols(
        dataSet,
        List.of(
            new Protocol(
                Protocol.STANDARD,
                queries,
                List.of(Metric.successAt(1), Metric.averagePrecision()))),
        buildings.database());
  }

  private static String building(int number) {
    return String.valueOf(number);
  }
}
