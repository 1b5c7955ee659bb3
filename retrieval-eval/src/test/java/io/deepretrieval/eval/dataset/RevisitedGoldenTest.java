// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.deepretrieval.SearchHit;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Metric;
import io.deepretrieval.eval.ProtocolResult;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.QueryImage;
import io.deepretrieval.eval.QueryResult;
import io.deepretrieval.eval.RetrievalDataSet;
import io.deepretrieval.eval.TestScorer;
import io.deepretrieval.testkit.SharedFiles;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The revisited protocols on their real ground truth, with scores that both sides compute. */
final class RevisitedGoldenTest {
  private static final Map<String, String> KEYS = Map.of("easy", "E", "medium", "M", "hard", "H");

  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(strings = {"roxford5k", "rparis6k"})
  void everyProtocolOfOneSearchScoresAsTheReference(String name) throws IOException {
    JsonObject golden;
    try (Reader in = Files.newBufferedReader(SharedFiles.require("golden/metrics.json"))) {
      golden = JsonParser.parseReader(in).getAsJsonObject();
    }
    long seed = golden.get("seed").getAsLong();
    RetrievalDataSet set = RealGroundTruthTest.read(root, name, ".pkl");
    TestScorer scorer = new TestScorer(set, 10);
    assertThat(scorer.depth(set.database().size())).isEqualTo(set.database().size());
    List<QueryImage> questions = scorer.questions();
    assertThat(questions).hasSize(70);
    for (int i = 0; i < questions.size(); i++) {
      scorer.found(questions.get(i), ranking(set, i, seed));
    }
    assertThat(scorer.results()).hasSize(3);
    for (ProtocolResult result : scorer.results()) {
      JsonObject expected =
          golden
              .getAsJsonObject(name)
              .getAsJsonObject(Objects.requireNonNull(KEYS.get(result.name())));
      assertThat(result.queries()).hasSize(expected.get("queries").getAsInt());
      assertThat(result.skippedQueries()).hasSize(70 - result.queries().size());
      assertThat(result.score(Metric.averagePrecision()))
          .as(result.name())
          .isCloseTo(expected.get("mAP").getAsDouble(), within(1e-12));
      JsonArray precisions = expected.getAsJsonArray("mP@1,5,10");
      for (int k = 0; k < 3; k++) {
        assertThat(result.score(Metric.revisitedPrecisionAt(new int[] {1, 5, 10}[k])))
            .as(result.name())
            .isCloseTo(precisions.get(k).getAsDouble(), within(1e-12));
      }
    }
  }

  /** Perfect: easy, hard, the others, junk last. Reversed: the other way round. */
  @ParameterizedTest
  @ValueSource(strings = {"roxford5k", "rparis6k"})
  void perfectAndReversedRankings(String name) throws IOException {
    RetrievalDataSet set = RealGroundTruthTest.read(root, name, ".pkl");
    TestScorer perfect = new TestScorer(set, 1);
    TestScorer reversed = new TestScorer(set, 1);
    List<Query> queries = set.protocols().get(0).queries();
    for (int i = 0; i < queries.size(); i++) {
      Judgments judgments = queries.get(i).judgments();
      List<SearchHit> hits = new ArrayList<>();
      for (DataSetImage image : set.database()) {
        String id = image.id();
        int group = judgments.good().contains(id) ? 0 : judgments.ok().contains(id) ? 1 : 2;
        hits.add(new SearchHit(id, judgments.junk().contains(id) ? 3 : group));
      }
      hits.sort(Comparator.comparingDouble(SearchHit::score));
      QueryImage question = QueryImage.of(queries.get(i));
      perfect.found(question, hits);
      hits.sort(Comparator.comparingDouble(hit -> -hit.score()));
      reversed.found(question, hits);
    }
    for (ProtocolResult result : perfect.results()) {
      assertThat(result.scores()).allSatisfy((metric, score) -> assertThat(score).isEqualTo(1));
    }
    for (ProtocolResult result : reversed.results()) {
      for (QueryResult query : result.queries()) {
        Judgments judgments = query.query().judgments();
        int others = set.database().size() - query.positives() - judgments.junk().size();
        double expected = 0;
        for (int j = 0; j < query.positives(); j++) {
          double before = others + j == 0 ? 1 : (double) j / (others + j);
          expected += (before + (j + 1.0) / (others + j + 1)) / 2 / query.positives();
        }
        assertThat(query.averagePrecision()).isCloseTo(expected, within(1e-13));
      }
      assertThat(result.score(Metric.revisitedPrecisionAt(10))).isZero();
    }
  }

  /** Best first, by the hash that the golden file states. */
  private static List<SearchHit> ranking(RetrievalDataSet set, int i, long seed) {
    Judgments judgments = set.protocols().get(0).queries().get(i).judgments();
    List<DataSetImage> database = set.database();
    double[] scores = new double[database.size()];
    for (int j = 0; j < scores.length; j++) {
      long h = (i * 73856093L ^ j * 19349663L ^ seed * 83492791L) & 0xFFFFFFFFL;
      h = (h ^ h >>> 16) * 0x45D9F3BL & 0xFFFFFFFFL;
      h = (h ^ h >>> 16) * 0x45D9F3BL & 0xFFFFFFFFL;
      h ^= h >>> 16;
      scores[j] = h / 4294967296.0 + (judgments.isPositive(database.get(j).id()) ? 0.35 : 0);
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
    order.sort(Comparator.comparingDouble(j -> -scores[j]));
    return order.stream().map(j -> new SearchHit(database.get(j).id(), (float) scores[j])).toList();
  }
}
