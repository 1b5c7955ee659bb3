// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.Descriptor;
import io.deepretrieval.MutableIndex;
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

/** The definition of an exact index as a double loop: what tuned ones are compared with. */
public final class NaiveIndex implements MutableIndex {
  private final Similarity similarity;
  private final int dimension;
  private final Recipe recipe;
  private final Map<String, Descriptor> vectors;
  private boolean closed;

  /**
   * Makes an index.
   *
   * @param similarity how vectors are compared
   * @param dimension D
   * @param recipe of every vector
   * @param vectors by id, in order of insertion (copied)
   */
  public NaiveIndex(
      Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors) {
    this.similarity = similarity;
    this.dimension = dimension;
    this.recipe = recipe;
    this.vectors = new LinkedHashMap<>(vectors);
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public synchronized long size() {
    return vectors.size();
  }

  @Override
  public Similarity similarity() {
    return similarity;
  }

  @Override
  public Recipe recipe() {
    return recipe;
  }

  @Override
  public synchronized List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
    requireOpen();
    request.where().ifPresent(where -> where.requireFields(Set.of()));
    for (int q = 0; q < queries.size(); q++) {
      requireFit(queries.get(q), "query " + q);
    }
    List<SearchResult> results = new ArrayList<>();
    for (Descriptor query : queries) {
      List<SearchHit> hits = new ArrayList<>();
      vectors.forEach(
          (id, vector) -> {
            if (request.filter().map(allowed -> allowed.test(id)).orElse(true)) {
              hits.add(new SearchHit(id, score(query, vector)));
            }
          });
      int visited = hits.size();
      hits.removeIf(hit -> hit.score() < request.leastScore().orElse(Double.NEGATIVE_INFINITY));
      hits.sort(Comparator.comparing(SearchHit::score).reversed());
      results.add(new SearchResult(hits.subList(0, Math.min(request.k(), hits.size())), visited));
    }
    return results;
  }

  private float score(Descriptor query, Descriptor vector) {
    double score =
        switch (similarity) {
          case INNER_PRODUCT -> query.dot(vector);
          case COSINE -> {
            double norms = query.norm() * vector.norm();
            yield norms == 0 ? 0 : query.dot(vector) / norms;
          }
          case L2 -> {
            double sum = 0;
            for (int i = 0; i < dimension; i++) {
              double difference = (double) query.at(i) - vector.at(i);
              sum += difference * difference;
            }
            yield -sum;
          }
          case L1 -> {
            double sum = 0;
            for (int i = 0; i < dimension; i++) {
              sum += Math.abs((double) query.at(i) - vector.at(i));
            }
            yield -sum;
          }
        };
    return (float) score + 0f;
  }

  @Override
  public synchronized Optional<Descriptor> descriptor(String id) {
    requireOpen();
    return Optional.ofNullable(vectors.get(id));
  }

  @Override
  public synchronized void add(String id, Descriptor descriptor) {
    requireOpen();
    requireFit(descriptor, "id '" + id + "'");
    if (vectors.putIfAbsent(id, descriptor) != null) {
      throw new IllegalArgumentException(
          "id must be new to this index but '" + id + "' is present");
    }
  }

  @Override
  public synchronized boolean remove(String id) {
    requireOpen();
    return vectors.remove(id) != null;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private void requireFit(Descriptor descriptor, String what) {
    if (descriptor.dimension() != dimension) {
      throw new IllegalArgumentException(
          "descriptor dimension must be "
              + dimension
              + " (this index) but was "
              + descriptor.dimension()
              + " ("
              + what
              + ")");
    }
    recipe.requireSame(descriptor.recipe(), what);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("index must be open but is closed");
    }
  }
}
