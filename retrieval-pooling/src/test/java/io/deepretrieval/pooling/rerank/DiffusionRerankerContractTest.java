// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.pooling.rerank;

import io.deepretrieval.Reranker;
import io.deepretrieval.testkit.RerankerContract;

class DiffusionRerankerContractTest extends RerankerContract {
  @Override
  protected Reranker reranker() {
    return DiffusionReranker.builder().top(40).neighbors(8).sources(5).build();
  }
}
