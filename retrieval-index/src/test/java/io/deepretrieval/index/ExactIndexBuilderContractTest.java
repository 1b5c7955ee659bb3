// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.IndexBuilder;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.IndexBuilderContract;

class ExactIndexBuilderContractTest extends IndexBuilderContract {
  @Override
  protected IndexBuilder builder(Similarity similarity) {
    return ExactIndex.builder(similarity);
  }

  @Override
  protected IndexBuilder builder(Similarity similarity, int dimension) {
    return ExactIndex.builder(similarity).dimension(dimension);
  }
}
