// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.MissingImages;
import io.deepretrieval.eval.Protocol;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The layout {@code instre}, described at {@link DataSets}. */
final class InstreReader {
  private static final List<Metric> METRICS =
      List.of(Metric.averagePrecision(), Metric.precisionAt(1), Metric.precisionAt(10));

  private InstreReader() {}

  static RetrievalDataSet read(String dataSet, Path root, MissingImages missing)
      throws IOException {
    DataSetImages files = DataSetImages.in(DataSetImages.first(root), missing);
    IndexedTruth truth = IndexedTruth.read(root, "gnd_instre", List.of("ok"));
    Map<String, DataSetImage> database = truth.database(files);
    List<Query> all = new ArrayList<>();
    Map<String, List<Query>> bySubset = new LinkedHashMap<>();
    List.of("s1", "s2", "m").forEach(subset -> bySubset.put(subset, new ArrayList<>()));
    for (IndexedTruth.Asked asked : truth.queries()) {
      Query query =
          new Query(
              IndexedTruth.image(asked, database, files),
              Optional.of(asked.box()),
              new Judgments(asked.list("ok"), Set.of(), Set.of()));
      all.add(query);
      String name = asked.image().toLowerCase(Locale.ROOT);
      bySubset.forEach(
          (subset, queries) -> {
            if (name.startsWith("instre-" + subset + "/")) {
              queries.add(query);
            }
          });
    }
    List<Protocol> protocols = new ArrayList<>();
    protocols.add(new Protocol("all", all, METRICS));
    bySubset.forEach(
        (subset, queries) -> {
          if (!queries.isEmpty()) {
            protocols.add(new Protocol(subset, queries, METRICS));
          }
        });
    return RetrievalDataSet.ofProtocols(dataSet, protocols, List.copyOf(database.values()));
  }
}
