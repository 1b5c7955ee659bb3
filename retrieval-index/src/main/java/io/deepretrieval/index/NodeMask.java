// SPDX-License-Identifier: Apache-2.0
package io.deepretrieval.index;

import io.github.jbellis.jvector.util.Bits;

/** Which nodes pass a filter; the walk asks whether a node or a copy of it does. */
final class NodeMask implements Bits {
  private final long[] words;
  private final long[] chains;
  private final int count;

  NodeMask(GraphRows rows, AdjacencyFile links, Selection.RowFilter allowed) {
    this.words = new long[(rows.size() + 63) >> 6];
    int n = 0;
    for (int node = 0; node < rows.size(); node++) {
      int b = rows.block(node);
      if (allowed.allows(rows.rows.block(b).storage, rows.row(node, b))) {
        words[node >> 6] |= 1L << node;
        n++;
      }
    }
    this.count = n;
    this.chains = words.clone();
    for (int node = rows.size() - 1; node >= 0; node--) {
      int next = links.next(node);
      if (next >= 0 && get(next)) {
        chains[node >> 6] |= 1L << node;
      }
    }
  }

  @Override
  public boolean get(int node) {
    return (chains[node >> 6] & 1L << node) != 0;
  }

  /** Says whether the node itself passes. */
  boolean passes(int node) {
    return (words[node >> 6] & 1L << node) != 0;
  }

  /** How many nodes pass. */
  int count() {
    return count;
  }
}
