// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.cli.run;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Index;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import io.deepretrieval.index.ExactIndex;
import io.deepretrieval.testkit.IndexContract;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class IndexViewContractTest extends IndexContract {
  /** Behind other ids, the other way round, and each vector twice where only one is shown. */
  @Override
  protected Index index(
      Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors) {
    ExactIndex inner = ExactIndex.builder(similarity).dimension(dimension).recipe(recipe).build();
    List<String> backwards = new ArrayList<>(vectors.keySet());
    Collections.reverse(backwards);
    for (String id : backwards) {
      Descriptor vector = Objects.requireNonNull(vectors.get(id));
      inner.add("of another set " + id, vector);
      inner.add("key of " + id, vector);
    }
    Map<String, String> idByKey = new LinkedHashMap<>();
    vectors.keySet().forEach(id -> idByKey.put("key of " + id, id));
    return new IndexView(inner, idByKey);
  }
}
