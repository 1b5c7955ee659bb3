// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.deepretrieval.Descriptor;
import io.deepretrieval.Recipe;
import java.util.List;

/** Checks that vectors fit an index. */
final class DimensionChecks {
  /** Keeps n·u of the error bound below 1/16, and a block of one row in an int of bytes. */
  static final int MAX_DIMENSION = 1 << 20;

  private DimensionChecks() {}

  static void requireDimension(int dimension) {
    if (dimension < 1 || dimension > MAX_DIMENSION) {
      throw new IllegalArgumentException(
          "dimension must be between 1 and " + MAX_DIMENSION + " but was " + dimension);
    }
  }

  static void requireFit(
      int dimension, Recipe recipe, Descriptor descriptor, String owner, String what) {
    if (descriptor.dimension() != dimension) {
      throw new IllegalArgumentException(
          "descriptor dimension must be "
              + dimension
              + " (this "
              + owner
              + ") but was "
              + descriptor.dimension()
              + " ("
              + what
              + ")");
    }
    recipe.requireSame(descriptor.recipe(), what);
  }

  static void requireFit(int dimension, Recipe recipe, List<Descriptor> queries) {
    for (int q = 0; q < queries.size(); q++) {
      requireFit(dimension, recipe, queries.get(q), "index", "query " + q);
    }
  }

  static IllegalArgumentException duplicate(String id, String owner) {
    return new IllegalArgumentException(
        "id must be new to this " + owner + " but '" + id + "' is present");
  }
}
