// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

/** What takes the scores of one query with the rows, for one thread. */
interface Collector {
  /** Scores below it need not be offered. */
  float threshold();

  /** Takes a score of at least {@link #threshold}. Positions come in any order, each once. */
  void add(float score, int position);
}
