// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.eval;

import io.deepretrieval.SearchHit;
import java.util.List;

/** The scorer, for tests of the packages above. */
public final class TestScorer {
  private final Scorer scorer;

  public TestScorer(RetrievalDataSet set, int keep) {
    this.scorer = new Scorer(set, keep);
  }

  public List<QueryImage> questions() {
    return scorer.questions();
  }

  public int depth(int databaseSize) {
    return scorer.depth(databaseSize);
  }

  public void found(QueryImage question, List<SearchHit> hits) {
    scorer.found(question, hits);
  }

  public List<ProtocolResult> results() {
    return scorer.results();
  }
}
