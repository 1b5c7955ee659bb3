// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Recipe;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchRequest;
import io.deepretrieval.SearchResult;
import io.deepretrieval.Similarity;
import io.deepretrieval.spi.IndexProvider;
import io.deepretrieval.spi.Options;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An index that compares a query with every vector. */
public final class ListScanProvider implements IndexProvider {
  @Override
  public String name() {
    return "list-scan";
  }

  @Override
  public IndexBuilder create(Options options) {
    options.requireKnown(name());
    Map<String, Descriptor> rows = new LinkedHashMap<>();
    return new IndexBuilder() {
      @Override
      public IndexBuilder add(String id, Descriptor descriptor) {
        rows.put(id, descriptor);
        return this;
      }

      @Override
      public Index build() {
        Descriptor first = rows.values().iterator().next();
        return new ListScan(rows, first.dimension(), first.recipe());
      }
    };
  }

  private record ListScan(Map<String, Descriptor> rows, int dimension, Recipe recipe)
      implements Index {
    @Override
    public long size() {
      return rows.size();
    }

    @Override
    public Similarity similarity() {
      return Similarity.INNER_PRODUCT;
    }

    @Override
    public List<SearchResult> search(List<Descriptor> queries, SearchRequest request) {
      return queries.stream().map(query -> search(query, request)).toList();
    }

    @Override
    public SearchResult search(Descriptor query, SearchRequest request) {
      List<SearchHit> hits =
          rows.entrySet().stream()
              .map(row -> new SearchHit(row.getKey(), (float) query.dot(row.getValue())))
              .sorted(Comparator.comparingDouble(hit -> -hit.score()))
              .limit(request.k())
              .toList();
      return new SearchResult(hits, rows.size());
    }

    @Override
    public Optional<Descriptor> descriptor(String id) {
      return Optional.ofNullable(rows.get(id));
    }

    @Override
    public void close() {}
  }
}
