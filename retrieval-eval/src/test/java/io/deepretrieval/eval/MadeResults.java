// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.Box;
import io.deepretrieval.ExtractionReport;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.Similarity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Data sets and results that no run made, for tests of how they are written down. */
public final class MadeResults {
  /** Would run, load and close things if it were not escaped. */
  public static final String HOSTILE =
      "\"><img src=x onerror='alert(1)'></style><script>\u202Egpj.exe\u0007&amp;";

  private MadeResults() {}

  public static DataSetImage image(String id) {
    return new DataSetImage(id, Path.of("made").resolve(Integer.toHexString(id.hashCode())));
  }

  public static Query query(
      String id, Optional<Box> box, Set<String> good, Set<String> ok, Set<String> junk) {
    return new Query(image(id), box, new Judgments(good, ok, junk));
  }

  /** Scores fall from 0.9 in steps of 0.1. */
  public static QueryResult ranked(Query query, String... ids) {
    List<SearchHit> hits = new ArrayList<>();
    for (String id : ids) {
      hits.add(new SearchHit(id, 0.9f - 0.1f * hits.size()));
    }
    int[] ranks = Ranks.of(Arrays.asList(ids), query.judgments());
    return new QueryResult(
        query,
        AveragePrecision.trapezoid(ranks, query.judgments().positives().size()),
        hits,
        Arrays.stream(ranks).boxed().toList());
  }

  public static EvaluationResult result(
      RetrievalDataSet dataSet, List<QueryResult> queries, ExtractionReport.Failure... failures) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("backbone", "colour <b>&");
    parts.put("pooling", "mean");
    return result(dataSet, Recipe.of(parts), queries, failures);
  }

  public static EvaluationResult result(
      RetrievalDataSet dataSet,
      Recipe recipe,
      List<QueryResult> queries,
      ExtractionReport.Failure... failures) {
    return new EvaluationResult(
        new EvaluationResult.Run(
            dataSet.name(),
            recipe,
            Similarity.COSINE,
            List.of("reverse n=3"),
            dataSet.database().size(),
            dataSet.database().size(),
            List.of(
                new ProtocolResult(
                    dataSet.protocols().get(0),
                    RandomRanking.meanAveragePrecision(dataSet),
                    queries,
                    List.of())),
            List.of(failures),
            new EvaluationTimings(
                Duration.ofMillis(75_250), Duration.ofMillis(20), Duration.ofMillis(1500))));
  }

  /** One query with a box and hits of each kind, one that found nothing, one without answer. */
  public static final class Small {
    public static final Query FIRST =
        query(
            "first",
            Optional.of(new Box(10, 20, 60, 200)),
            Set.of("first", HOSTILE),
            Set.of("partly"),
            Set.of("blurred"));
    static final Query UNREADABLE =
        query("unreadable", Optional.empty(), Set.of("partly"), Set.of(), Set.of());
    static final Query IDLE = query("idle", Optional.empty(), Set.of(), Set.of(), Set.of());
    public static final RetrievalDataSet DATA_SET =
        RetrievalDataSet.of(
            "made <set>",
            List.of(FIRST, UNREADABLE, IDLE),
            List.of(
                image("first"),
                image(HOSTILE),
                image("partly"),
                image("blurred"),
                image("other"),
                image("gone")));
    public static final EvaluationResult RESULT =
        result(
            DATA_SET,
            List.of(
                ranked(FIRST, "first", "other", "partly", "blurred", "gone", HOSTILE),
                new QueryResult(UNREADABLE, 0, List.of(), List.of())),
            new ExtractionReport.Failure("unreadable", "cannot decode <unreadable>"));

    private Small() {}
  }
}
