// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.testkit;

import io.deepretrieval.Descriptor;
import io.deepretrieval.MutableIndex;
import io.deepretrieval.Recipe;
import io.deepretrieval.Similarity;
import java.util.Map;

/** Shows that the contract can be kept. */
class NaiveIndexTest extends MutableIndexContract {
  @Override
  protected MutableIndex index(
      Similarity similarity, int dimension, Recipe recipe, Map<String, Descriptor> vectors) {
    return new NaiveIndex(similarity, dimension, recipe, vectors);
  }
}
