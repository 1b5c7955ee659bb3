// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.deepretrieval.Descriptor;
import io.deepretrieval.RankedHit;
import io.deepretrieval.RankingIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * A part of another index under other ids and in another order, which decides ties. Closes the
 * other one.
 */
public final class IndexView implements RankingIndex {
  private final RankingIndex inner;
  private final List<String> ids = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();
  private final Map<String, String> keys = new HashMap<>();

  /**
   * Makes a view.
   *
   * @param inner the other index
   * @param idByKey the ids that are shown by those of the other index, all of which it has, in
   *     order
   */
  public IndexView(RankingIndex inner, Map<String, String> idByKey) {
    this.inner = inner;
    idByKey.forEach(
        (key, id) -> {
          positions.put(key, ids.size());
          ids.add(id);
          keys.put(id, key);
        });
  }

  @Override
  public int dimension() {
    return inner.dimension();
  }

  @Override
  public long size() {
    return ids.size();
  }

  @Override
  public Similarity similarity() {
    return inner.similarity();
  }

  @Override
  public Recipe recipe() {
    return inner.recipe();
  }

  @Override
  public Optional<Descriptor> descriptor(String id) {
    String key = keys.get(id);
    // An unknown key, so that a closed index still says so.
    return inner.descriptor(key == null ? "" : key);
  }

  @Override
  public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
    // One more than asked for tells whether a tie is cut.
    int depth = request.k() == Integer.MAX_VALUE ? request.k() : request.k() + 1;
    List<SearchResult> found = inner.search(queries, within(request, depth));
    List<SearchResult> out = new ArrayList<>(found.size());
    for (int q = 0; q < found.size(); q++) {
      SearchResult result = found.get(q);
      int wider = depth;
      while (cutsTie(result.hits(), request.k(), wider)) {
        wider = (int) Math.min(Integer.MAX_VALUE, 2L * wider);
        result = inner.search(queries.get(q), within(request, wider));
      }
      out.add(new SearchResult(translate(result.hits(), request.k()), result.visited()));
    }
    return out;
  }

  @Override
  public List<List<RankedHit>> ranks(List<Descriptor> queries, List<? extends Set<String>> wanted) {
    return placed(queries, wanted, key -> positions.getOrDefault(key, -1));
  }

  @Override
  public List<List<RankedHit>> ranks(
      List<Descriptor> queries, List<? extends Set<String>> wanted, ToIntFunction<String> order) {
    return placed(
        queries,
        wanted,
        key -> {
          Integer position = positions.get(key);
          return position == null ? -1 : order.applyAsInt(ids.get(position));
        });
  }

  private List<List<RankedHit>> placed(
      List<Descriptor> queries, List<? extends Set<String>> wanted, ToIntFunction<String> order) {
    List<Set<String>> inside = new ArrayList<>();
    for (Set<String> some : wanted) {
      inside.add(
          some.stream().map(keys::get).filter(Objects::nonNull).collect(toUnmodifiableSet()));
    }
    return inner.ranks(queries, inside, order).stream()
        .map(found -> found.stream().map(this::translate).toList())
        .toList();
  }

  private RankedHit translate(RankedHit hit) {
    int position = Objects.requireNonNull(positions.get(hit.id()), "position");
    return new RankedHit(ids.get(position), hit.score(), hit.rank());
  }

  /** Whether hits that were not returned may have the score of the last one that is kept. */
  private static boolean cutsTie(List<SearchHit> hits, int k, int asked) {
    return hits.size() > k
        && hits.size() == asked
        && hits.get(hits.size() - 1).score() == hits.get(k - 1).score();
  }

  private SearchRequest within(SearchRequest request, int k) {
    SearchRequest.Builder inside = SearchRequest.builder().k(k).effort(request.effort());
    request.leastScore().ifPresent(score -> inside.leastScore((float) score));
    request.where().ifPresent(inside::where);
    if (request.filter().isEmpty() && inner.size() == size()) {
      return inside.build();
    }
    Predicate<String> allowed = request.filter().orElse(id -> true);
    return inside
        .filter(
            key -> {
              Integer position = positions.get(key);
              return position != null && allowed.test(ids.get(position));
            })
        .build();
  }

  private List<SearchHit> translate(List<SearchHit> hits, int k) {
    List<SearchHit> out = new ArrayList<>(hits.size());
    for (int from = 0, to; from < hits.size() && from < k; from = to) {
      float score = hits.get(from).score();
      to = from + 1;
      while (to < hits.size() && hits.get(to).score() == score) {
        to++;
      }
      if (to == from + 1) {
        out.add(new SearchHit(ids.get(position(hits.get(from))), score));
      } else {
        hits.subList(from, to).stream()
            .mapToInt(this::position)
            .sorted()
            .forEach(position -> out.add(new SearchHit(ids.get(position), score)));
      }
    }
    return out.subList(0, Math.min(k, out.size()));
  }

  private int position(SearchHit hit) {
    return Objects.requireNonNull(positions.get(hit.id()), "position");
  }

  @Override
  public void close() {
    inner.close();
  }
}
