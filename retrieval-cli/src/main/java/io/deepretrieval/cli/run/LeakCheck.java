// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Descriptor;
import io.deepretrieval.DescriptorExtractor;
import io.deepretrieval.Index;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.eval.DataSetImage;
import io.deepretrieval.eval.Judgments;
import io.deepretrieval.eval.Query;
import io.deepretrieval.eval.RetrievalDataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds near duplicates between the images of a training and of a test, whole images without query
 * boxes, by searching each of the one among the others.
 *
 * <p>A query that is in the database too is not compared with it: the protocols say what becomes of
 * it. Pairs of a query and an image that is judged for it, right or junk, are left out.
 */
public final class LeakCheck {
  public static final String TRAIN = "train/";
  public static final String QUERY = "query/";
  public static final String DATABASE = "database/";

  private static final int AT_ONCE = 256;
  private static final int FIRST_DEPTH = 16;

  /** Pairs of one image beyond which no more are looked for. */
  private static final int MOST = 1024;

  /** Two images that are nearly the same, each by its kind and id. */
  public record Pair(float score, String first, String second) {}

  private final Terminal terminal;
  private final float threshold;

  public LeakCheck(Terminal terminal, float threshold) {
    this.terminal = terminal;
    this.threshold = threshold;
  }

  /** Pairs by falling score. */
  public List<Pair> run(
      DescriptorExtractor extractor,
      List<DataSetImage> training,
      RetrievalDataSet data,
      @Nullable Path cache)
      throws IOException {
    Map<String, DataSetImage> all = new LinkedHashMap<>();
    data.database().forEach(image -> add(all, DATABASE, image));
    Map<String, Set<String>> judged = new HashMap<>();
    for (Query query : data.queries()) {
      DataSetImage image = query.image();
      if (data.databaseImage(image.id()).isEmpty()) {
        add(all, QUERY, image);
        judged.computeIfAbsent(QUERY + image.id(), id -> new HashSet<>()).addAll(judged(query));
      }
    }
    training.forEach(image -> add(all, TRAIN, image));
    try (Index index = new EvaluationRun(terminal).index(extractor, together(all), cache)) {
      List<Pair> pairs = new ArrayList<>();
      search(index, all, TRAIN, id -> !id.startsWith(TRAIN), pairs);
      List<Pair> asked = new ArrayList<>();
      search(index, all, QUERY, id -> id.startsWith(DATABASE), asked);
      for (Pair pair : asked) {
        if (!judged.getOrDefault(pair.first, Set.of()).contains(pair.second)) {
          pairs.add(pair);
        }
      }
      pairs.sort(Comparator.comparingDouble(pair -> -pair.score));
      return pairs;
    }
  }

  private static void add(Map<String, DataSetImage> all, String kind, DataSetImage image) {
    all.put(kind + image.id(), new DataSetImage(kind + image.id(), image.file()));
  }

  private static Set<String> judged(Query query) {
    Judgments judgments = query.judgments();
    Set<String> ids = new HashSet<>();
    judgments.good().forEach(id -> ids.add(DATABASE + id));
    judgments.ok().forEach(id -> ids.add(DATABASE + id));
    judgments.junk().forEach(id -> ids.add(DATABASE + id));
    return ids;
  }

  /** One database of everything; the question is never asked. */
  private static RetrievalDataSet together(Map<String, DataSetImage> all) {
    List<DataSetImage> images = List.copyOf(all.values());
    Query unasked =
        new Query(images.get(0), Optional.empty(), new Judgments(Set.of(), Set.of(), Set.of()));
    return RetrievalDataSet.of("leaks", List.of(unasked), images);
  }

  private void search(
      Index index,
      Map<String, DataSetImage> all,
      String kind,
      Predicate<String> among,
      List<Pair> pairs) {
    List<String> ids = new ArrayList<>();
    List<Descriptor> vectors = new ArrayList<>();
    for (String id : all.keySet()) {
      if (id.startsWith(kind)) {
        index
            .descriptor(id)
            .ifPresent(
                vector -> {
                  ids.add(id);
                  vectors.add(vector);
                });
      }
      if (vectors.size() == AT_ONCE) {
        compare(index, ids, vectors, among, pairs);
        ids.clear();
        vectors.clear();
      }
    }
    compare(index, ids, vectors, among, pairs);
  }

  private void compare(
      Index index,
      List<String> ids,
      List<Descriptor> vectors,
      Predicate<String> among,
      List<Pair> pairs) {
    if (vectors.isEmpty()) {
      return;
    }
    List<SearchResult> found =
        index.search(vectors, SearchRequest.top(FIRST_DEPTH).withFilter(among));
    for (int i = 0; i < ids.size(); i++) {
      List<SearchHit> hits = found.get(i).hits();
      for (int depth = FIRST_DEPTH; goesOn(hits, depth) && depth < MOST; depth *= 4) {
        hits = index.search(vectors.get(i), SearchRequest.top(4 * depth).withFilter(among)).hits();
      }
      if (goesOn(hits, MOST)) {
        terminal.warn(
            ids.get(i) + " has more than " + MOST + " near duplicates; the best are listed");
      }
      for (SearchHit hit : hits) {
        if (hit.score() >= threshold) {
          pairs.add(new Pair(hit.score(), ids.get(i), hit.id()));
        }
      }
    }
  }

  private boolean goesOn(List<SearchHit> hits, int depth) {
    return hits.size() == depth && hits.get(depth - 1).score() >= threshold;
  }
}
