// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An index that compares with every vector, one after the other: slow and plain, for tests. */
public final class ExactListIndex implements Index {
  private final Map<String, Descriptor> vectors;
  private final Descriptor first;
  private volatile boolean closed;

  /**
   * Makes the index, of inner products.
   *
   * @param vectors by id, at least one, in order of insertion (copied)
   */
  public ExactListIndex(Map<String, Descriptor> vectors) {
    this.vectors = new LinkedHashMap<>(vectors);
    this.first = vectors.values().iterator().next();
  }

  @Override
  public int dimension() {
    return first.dimension();
  }

  @Override
  public long size() {
    return vectors.size();
  }

  @Override
  public Similarity similarity() {
    return Similarity.INNER_PRODUCT;
  }

  @Override
  public Recipe recipe() {
    return first.recipe();
  }

  @Override
  public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
    requireOpen();
    request.where().ifPresent(where -> where.requireFields(Set.of()));
    List<SearchResult> out = new ArrayList<>();
    for (Descriptor query : queries) {
      recipe().requireSame(query.recipe(), "query");
      List<SearchHit> hits = new ArrayList<>();
      vectors.forEach(
          (id, vector) -> {
            if (request.filter().map(f -> f.test(id)).orElse(true)) {
              hits.add(new SearchHit(id, (float) query.dot(vector)));
            }
          });
      hits.removeIf(hit -> hit.score() < request.leastScore().orElse(Double.NEGATIVE_INFINITY));
      hits.sort(Comparator.comparing(SearchHit::score).reversed());
      out.add(
          new SearchResult(hits.subList(0, Math.min(request.k(), hits.size())), vectors.size()));
    }
    return out;
  }

  @Override
  public Optional<Descriptor> descriptor(String id) {
    requireOpen();
    return Optional.ofNullable(vectors.get(id));
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("index is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
