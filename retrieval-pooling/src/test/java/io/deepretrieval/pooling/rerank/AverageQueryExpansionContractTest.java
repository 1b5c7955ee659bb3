// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.testkit.RerankerContract;

class AverageQueryExpansionContractTest extends RerankerContract {
  @Override
  protected Reranker reranker() {
    return new AverageQueryExpansion(5);
  }
}
