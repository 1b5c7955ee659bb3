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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The layout {@code ukbench}, described at {@link DataSets}. */
final class UkBenchReader {
  private static final Pattern NAME = Pattern.compile("ukbench([0-9]{5})");
  private static final int GROUP = 4;

  private UkBenchReader() {}

  static RetrievalDataSet read(String dataSet, Path root) throws IOException {
    DataSetImages files =
        DataSetImages.in(DataSetImages.first(root, "full", "jpg"), MissingImages.REFUSED);
    SourceLocation place = SourceLocation.of(files.directory());
    Labels labels = new Labels();
    int next = 0;
    for (DataSetImage image : files.list()) {
      Matcher name = NAME.matcher(image.id());
      if (!name.matches()) {
        throw place.error("image must be ukbench and five digits but was '" + image.id() + "'");
      }
      int number = Integer.parseInt(name.group(1));
      // Sorted by name, so the first gap within a group shows here.
      if (number != next && (next % GROUP != 0 || number % GROUP != 0)) {
        throw missing(place, next % GROUP != 0 ? next : number - number % GROUP);
      }
      labels.add(image, Set.of(String.valueOf(number / GROUP)), place);
      next = number + 1;
    }
    if (next % GROUP != 0) {
      throw missing(place, next);
    }
    List<Query> queries = new ArrayList<>();
    for (DataSetImage image : labels.database()) {
      int number = Integer.parseInt(image.id().substring(image.id().length() - 5));
      String group = String.valueOf(number / GROUP);
      queries.add(new Query(image, Optional.empty(), labels.all(Set.of(group))));
    }
    return RetrievalDataSet.ofProtocols(
        dataSet,
        List.of(
            new Protocol(
                Protocol.STANDARD,
                queries,
                List.of(Metric.nisterStewenius(), Metric.averagePrecision()))),
        labels.database());
  }

  private static DataSetException missing(SourceLocation place, int number) {
    return place.error(
        String.format(
            Locale.ROOT,
            "group of 4 from ukbench%05d on must be whole but ukbench%05d is missing",
            number - number % GROUP,
            number));
  }
}
