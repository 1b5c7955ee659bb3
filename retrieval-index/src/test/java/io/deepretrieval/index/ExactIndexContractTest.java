// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.testkit.MutableIndexContract;
import java.util.Map;

class ExactIndexContractTest extends MutableIndexContract {
  @Override
  protected MutableIndex index(
      Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors) {
    ExactIndex.Builder builder =
        ExactIndex.builder(similarity).dimension(dimension).recipe(recipe).threads(2);
    vectors.forEach(builder::add);
    return builder.build();
  }
}
