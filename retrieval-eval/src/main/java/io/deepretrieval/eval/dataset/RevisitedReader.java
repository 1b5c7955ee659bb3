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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The layouts {@code roxford5k} and {@code rparis6k}, described at {@link DataSets}. */
final class RevisitedReader {
  private static final List<Metric> METRICS =
      List.of(
          Metric.averagePrecision(),
          Metric.revisitedPrecisionAt(1),
          Metric.revisitedPrecisionAt(5),
          Metric.revisitedPrecisionAt(10));

  private RevisitedReader() {}

  static RetrievalDataSet read(String name, Path root, MissingImages missing) throws IOException {
    DataSetImages files = DataSetImages.nestedUnder(root, missing);
    IndexedTruth truth = IndexedTruth.read(root, "gnd_" + name, List.of("easy", "hard", "junk"));
    Map<String, DataSetImage> database = truth.database(files);
    List<Query> easy = new ArrayList<>();
    List<Query> medium = new ArrayList<>();
    List<Query> hard = new ArrayList<>();
    for (IndexedTruth.Asked asked : truth.queries()) {
      Set<String> clear = asked.list("easy");
      Set<String> hidden = asked.list("hard");
      Set<String> junk = asked.list("junk");
      Query query =
          new Query(
              IndexedTruth.image(asked, database, files),
              Optional.of(asked.box()),
              new Judgments(clear, hidden, junk));
      medium.add(query);
      easy.add(query.judged(new Judgments(clear, Set.of(), union(junk, hidden))));
      hard.add(query.judged(new Judgments(Set.of(), hidden, union(junk, clear))));
    }
    return RetrievalDataSet.ofProtocols(
        name,
        List.of(
            new Protocol("medium", medium, METRICS),
            new Protocol("hard", hard, METRICS),
            new Protocol("easy", easy, METRICS)),
        List.copyOf(database.values()));
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> all = new LinkedHashSet<>(a);
    all.addAll(b);
    return all;
  }
}
