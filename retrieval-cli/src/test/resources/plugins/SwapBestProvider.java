// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Reranker;
import io.deepretrieval.SearchHit;
import io.deepretrieval.SearchResult;
import io.deepretrieval.spi.Options;
import io.deepretrieval.spi.RerankerProvider;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A re-ranker that swaps the best hit with another one. */
public final class SwapBestProvider implements RerankerProvider {
  @Override
  public String name() {
    return "swap-best";
  }

  @Override
  public Reranker create(Options options) {
    options.requireKnown(name(), "with");
    return new SwapBest(options.integer("with", 1));
  }

  private record SwapBest(int with) implements Reranker {
    @Override
    public String recipe() {
      return "swap-best with=" + with;
    }

    @Override
    public SearchResult rerank(Descriptor query, SearchResult result, Index index) {
      List<SearchHit> hits = new ArrayList<>(result.hits());
      if (hits.size() > with) {
        Collections.swap(hits, 0, with);
      }
      return new SearchResult(hits, result.visited());
    }
  }
}
