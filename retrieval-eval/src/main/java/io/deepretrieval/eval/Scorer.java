// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.SearchHit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Scores the rankings of one search by all protocols of a data set. For one thread. */
final class Scorer {
  private final List<Scoring> scorings = new ArrayList<>();
  private final Map<QueryImage, List<Asked>> asked = new LinkedHashMap<>();
  private final int keep;

  /**
   * Leaves out protocols without a query that has a right answer.
   *
   * @param keep how many hits of each query the result holds
   */
  Scorer(RetrievalDataSet dataSet, int keep) {
    this.keep = keep;
    for (Protocol protocol : dataSet.protocols()) {
      if (protocol.queries().stream().anyMatch(query -> query.judgments().hasPositives())) {
        Scoring scoring =
            new Scoring(protocol, RandomRanking.meanAveragePrecision(dataSet, protocol));
        scorings.add(scoring);
        for (int i = 0; i < protocol.queries().size(); i++) {
          Query query = protocol.queries().get(i);
          if (query.judgments().hasPositives() || protocol.needsUnanswerable()) {
            asked
                .computeIfAbsent(QueryImage.of(query), q -> new ArrayList<>())
                .add(new Asked(scoring, i));
          }
        }
      }
    }
    if (scorings.isEmpty()) {
      throw new IllegalArgumentException(
          "data set '" + dataSet.name() + "' must have a query with a right answer but has none");
    }
  }

  /** What has to be searched, each once. */
  List<QueryImage> questions() {
    return List.copyOf(asked.keySet());
  }

  /** As far as the metrics look, and the junk that is passed over on the way. */
  int depth(int databaseSize) {
    long deepest = 0;
    for (Scoring scoring : scorings) {
      int junk = 0;
      for (Query query : scoring.protocol.queries()) {
        junk = Math.max(junk, query.judgments().junk().size());
      }
      for (Metric metric : scoring.protocol.metrics()) {
        deepest = Math.max(deepest, 0L + metric.depth().orElse(databaseSize) + junk);
      }
    }
    return (int) Math.min(deepest, databaseSize);
  }

  /** How many of the first hits of a question the result holds. */
  int kept(QueryImage question) {
    int kept = keep;
    for (Asked asker : askers(question)) {
      if (asker.scoring.protocol.needsUnanswerable()) {
        // The first hit that is not junk is what such a query predicts.
        kept = Math.max(kept, asker.query().judgments().junk().size() + 1);
      }
    }
    return kept;
  }

  /** The images that some protocol judges for a question. */
  Set<String> judged(QueryImage question) {
    Set<String> judged = new HashSet<>();
    for (Asked asker : askers(question)) {
      Judgments judgments = asker.query().judgments();
      judged.addAll(judgments.good());
      judged.addAll(judgments.ok());
      judged.addAll(judgments.junk());
    }
    return judged;
  }

  private List<Asked> askers(QueryImage question) {
    return Objects.requireNonNull(asked.get(question), "asked");
  }

  /**
   * Takes what was found.
   *
   * @param hits best first, junk included; empty if the question could not be described
   */
  void found(QueryImage question, List<SearchHit> hits) {
    Set<String> judged = judged(question);
    List<Ranks.Placed> placed = new ArrayList<>();
    for (int place = 0; place < hits.size(); place++) {
      String id = hits.get(place).id();
      if (judged.contains(id)) {
        placed.add(new Ranks.Placed(id, place));
      }
    }
    found(question, hits, placed);
  }

  /**
   * Takes what was found.
   *
   * @param hits the first ones, best first, junk included; at least as many as are kept
   * @param placed those that are judged, best first
   */
  void found(QueryImage question, List<SearchHit> hits, List<Ranks.Placed> placed) {
    List<SearchHit> head = List.copyOf(hits.subList(0, Math.min(kept(question), hits.size())));
    for (Asked asker : askers(question)) {
      asker.found(head, Ranks.ofPlaced(placed, asker.query().judgments()));
    }
  }

  List<ProtocolResult> results() {
    return scorings.stream().map(Scoring::result).toList();
  }

  /** Collects what is found for one protocol. */
  private static final class Scoring {
    final Protocol protocol;
    private final double random;
    private final Map<Integer, QueryResult> results = new TreeMap<>();

    Scoring(Protocol protocol, double random) {
      this.protocol = protocol;
      this.random = random;
    }

    ProtocolResult result() {
      Map<Boolean, List<QueryResult>> byAnswer =
          results.values().stream()
              .collect(Collectors.partitioningBy(r -> r.query().judgments().hasPositives()));
      return new ProtocolResult(
          protocol,
          random,
          byAnswer.getOrDefault(true, List.of()),
          byAnswer.getOrDefault(false, List.of()));
    }
  }

  /** A query of a protocol, by its place there. */
  private record Asked(Scoring scoring, int index) {
    Query query() {
      return scoring.protocol.queries().get(index);
    }

    void found(List<SearchHit> head, int[] ranks) {
      Judgments judgments = query().judgments();
      double averagePrecision =
          judgments.hasPositives()
              ? AveragePrecision.trapezoid(ranks, judgments.positives().size())
              : 0;
      scoring.results.put(
          index,
          new QueryResult(query(), averagePrecision, head, Arrays.stream(ranks).boxed().toList()));
    }
  }
}
